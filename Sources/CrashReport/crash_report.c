/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "crash_report.h"

#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

const char *const crash_report_functions[] = {"",     "its initialisers", "its entry function", "validate",
                                              "create", "start",  "get",     "set",
                                              "del",  "ping",   "flush",    "cancel",
                                              "release", "stats", "shutdown", "destroy",
                                              "get_extension"};
const uint32_t crash_report_function_count = sizeof crash_report_functions / sizeof *crash_report_functions;

_Thread_local const crash_report_calls *crash_report_current;

static _Atomic int is_json, expects_no_exit;
static atomic_flag is_reported = ATOMIC_FLAG_INIT;

/* ---- Libraries ---- */

enum { MOST_LIBRARIES = 64, ALTERNATE_STACK = 64 << 10 };

static struct library {
    uintptr_t first, end;
    char *title;
} libraries[MOST_LIBRARIES];
static _Atomic uint32_t library_count;

struct search {
    const char *path;
    uintptr_t first, end;
};

static int note_range(struct dl_phdr_info *info, size_t size, void *context) {
    (void)size;
    struct search *search = context;
    if (!info->dlpi_name || strcmp(info->dlpi_name, search->path) != 0) return 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X)) continue;
        uintptr_t first = info->dlpi_addr + segment->p_vaddr, end = first + segment->p_memsz;
        if (!search->end || first < search->first) search->first = first;
        if (end > search->end) search->end = end;
    }
    return 1;
}

void crash_report_note_library(const char *path, const char *title) {
    struct search search = {path, 0, 0};
    dl_iterate_phdr(note_range, &search);
    if (!search.end) return;
    uint32_t count = atomic_load(&library_count);
    for (uint32_t i = 0; i < count && i < MOST_LIBRARIES; i++)
        if (libraries[i].first == search.first) return;
    char *copy = strdup(title);
    if (!copy) return;
    uint32_t index = atomic_fetch_add(&library_count, 1);
    if (index >= MOST_LIBRARIES) {
        atomic_store(&library_count, MOST_LIBRARIES);
        free(copy);
        return;
    }
    libraries[index].end = search.end;
    libraries[index].title = copy;
    libraries[index].first = search.first; /* last: an address is looked up only between first and end */
}

static const char *title_at(uintptr_t address) {
    uint32_t count = atomic_load(&library_count);
    for (uint32_t i = 0; i < count && i < MOST_LIBRARIES; i++)
        if (libraries[i].first && address >= libraries[i].first && address < libraries[i].end)
            return libraries[i].title;
    return NULL;
}

/* ---- The line. Only async-signal-safe functions from here on. ---- */

struct line {
    char bytes[2048];
    size_t length;
    int json;
};

static void put_byte(struct line *line, char byte) {
    if (line->length < sizeof line->bytes - 8) line->bytes[line->length++] = byte;
}

/* Text of our own, which needs no escapes. */
static void put(struct line *line, const char *text) {
    for (; *text; text++) put_byte(line, *text);
}

/* Text of the plugin's. */
static void put_escaped(struct line *line, const char *text) {
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte < 0x20 || byte == 0x7F) byte = ' ';
        if (line->json && (byte == '"' || byte == '\\')) put_byte(line, '\\');
        put_byte(line, (char)byte);
    }
}

static void put_digits(struct line *line, int64_t value, int count) {
    char digits[20];
    for (int i = count - 1; i >= 0; i--) {
        digits[i] = (char)('0' + value % 10);
        value /= 10;
    }
    for (int i = 0; i < count; i++) put_byte(line, digits[i]);
}

/* The time as RFC 3339 in UTC. gmtime_r is not async-signal-safe. */
static void put_time(struct line *line) {
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t days = now.tv_sec / 86400, rest = now.tv_sec % 86400;
    /* Days since 1 March 0000, as eras of 400 years. */
    int64_t z = days + 719468, era = z / 146097, day = z - era * 146097;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t of_year = day - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;
    int64_t of_month = of_year - (153 * month + 2) / 5 + 1;
    month = month < 10 ? month + 3 : month - 9;
    year += era * 400 + (month <= 2);
    put_digits(line, year, 4), put_byte(line, '-'), put_digits(line, month, 2), put_byte(line, '-');
    put_digits(line, of_month, 2), put_byte(line, 'T'), put_digits(line, rest / 3600, 2), put_byte(line, ':');
    put_digits(line, rest / 60 % 60, 2), put_byte(line, ':'), put_digits(line, rest % 60, 2), put_byte(line, '.');
    put_digits(line, now.tv_nsec / 1000000, 3), put_byte(line, 'Z');
}

