/* A small cache in memory that keeps every rule of the interface but the one that its parameter 'offence' names.
 * Compiled with the header alone. Descriptors, and what happens when the library is loaded, are wrong by -D. */
#define _GNU_SOURCE
#include "gateway_cache_plugin.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#ifndef STRUCT_SIZE
#define STRUCT_SIZE sizeof(gw_plugin)
#endif
#ifndef RESERVED
#define RESERVED 0
#endif
#ifndef SUMMARY
#define SUMMARY "Breaks one rule"
#endif
#ifndef FLUSH
#define FLUSH flush
#endif
#ifndef TYPE
#define TYPE "offender"
#endif
#ifndef VERSION
#define VERSION "1.0"
#endif
#ifndef CAPABILITIES
#define CAPABILITIES (GW_CAP_TTL | GW_CAP_DELETE | GW_CAP_FLUSH | GW_CAP_STATS)
#endif
#ifndef THREADS
#define THREADS GW_THREADS_CONCURRENT
#endif
#ifndef MAX_THREADS
#define MAX_THREADS 0
#endif
#ifndef MAX_KEY
#define MAX_KEY 0
#endif
/* What happens when the library is loaded, and each time that it is described. */
#ifndef AT_LOAD
#define AT_LOAD
#endif
#ifndef AT_ENTRY
#define AT_ENTRY
#endif
#define SLOTS 8192

/* A value is freed when the entry has let go of it and no lease is left. */
struct value { int uses; uint64_t n; char bytes[]; };
struct entry { char key[513]; struct value *value; uint64_t ends_ns; };

struct gw_cache {
    const gw_host *host;
    char offence[32];
    int token_is_wrong;
    const char *kept; /* a parameter's value, which is gone after create */
    pthread_t thread;
    uint64_t counter;
    pthread_mutex_t lock;
    struct entry entries[SLOTS];
    gw_result *late_results;
    uint64_t shutdown_id;
    int leases, is_shutting_down;
};

static const gw_param params[] = {
    {sizeof(gw_param), GW_PARAM_STRING, 0, 0, "offence", "Which rule to break", "none", "OFFENDER_OFFENCE", NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0},
    {sizeof(gw_param), GW_PARAM_INT, 0, RESERVED, "count", "A number", "1", NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0},
    {sizeof(gw_param), GW_PARAM_STRING, GW_PARAM_SECRET, 0, "token", "A secret", NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0},
#ifdef ROW
    ROW,
#endif
};

static int instances; /* of the process */

static void *sleeper(void *nothing) { for (;;) pause(); return nothing; }

__attribute__((unused)) static void start_thread(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, sleeper, NULL);
}

__attribute__((constructor, unused)) static void at_load(void) { AT_LOAD; }

static int does(gw_cache *c, const char *offence) { return strcmp(c->offence, offence) == 0; }

static struct entry *find(gw_cache *c, gw_slice key, int make) {
    uint64_t h = 1469598103934665603u;
    if (does(c, "key as text")) h += strlen(key.p);
    for (uint64_t i = 0; i < key.n && !does(c, "case"); i++) h = (h ^ ((const unsigned char *)key.p)[i]) * 1099511628211u;
    for (int i = 0; i < SLOTS; i++) {
        struct entry *e = &c->entries[(h + (uint64_t)i) % SLOTS];
        if (e->key[0] == 0) return make ? (memcpy(e->key, key.p, key.n), e->key[key.n] = 0, e) : NULL;
        if (strlen(e->key) == key.n && memcmp(e->key, key.p, key.n) == 0) return e;
        if (does(c, "case") && strlen(e->key) == key.n && strncasecmp(e->key, key.p, key.n) == 0) return e;
    }
    return NULL;
}

static void drop(struct value *v) {
    if (v && --v->uses == 0) free(v);
}

static struct value *live(gw_cache *c, struct entry *e) {
    if (!e || !e->value) return NULL;
    if (e->ends_ns && e->ends_ns <= c->host->now_monotonic_ns(c->host) && !does(c, "keep")) {
        drop(e->value);
        e->value = NULL;
    }
    return e->value;
}

