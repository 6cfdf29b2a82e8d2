/* A small cache in memory that misbehaves as its parameter 'behaviour' says. Compiled with the header alone. */
#include "gateway_cache_plugin.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef TYPE
#define TYPE "chaos"
#endif
#ifndef THREADS
#define THREADS GW_THREADS_CONCURRENT
#endif
#ifndef MAX_BATCH
#define MAX_BATCH 0
#endif
#ifndef STRUCT_SIZE
#define STRUCT_SIZE sizeof(gw_plugin)
#endif
#ifndef GET
#define GET get
#endif
#ifndef MAX_THREADS
#define MAX_THREADS 0
#endif
#ifndef MAX_KEY
#define MAX_KEY 0
#endif
#ifndef START
#define START NULL
#endif
#ifndef CAPABILITIES
#define CAPABILITIES (GW_CAP_DELETE | GW_CAP_FLUSH | GW_CAP_STATS)
#endif
#define SLOTS 4096
#define WORKERS 3

struct entry { char key[513]; void *value; uint64_t n; };
struct job { struct job *next; uint64_t id; };

struct gw_cache {
    const gw_host *host;
    char behaviour[32];
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct entry entries[SLOTS];
    struct job *jobs;
    uint64_t held[64];
    int n_held, stop;
    pthread_t workers[WORKERS];
    _Atomic uint64_t given, returned, running, most, calls, cancels, duplicates;
    _Atomic int freed; /* set by stats: "stuck" ends */
    unsigned char *leases; /* 1: out, 2: back */
};
#define LEASES (1u << 20)

static const char *const behaviours[] = {"inline", "thread", "before", "twice", "never", "hold", "both", "unknown",
    "refuse", "fail", "huge", "null", "item", "slow", "empty", "partial", "whole", "stuck", "readonly", "noping",
    "later", "hold-loop", "hang-create", "hang-start", "hang-shutdown", "hang-destroy", "fail-start", NULL};
static const gw_param params[] = {
    {sizeof(gw_param), GW_PARAM_ENUM, 0, 0, "behaviour", "How to misbehave", "inline", NULL, NULL, NULL, NULL, NULL, behaviours, 0, 0, 0, 0},
    {sizeof(gw_param), GW_PARAM_STRING, GW_PARAM_SECRET, 0, "password", "Opens the door", NULL, "CHAOS_PASSWORD", NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0},
    {sizeof(gw_param), GW_PARAM_BOOL, 0, 0, "broken", "Makes create fail", "false", NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0},
    {sizeof(gw_param), GW_PARAM_SIZE, GW_PARAM_HAS_MINIMUM, 0, "max_size", "Bytes", "1MB", NULL, NULL, NULL, NULL, NULL, NULL, 1024, 0, 0, 0},
#ifdef ROW
    ROW,
#endif
};

static void enter(gw_cache *c) {
    uint64_t now = atomic_fetch_add(&c->running, 1) + 1, most = atomic_load(&c->most);
    while (now > most && !atomic_compare_exchange_weak(&c->most, &most, now)) {}
    atomic_fetch_add(&c->calls, 1);
}
static void leave(gw_cache *c) { atomic_fetch_sub(&c->running, 1); }
static int is(gw_cache *c, const char *name) { return strcmp(c->behaviour, name) == 0; }

