/* Tells ThreadSanitizer what Synchronization.Mutex does where two threads meet at one.
 *
 * The uncontended path of a mutex is compiled into our code, where ThreadSanitizer sees its atomic operations. The
 * contended path, `_lockSlow` and `_unlockSlow`, is in the Swift runtime, which is not instrumented: without this,
 * everything that such a mutex guards is reported as a race. Preloaded, this library takes the place of those functions,
 * calls them, and says what they have done.
 *
 * They are methods of `_MutexHandle`: `self` is the address of the mutex's word, the parameter the thread's number. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

/* Weak, since the programs between `env` and the one under test do not have them. */
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

static void *next(const char *name) {
    void *function = dlsym(RTLD_NEXT, name);
    if (!function) abort();
    return function;
}

SWIFT void lock_slow(uint32_t thread, SELF void *self) __asm__("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
SWIFT void lock_slow(uint32_t thread, SELF void *self) {
    static SWIFT void (*real)(uint32_t, SELF void *);
    if (!real) real = (SWIFT void (*)(uint32_t, SELF void *))next("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
    real(thread, self);
    if (__tsan_acquire) __tsan_acquire(self);
}

SWIFT _Bool try_lock_slow(SELF void *self) __asm__("$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF");
SWIFT _Bool try_lock_slow(SELF void *self) {
    static SWIFT _Bool (*real)(SELF void *);
    if (!real) real = (SWIFT _Bool (*)(SELF void *))next("$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF");
    _Bool locked = real(self);
    if (locked && __tsan_acquire) __tsan_acquire(self);
    return locked;
}

SWIFT void unlock_slow(SELF void *self) __asm__("$s15Synchronization12_MutexHandleV11_unlockSlowyyF");
SWIFT void unlock_slow(SELF void *self) {
    static SWIFT void (*real)(SELF void *);
    if (!real) real = (SWIFT void (*)(SELF void *))next("$s15Synchronization12_MutexHandleV11_unlockSlowyyF");
    if (__tsan_release) __tsan_release(self);
    real(self);
}