/* How an operation ends. */
static int32_t end(gw_cache *c, gw_op *op) {
    const gw_host *h = c->host;
    if (does(c, "positive")) return 7;
    if (does(c, "never")) return GW_PENDING;
    if (does(c, "inline and completed")) { h->complete(h, op->id, GW_OK); return GW_DONE; }
    if (does(c, "twice")) {
        uint64_t id = op->id;
        h->complete(h, id, GW_OK);
        h->complete(h, id, GW_OK);
        return GW_PENDING;
    }
    if (does(c, "unknown")) { h->complete(h, 1ull << 60, GW_OK); return GW_DONE; }
    if (does(c, "status")) { h->complete(h, op->id, GW_MISS); return GW_PENDING; }
    if (does(c, "pending")) { h->complete(h, op->id, GW_OK); return GW_PENDING; }
    return GW_DONE;
}

static int32_t get(gw_cache *c, gw_get_op *op) {
    pthread_mutex_lock(&c->lock);
    size_t stride = does(c, "stride") ? sizeof(gw_result) : op->result_stride;
    for (uint32_t i = 0; i < op->n; i++) {
        gw_result *r = (gw_result *)((char *)op->results + i * stride);
        struct value *v = live(c, find(c, op->keys[i], 0));
        if (does(c, "impossible")) { r->status = GW_OK; r->value = (gw_slice){NULL, 12}; continue; }
        if (!v && does(c, "lease for a miss") && memmem(op->keys[i].p, op->keys[i].n, "none:", 5)) r->lease = 7;
        if (!v) { if (does(c, "stride")) r->status = GW_MISS; continue; }
        v->uses++;
        c->leases++;
        *r = (gw_result){GW_OK, 0, {v->bytes, v->n}, (uint64_t)(uintptr_t)v, 0};
        if (does(c, "no lease")) { v->uses--; c->leases--; r->lease = 0; }
    }
    if (does(c, "keys")) memset((void *)op->keys[0].p, 'x', 1);
    if (does(c, "scribble")) c->late_results = op->results;
    int32_t status = end(c, &op->op);
    pthread_mutex_unlock(&c->lock);
    return status;
}

static int32_t set(gw_cache *c, gw_set_op *op) {
    pthread_mutex_lock(&c->lock);
    if (c->late_results) { c->late_results->lease = 1; c->late_results = NULL; }
    for (uint32_t i = 0; i < op->n; i++) {
        const gw_item *item = (const gw_item *)((const char *)op->items + (size_t)i * op->item_stride);
        struct entry *e = find(c, item->key, 1);
        struct value *old = live(c, e);
        uint64_t n = 0;
        for (uint32_t p = 0; p < item->n_parts; p++) n += item->parts[p].n;
        struct value *v = does(c, "reuse") && old && old->n >= n ? old : calloc(1, sizeof *v + (size_t)n + 1);
        v->n = v == old ? v->n : n;
        n = 0;
        for (uint32_t p = 0; p < item->n_parts; p++) {
            if (item->parts[p].n) memcpy(v->bytes + n, item->parts[p].p, item->parts[p].n);
            n += item->parts[p].n;
        }
        if (v != old) {
            if (does(c, "no lease") && old) memset(old->bytes, 'x', old->n);
            else drop(old);
            v->uses = 1;
            e->value = v;
        }
        uint64_t now = c->host->now_monotonic_ns(c->host);
        int is_limited = item->ttl_ms && (does(c, "wrapping ttl") || item->ttl_ms < (UINT64_MAX - now) / 1000000);
        if (old && does(c, "old ttl")) continue;
        e->ends_ns = is_limited ? now + item->ttl_ms * 1000000 : 0;
    }
    int32_t status = end(c, &op->op);
    pthread_mutex_unlock(&c->lock);
    return status;
}

static int32_t del(gw_cache *c, gw_del_op *op) {
    pthread_mutex_lock(&c->lock);
    for (uint32_t i = 0; i < op->n; i++) {
        struct entry *e = find(c, op->keys[i], 0);
        if (!live(c, e)) { op->statuses[i] = does(c, "deletes nothing") ? GW_OK : GW_MISS; continue; }
        if (does(c, "undeletable")) continue;
        drop(e->value);
        e->value = NULL;
    }
    int32_t status = end(c, &op->op);
    pthread_mutex_unlock(&c->lock);
    return status;
}

