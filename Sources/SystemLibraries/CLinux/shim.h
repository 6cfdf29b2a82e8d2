#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <pthread.h>
/* Swift compiles without _GNU_SOURCE, which hides it. */
int pthread_setname_np(pthread_t thread, const char *name);

/* Of <spawn.h>, which declares them for GNU programs only. */
#include <spawn.h>
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
