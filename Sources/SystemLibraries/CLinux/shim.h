#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <pthread.h>
/* Swift compiles without _GNU_SOURCE, which hides it. */
int pthread_setname_np(pthread_t thread, const char *name);
