#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <pthread.h>
/* Swift compiles without _GNU_SOURCE, which hides it. */
int pthread_setname_np(pthread_t thread, const char *name);

/* Of <spawn.h>, which declares them for GNU programs only. */
#include <spawn.h>
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

/* Of <sys/prctl.h>, which declares it with variable arguments. */
#include <sys/prctl.h>
static inline int gateway_end_with_parent(void) { return prctl(PR_SET_PDEATHSIG, 9, 0, 0, 0); }