__attribute__((unused)) static int32_t flush(gw_cache *c, gw_flush_op *op) {
    uint64_t n = does(c, "flush too much") ? op->prefix.n - 2 : op->prefix.n;
    char pattern[600];
    snprintf(pattern, sizeof pattern, "%.*s*", (int)op->prefix.n, (const char *)op->prefix.p);
    if (does(c, "exit in flush")) exit(0);
    pthread_mutex_lock(&c->lock);
    if (does(c, "one flushed too many")) op->removed++;
    for (int i = 0; i < SLOTS; i++)
        if (c->entries[i].value
            && (does(c, "pattern") ? fnmatch(pattern, c->entries[i].key, 0) == 0
                                   : strncmp(c->entries[i].key, op->prefix.p, n) == 0)) {
            drop(c->entries[i].value);
            c->entries[i].value = NULL;
            op->removed++;
        }
    int32_t status = end(c, &op->op);
    pthread_mutex_unlock(&c->lock);
    return status;
}

static int32_t ping(gw_cache *c, gw_plain_op *op) {
    if (does(c, "crash in ping")) *(volatile int *)8 = 1;
    if (does(c, "abort in ping")) abort();
    if (does(c, "output")) { printf("pinged\n"); fflush(stdout); }
    if (does(c, "hang in ping")) for (;;) pause();
    if (does(c, "large host") && ((const char *)(c->host + 1))[0] == 77) return GW_EINTERNAL;
    if (does(c, "kept parameter") && c->kept[0] == 77) return GW_EINTERNAL;
    if (does(c, "ping twice")) { c->host->complete(c->host, op->op.id, GW_OK); c->host->complete(c->host, op->op.id, GW_OK); return GW_PENDING; }
    if (does(c, "ping never")) return GW_PENDING;
    if (does(c, "ping with another status")) return -99;
    return end(c, &op->op);
}

static void cancel(gw_cache *c, uint64_t id) { (void)c, (void)id; }

static void release(gw_cache *c, const uint64_t *leases, uint32_t n) {
    pthread_mutex_lock(&c->lock);
    if (does(c, "one lease more") && leases[n] == 77) n++;
    for (uint32_t i = 0; i < n; i++) {
        if (!does(c, "keeps values")) drop((struct value *)(uintptr_t)leases[i]);
        c->leases--;
    }
    uint64_t id = c->is_shutting_down && c->leases == 0 ? c->shutdown_id : 0;
    if (id) c->shutdown_id = 0;
    pthread_mutex_unlock(&c->lock);
    if (id) c->host->complete(c->host, id, GW_OK);
}

static void stats(gw_cache *c, const gw_stats *s) {
    if (does(c, "no figures")) return;
    s->add(s, does(c, "odd figure") ? "Leases!" : "leases", does(c, "odd kind") ? 9 : GW_STAT_GAUGE, (uint64_t)c->leases);
    s->add(s, "calls", GW_STAT_COUNTER, does(c, "shrinking counter") ? 1000 - c->counter++ : c->counter++);
}

static void on_signal(int number) { (void)number; }

static void *linger(void *host) {
    usleep(20000);
    ((const gw_host *)host)->log(host, GW_LOG_INFO, (gw_slice){"still here", 10});
    return NULL;
}

static int32_t create(const gw_host *host, const gw_params *p, gw_error *error, gw_cache **out) {
    (void)error;
    gw_slice text;
    gw_cache *c = calloc(1, sizeof *c);
    c->host = host;
    if (p->get_string(p, "offence", &text) == GW_OK) memcpy(c->offence, text.p, text.n < 31 ? text.n : 31);
    if (does(c, "one instance") && instances > 0) { free(c); error->code = GW_ECONFIG; error->length = 7; memcpy(error->message, "one is\n", 7); return GW_ECONFIG; }
    instances++;
    if (p->get_string(p, "token", &text) == GW_OK) c->token_is_wrong = text.n == 5 && memcmp(text.p, "wrong", 5) == 0;
    if (does(c, "slow create")) usleep(1100000);
    if (does(c, "hang in create")) for (;;) pause();
    if (does(c, "kept parameter") && p->get_string(p, "offence", &text) == GW_OK) c->kept = text.p;
    if (does(c, "own environment") && getenv("OFFENDER_OFFENCE")) return GW_ECONFIG;
    if (does(c, "thread")) pthread_create(&c->thread, NULL, sleeper, NULL);
    if (does(c, "open file")) (void)!open("/dev/null", O_RDONLY);
    if (does(c, "lost memory")) memset(malloc(1 << 20), 1, 1 << 20);
    if (does(c, "directory")) (void)!chdir("/tmp");
    if (does(c, "variable")) setenv("OFFENDER", "1", 1);
    if (does(c, "signal")) signal(SIGUSR1, on_signal);
    if (does(c, "told secret") && p->get_string(p, "token", &text) == GW_OK) host->log(host, GW_LOG_INFO, text);
    if (does(c, "undeclared")) p->get_string(p, "host", &text);
    if (does(c, "wrong type")) p->get_string(p, "count", &text);
    pthread_mutex_init(&c->lock, NULL);
    *out = c;
    return GW_OK;
}