static void *work(void *arg) {
    gw_cache *c = arg;
    pthread_mutex_lock(&c->lock);
    for (;;) {
        while (!c->jobs && !c->stop) pthread_cond_wait(&c->wake, &c->lock);
        if (!c->jobs) break;
        struct job *job = c->jobs;
        c->jobs = job->next;
        pthread_mutex_unlock(&c->lock);
        c->host->complete(c->host, job->id, GW_OK);
        if (is(c, "twice")) c->host->complete(c->host, job->id, GW_OK);
        free(job);
        pthread_mutex_lock(&c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

static struct entry *find(gw_cache *c, gw_slice key, int make) {
    uint64_t h = 1469598103934665603u;
    for (uint64_t i = 0; i < key.n; i++) h = (h ^ ((const unsigned char *)key.p)[i]) * 1099511628211u;
    for (int i = 0; i < SLOTS; i++) {
        struct entry *e = &c->entries[(h + (uint64_t)i) % SLOTS];
        if (e->key[0] == 0) return make ? (memcpy(e->key, key.p, key.n), e->key[key.n] = 0, e) : NULL;
        if (strlen(e->key) == key.n && memcmp(e->key, key.p, key.n) == 0) return e;
    }
    return NULL;
}

static int32_t fail(gw_op *op) {
    memcpy(op->error->message, "no route to sesame", 18);
    op->error->length = 18;
    return GW_EUNAVAILABLE;
}

/* How the operation ends, for every kind. */
static int32_t end(gw_cache *c, gw_op *op, int go) {
    const gw_host *h = c->host;
    if (is(c, "before")) { h->complete(h, op->id, GW_OK); return GW_PENDING; }
    if (is(c, "both")) { h->complete(h, op->id, GW_OK); return GW_DONE; }
    if (is(c, "unknown")) { h->complete(h, 0xFFFFFFFF00000000u, GW_OK); h->complete(h, 0, GW_OK); return GW_DONE; }
    if (is(c, "refuse")) return GW_EBUSY;
    if (is(c, "stuck")) { while (!c->freed) usleep(1000); return GW_DONE; }
    if (is(c, "later")) return 9;
    if (is(c, "hold-loop")) { usleep(1500000); return GW_DONE; }
    if (is(c, "fail")) return fail(op);
    if (is(c, "slow")) { usleep(2000); return GW_DONE; }
    if (is(c, "never") || is(c, "partial") || is(c, "whole")) return GW_PENDING;
    if (is(c, "hold")) {
        pthread_mutex_lock(&c->lock);
        if (go) {
            for (int i = 0; i < c->n_held; i++) h->complete(h, c->held[i], GW_OK);
            c->n_held = 0;
            pthread_mutex_unlock(&c->lock);
            return GW_DONE;
        }
        if (c->n_held < 64) c->held[c->n_held++] = op->id;
        pthread_mutex_unlock(&c->lock);
        return GW_PENDING;
    }
    if (is(c, "thread") || is(c, "twice")) {
        struct job *job = malloc(sizeof *job);
        pthread_mutex_lock(&c->lock);
        job->id = op->id;
        job->next = c->jobs;
        c->jobs = job;
        pthread_cond_signal(&c->wake);
        pthread_mutex_unlock(&c->lock);
        return GW_PENDING;
    }
    return GW_DONE;
}

__attribute__((unused)) static int32_t get(gw_cache *c, gw_get_op *op) {
    enter(c);
    int go = op->keys[0].n == 2 && memcmp(op->keys[0].p, "go", 2) == 0;
    pthread_mutex_lock(&c->lock);
    for (uint32_t i = 0; i < op->n; i++) {
        gw_result *r = (gw_result *)((char *)op->results + (size_t)i * op->result_stride);
        struct entry *e = find(c, op->keys[i], 0);
        if (is(c, "item")) r->status = GW_EUNAVAILABLE;
        else if (is(c, "later") && op->n > 1) r->status = 7;
        else if (is(c, "huge")) { r->status = GW_OK; r->value = (gw_slice){"x", UINT64_MAX}; }
        else if (is(c, "null")) { r->status = GW_OK; r->value = (gw_slice){NULL, 12}; }
        else if (e && e->value) {
            uint64_t lease = atomic_fetch_add(&c->given, 1) + 1;
            c->leases[lease % LEASES] = 1;
            *r = (gw_result){GW_OK, 0, {e->value, e->n}, lease, 60000};
        }
    }
    pthread_mutex_unlock(&c->lock);
    int32_t status = is(c, "later") && op->n > 1 ? GW_DONE : end(c, &op->op, go);
    leave(c);
    return status;
}

static int32_t set(gw_cache *c, gw_set_op *op) {
    enter(c);
    pthread_mutex_lock(&c->lock);
    for (uint32_t i = 0; i < op->n; i++) {
        const gw_item *item = (const gw_item *)((const char *)op->items + (size_t)i * op->item_stride);
        struct entry *e = find(c, item->key, 1);
        char *value = malloc(65536);
        uint64_t n = 0;
        for (uint32_t p = 0; p < item->n_parts; p++) {
            memcpy(value + n, item->parts[p].p, item->parts[p].n);
            n += item->parts[p].n;
        }
        e->value = value; /* the former one stays: it may be leased */
        e->n = n;
    }
    pthread_mutex_unlock(&c->lock);
    int32_t status = is(c, "readonly") ? fail(&op->op) : is(c, "hold") || is(c, "huge") || is(c, "null") || is(c, "item") ? GW_DONE : end(c, &op->op, 0);
    leave(c);
    return status;
}

static int32_t del(gw_cache *c, gw_del_op *op) {
    enter(c);
    pthread_mutex_lock(&c->lock);
    for (uint32_t i = 0; i < op->n; i++) {
        struct entry *e = find(c, op->keys[i], 0);
        if (e && e->value) e->value = NULL; else op->statuses[i] = GW_MISS;
    }
    pthread_mutex_unlock(&c->lock);
    leave(c);
    return GW_DONE;
}

static int32_t flush(gw_cache *c, gw_flush_op *op) {
    enter(c);
    for (int i = 0; i < SLOTS; i++)
        if (c->entries[i].value && strncmp(c->entries[i].key, op->prefix.p, op->prefix.n) == 0) {
            c->entries[i].value = NULL;
            op->removed++;
        }
    leave(c);
    return GW_DONE;
}

static int32_t ping(gw_cache *c, gw_plain_op *op) {
    enter(c);
    int32_t status = is(c, "noping") ? fail(&op->op) : end(c, &op->op, 0);
    leave(c);
    return status;
}

static void cancel(gw_cache *c, uint64_t id) {
    atomic_fetch_add(&c->cancels, 1);
    if (is(c, "partial")) c->host->complete(c->host, id, GW_EPARTIAL);
    if (is(c, "whole")) c->host->complete(c->host, id, GW_ETIMEOUT);
}

static void release(gw_cache *c, const uint64_t *leases, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        if (c->leases[leases[i] % LEASES] != 1) atomic_fetch_add(&c->duplicates, 1);
        c->leases[leases[i] % LEASES] = 2;
        atomic_fetch_add(&c->returned, 1);
    }
}

static void stats(gw_cache *c, const gw_stats *s) {
    c->freed = 1;
    s->add(s, "given", GW_STAT_COUNTER, c->given);
    s->add(s, "returned", GW_STAT_COUNTER, c->returned);
    s->add(s, "duplicates", GW_STAT_COUNTER, c->duplicates);
    s->add(s, "most", GW_STAT_GAUGE, c->most);
    s->add(s, "calls", GW_STAT_COUNTER, c->calls);
    s->add(s, "cancels", GW_STAT_COUNTER, c->cancels);
}

static int32_t create(const gw_host *host, const gw_params *p, gw_error *error, gw_cache **out) {
    gw_slice text;
    int32_t broken = 0;
    p->get_bool(p, "broken", &broken);
    if (broken) {
        gw_slice secret = {"", 0};
        p->get_string(p, "password", &secret);
        memcpy(error->message, "cannot open with ", 17);
        memcpy(error->message + 17, secret.p, secret.n);
        error->length = 17 + (uint32_t)secret.n;
        memcpy(error->parameter, "password", 8);
        error->parameter_length = 8;
        return GW_ECONFIG;
    }
    gw_cache *c = calloc(1, sizeof *c);
    c->host = host;
    c->leases = calloc(1, LEASES);
    if (p->get_string(p, "behaviour", &text) == GW_OK) memcpy(c->behaviour, text.p, text.n);
    if (is(c, "hang-create")) usleep(1300000);
    if (is(c, "later")) host->log(host, 99, (gw_slice){"of a later version", 18});
    if (p->get_string(p, "password", &text) == GW_OK) host->log(host, GW_LOG_INFO, text);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->wake, NULL);
    for (int i = 0; i < WORKERS; i++) pthread_create(&c->workers[i], NULL, work, c);
    *out = c;
    return GW_OK;
}

__attribute__((unused)) static int32_t start(gw_cache *c, gw_plain_op *op) {
    if (is(c, "hang-start")) usleep(1300000);
    return is(c, "fail-start") ? fail(&op->op) : GW_DONE;
}

static int32_t shutdown_(gw_cache *c, gw_plain_op *op) {
    (void)op;
    if (is(c, "hang-shutdown")) usleep(1300000);
    pthread_mutex_lock(&c->lock);
    c->stop = 1;
    pthread_cond_broadcast(&c->wake);
    pthread_mutex_unlock(&c->lock);
    for (int i = 0; i < WORKERS; i++) pthread_join(c->workers[i], NULL);
    return GW_DONE;
}

static void destroy(gw_cache *c) {
    if (is(c, "hang-destroy")) usleep(1300000);
    free(c->leases);
    free(c);
}

static const gw_plugin plugin = {
    .struct_size = STRUCT_SIZE, .abi_minor = GW_ABI_MINOR, .type = TYPE, .version = "1.2.0", .vendor = "tests",
    .summary = "A cache that misbehaves", .capabilities = CAPABILITIES, .threads = THREADS, .max_batch = MAX_BATCH,
    .max_value = 60000, .max_key = MAX_KEY, .max_threads = MAX_THREADS, .start = START, .params = params, .n_params = sizeof params / sizeof *params, .param_stride = sizeof(gw_param),
    .create = create, .get = GET, .set = set, .del = del, .ping = ping, .flush = flush, .cancel = cancel,
    .release = release, .stats = stats, .shutdown = shutdown_, .destroy = destroy,
};

#ifdef LARGER
/* As if compiled with a later minor of the header. */
static struct { gw_plugin plugin; void *more[4]; } larger;
#endif
#ifndef ENTRY
#define ENTRY gateway_cache_plugin_entry_v1
#endif
#ifndef NO_ENTRY
GW_EXPORT int32_t ENTRY(const gw_abi *host, const gw_plugin **out);
GW_EXPORT int32_t ENTRY(const gw_abi *host, const gw_plugin **out) {
    (void)host;
#ifdef REFUSAL
    host->error->length = sizeof REFUSAL - 1;
    memcpy(host->error->message, REFUSAL, sizeof REFUSAL - 1);
    return GW_ENOTSUP;
#endif
#ifdef LARGER
    larger.plugin = plugin;
    larger.plugin.struct_size = sizeof larger;
    memset(larger.more, 0xA5, sizeof larger.more);
    *out = &larger.plugin;
#else
    *out = &plugin;
#endif
    return GW_OK;
}
#else
const void *unused(void);
const void *unused(void) { return &plugin; }
#endif
