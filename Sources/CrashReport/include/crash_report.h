/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last line of a process that a cache plugin ends: which plugin, and in which of its functions.
 *
 * A thread that calls a plugin names the call with crash_report_mark. If the process then crashes on that thread, or
 * exits on it, one line is written to standard error. Everything that is printed was prepared before; the handler
 * allocates nothing, takes no lock, and then lets the signal have its default effect.
 */
#ifndef CRASH_REPORT_H
#define CRASH_REPORT_H

#include <stdint.h>

/* The calls of one plugin by one thread. */
typedef struct crash_report_calls {
    /* The plugin's title, in UTF-8 without control characters. Lives as long as the process. */
    const char *title;
    /* The call: its number, shifted left by eight, and its function as an index of crash_report_functions, 0 for none. */
    const uint64_t *word;
} crash_report_calls;

/* The functions' names, by index. 0 is none. */
extern const char *const crash_report_functions[];
extern const uint32_t crash_report_function_count;

/* The first of them, for Swift, which does not import an array of unknown length. */
static inline const char *const *crash_report_functions_start(void) { return crash_report_functions; }

/* What this thread calls, or called last. */
extern _Thread_local const crash_report_calls *crash_report_current;

/* [any-thread] Names the calls that this thread makes from now on. calls lives as long as the thread uses it. */
static inline void crash_report_mark(const crash_report_calls *calls) { crash_report_current = calls; }

/* Whether this process is a copy of the gateway, which a plugin has made by fork. Only the copying thread exists in it. */
extern int crash_report_is_copy;

/* [any-thread] A call has returned. If that is in a copy of the process, the copy ends: it must not go on serving the
 * gateway's connections. */
static inline void crash_report_returned(void) {
    extern void crash_report_end_copy(void);
    if (__builtin_expect(crash_report_is_copy, 0)) crash_report_end_copy();
}

/* Installs the handlers of SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP and SIGSYS, of exit and of fork. */
void crash_report_install(void);

/* [any-thread] From now on the gateway itself does not call exit, so that whoever does is a plugin. */
void crash_report_expect_no_exit(void);

/* [any-thread] Whether the line is a JSON object. Text is the default. */
void crash_report_use_json(int json);

/* [any-thread] Gives this thread a stack of its own for the handlers, so that a stack overflow is reported too. */
void crash_report_prepare_thread(void);

/* [any-thread] Notes the addresses of a loaded library, so that a crash in a thread of the plugin's own is reported
 * with the plugin's title. Both texts are copied. At most 64 libraries are noted. */
void crash_report_note_library(const char *path, const char *title);

#endif