static void begin(struct line *line) {
    line->length = 0;
    line->json = atomic_load(&is_json);
    if (line->json) put(line, "{\"time\":\"");
    put_time(line);
    put(line, line->json ? "\",\"level\":\"critical\",\"message\":\"" : " critical ");
}

static void end(struct line *line) {
    if (line->json) {
        memcpy(line->bytes + line->length, "\"}", 2);
        line->length += 2;
    }
    line->bytes[line->length++] = '\n';
    for (size_t done = 0; done < line->length;) {
        ssize_t count = write(STDERR_FILENO, line->bytes + done, line->length - done);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;
        done += (size_t)count;
    }
}

/* The function that this thread is calling; 0: none. */
static uint32_t present_call(void) {
    const crash_report_calls *calls = crash_report_current;
    if (!calls) return 0;
    uint32_t function = (uint32_t)(__atomic_load_n(calls->word, __ATOMIC_RELAXED) & 0xFF);
    return function < crash_report_function_count ? function : 0;
}

/* Lets the thread that writes the log write what is queued, so that our line is the last one. */
static void let_log_be_written(void) {
    struct timespec pause = {0, 50000000};
    nanosleep(&pause, NULL);
}

static const char *name_of(int number) {
    switch (number) {
    case SIGSEGV: return "SIGSEGV";
    case SIGBUS: return "SIGBUS";
    case SIGILL: return "SIGILL";
    case SIGFPE: return "SIGFPE";
    case SIGABRT: return "SIGABRT";
    case SIGTRAP: return "SIGTRAP";
    case SIGSYS: return "SIGSYS";
    default: return "a signal";
    }
}

static uintptr_t address_of(const void *context) {
    const ucontext_t *state = context;
#if defined(__x86_64__)
    return (uintptr_t)state->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return (uintptr_t)state->uc_mcontext.pc;
#else
    (void)state;
    return 0;
#endif
}

static void crashed(int number, siginfo_t *info, void *context) {
    (void)info;
    uint32_t function = present_call();
    const char *own = function ? NULL : title_at(address_of(context));
    if ((function || own) && !atomic_flag_test_and_set(&is_reported)) {
        let_log_be_written();
        struct line line;
        begin(&line);
        put_escaped(&line, function ? crash_report_current->title : own);
        put(&line, " crashed in ");
        put(&line, function ? crash_report_functions[function] : "a thread of its own");
        put(&line, " (");
        put(&line, name_of(number));
        put(&line, "), which ends the gateway");
        end(&line);
    }
    /* The handler was reset by SA_RESETHAND: a fault happens again at the same instruction, with its default effect. A
     * signal that was sent, as by abort, is sent again. */
    raise(number);
}

static void exited(void) {
    uint32_t function = present_call();
    int is_foreign = !function && atomic_load(&expects_no_exit) && libraries[0].first;
    if ((!function && !is_foreign) || crash_report_is_copy || atomic_flag_test_and_set(&is_reported)) return;
    let_log_be_written();
    struct line line;
    begin(&line);
    put_escaped(&line, function ? crash_report_current->title : libraries[0].title);
    put(&line, " called exit in ");
    put(&line, function ? crash_report_functions[function] : "a thread of its own");
    put(&line, ", which ends the gateway (rule P-2)");
    end(&line);
}

int crash_report_is_copy;

static void copied(void) { crash_report_is_copy = 1; }

void crash_report_end_copy(void);
void crash_report_end_copy(void) {
    struct line line;
    begin(&line);
    put_escaped(&line, crash_report_current ? crash_report_current->title : "a cache plugin");
    put(&line, " has forked the gateway without exec (rule P-2); the copy ends");
    end(&line);
    _exit(70);
}

/* ---- Setting up ---- */

void crash_report_install(void) {
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = crashed;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | (int)SA_RESETHAND | SA_NODEFER;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) sigaction(numbers[i], &action, NULL);
    atexit(exited);
    pthread_atfork(NULL, NULL, copied);
    crash_report_prepare_thread();
}

void crash_report_expect_no_exit(void) { atomic_store(&expects_no_exit, 1); }

void crash_report_use_json(int json) { atomic_store(&is_json, json != 0); }

void crash_report_prepare_thread(void) {
    stack_t present;
    if (sigaltstack(NULL, &present) != 0 || !(present.ss_flags & SS_DISABLE)) return;
    void *memory = mmap(NULL, ALTERNATE_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED) return;
    stack_t stack = {.ss_sp = memory, .ss_size = ALTERNATE_STACK, .ss_flags = 0};
    if (sigaltstack(&stack, NULL) != 0) munmap(memory, ALTERNATE_STACK);
}