/* Accepts every token but those of the checks, which it repeats if it is so compiled. */
static int32_t validate(const gw_params *p, gw_error *error) {
    gw_slice token = {NULL, 0};
    p->get_string(p, "token", &token);
    (void)error;
#ifdef REPEATS_SECRETS
    if (token.n) {
        error->code = GW_ECONFIG;
        error->length = token.n < 400 ? (uint32_t)token.n : 400;
        memcpy(error->message, token.p, error->length);
        return GW_ECONFIG;
    }
#endif
#ifdef NAMES_NOTHING
    if (token.n) {
        error->length = error->parameter_length = 7;
        memcpy(error->message, "nothing", 7);
        memcpy(error->parameter, "nothing", 7);
        return GW_ECONFIG;
    }
#endif
#ifdef NO_REASON
    if (token.n) return GW_ECONFIG;
#endif
    return GW_OK;
}

#ifdef EXTENSION
struct extension { uint32_t struct_size, reserved; void *functions[4]; };
static const struct extension extensions[2] = {{EXTENSION, 0, {NULL}}, {EXTENSION, 0, {NULL}}};

#ifndef OFFERS
#define OFFERS (strcmp(id, "gateway.scan/1") == 0 ? &extensions[0] : NULL)
#endif
static const void *get_extension(const char *id) {
    static int calls;
    (void)id, calls++;
    return OFFERS;
}
#endif

#ifdef HAS_START
/* Fails if the token is 'wrong'. */
static int32_t start(gw_cache *c, gw_plain_op *op) {
    HAS_START;
    if (c->token_is_wrong && op->op.error) {
        op->op.error->code = GW_EAUTH;
        op->op.error->length = does(c, "no reason") ? 0 : 15;
        memcpy(op->op.error->message, "the token is no", 15);
    }
    return c->token_is_wrong ? GW_EAUTH : GW_DONE;
}
#endif

static int32_t shutdown_(gw_cache *c, gw_plain_op *op) {
    pthread_mutex_lock(&c->lock);
    c->is_shutting_down = 1;
    int waits = c->leases > 0 && !does(c, "hasty");
    if (waits) c->shutdown_id = op->op.id;
    pthread_mutex_unlock(&c->lock);
    return waits ? GW_PENDING : GW_DONE;
}

static void destroy(gw_cache *c) {
    instances--;
    if (does(c, "slow destroy")) usleep(1100000);
    if (does(c, "afterlife")) {
        pthread_t thread;
        pthread_create(&thread, NULL, linger, (void *)c->host);
        pthread_detach(thread);
    }
    for (int i = 0; i < SLOTS; i++) drop(c->entries[i].value);
    free(c);
}

static const gw_plugin plugin = {
    .struct_size = STRUCT_SIZE, .abi_minor = GW_ABI_MINOR, .type = TYPE, .version = VERSION, .summary = SUMMARY,
    .capabilities = CAPABILITIES, .threads = THREADS, .max_threads = MAX_THREADS, .max_key = MAX_KEY,
    .params = params, .n_params = sizeof params / sizeof *params, .param_stride = sizeof(gw_param),
    .validate = validate, .create = create, .get = get, .set = set, .del = del, .ping = ping, .flush = FLUSH,
    .cancel = cancel, .release = release, .stats = stats, .shutdown = shutdown_, .destroy = destroy,
#ifdef HAS_START
    .start = start,
#endif
#ifdef EXTENSION
    .get_extension = get_extension,
#endif
};

#ifdef EXTRA_EXPORT
GW_EXPORT int another_function(void) { return 0; }
#endif

GW_EXPORT int32_t gateway_cache_plugin_entry_v1(const gw_abi *host, const gw_plugin **out) {
    (void)host;
    __attribute__((unused)) static gw_plugin copies[1024];
    static int calls;
    copies[calls & 1023] = plugin;
    calls++;
    *out = &plugin;
    AT_ENTRY;
    return GW_OK;
}
