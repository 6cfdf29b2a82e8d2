/* A small cache in memory that keeps every rule of the interface but the one that its parameter 'offence' names.
 * Compiled with the header alone. Descriptors are wrong by -D. */
#include "gateway_cache_plugin.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
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
#define SLOTS 8192

/* A value is freed when the entry has let go of it and no lease is left. */
struct value { int uses; uint64_t n; char bytes[]; };
struct entry { char key[513]; struct value *value; uint64_t ends_ns; };

struct gw_cache {
    const gw_host *host;
    char offence[32];
    pthread_mutex_t lock;
    struct entry entries[SLOTS];
    gw_result *late_results;
    uint64_t shutdown_id;
    int leases, is_shutting_down;
};

static const gw_param params[] = {
    {sizeof(gw_param), GW_PARAM_STRING, 0, 0, "offence", "Which rule to break", "none", NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0},
    {sizeof(gw_param), GW_PARAM_INT, 0, RESERVED, "count", "A number", "1", NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0},
};

static int does(gw_cache *c, const char *offence) { return strcmp(c->offence, offence) == 0; }

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
        e->ends_ns = item->ttl_ms ? c->host->now_monotonic_ns(c->host) + item->ttl_ms * 1000000 : 0;
    }
    int32_t status = end(c, &op->op);
    pthread_mutex_unlock(&c->lock);
    return status;
}

static int32_t del(gw_cache *c, gw_del_op *op) {
    pthread_mutex_lock(&c->lock);
    for (uint32_t i = 0; i < op->n; i++) {
        struct entry *e = find(c, op->keys[i], 0);
        if (!live(c, e)) { op->statuses[i] = GW_MISS; continue; }
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
    pthread_mutex_lock(&c->lock);
    for (int i = 0; i < SLOTS; i++)
        if (c->entries[i].value && strncmp(c->entries[i].key, op->prefix.p, n) == 0) {
            drop(c->entries[i].value);
            c->entries[i].value = NULL;
            op->removed++;
        }
    int32_t status = end(c, &op->op);
    pthread_mutex_unlock(&c->lock);
    return status;
}

static int32_t ping(gw_cache *c, gw_plain_op *op) { return end(c, &op->op); }

static void cancel(gw_cache *c, uint64_t id) { (void)c, (void)id; }

static void release(gw_cache *c, const uint64_t *leases, uint32_t n) {
    pthread_mutex_lock(&c->lock);
    for (uint32_t i = 0; i < n; i++) {
        drop((struct value *)(uintptr_t)leases[i]);
        c->leases--;
    }
    uint64_t id = c->is_shutting_down && c->leases == 0 ? c->shutdown_id : 0;
    if (id) c->shutdown_id = 0;
    pthread_mutex_unlock(&c->lock);
    if (id) c->host->complete(c->host, id, GW_OK);
}

static void stats(gw_cache *c, const gw_stats *s) { s->add(s, "leases", GW_STAT_GAUGE, (uint64_t)c->leases); }

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
    if (does(c, "undeclared")) p->get_string(p, "host", &text);
    if (does(c, "wrong type")) p->get_string(p, "count", &text);
    pthread_mutex_init(&c->lock, NULL);
    *out = c;
    return GW_OK;
}

static int32_t shutdown_(gw_cache *c, gw_plain_op *op) {
    pthread_mutex_lock(&c->lock);
    c->is_shutting_down = 1;
    int waits = c->leases > 0 && !does(c, "hasty");
    if (waits) c->shutdown_id = op->op.id;
    pthread_mutex_unlock(&c->lock);
    return waits ? GW_PENDING : GW_DONE;
}

static void destroy(gw_cache *c) {
    if (does(c, "afterlife")) {
        pthread_t thread;
        pthread_create(&thread, NULL, linger, (void *)c->host);
        pthread_detach(thread);
    }
    for (int i = 0; i < SLOTS; i++) drop(c->entries[i].value);
    free(c);
}

static const gw_plugin plugin = {
    .struct_size = STRUCT_SIZE, .abi_minor = GW_ABI_MINOR, .type = "offender", .version = "1", .summary = SUMMARY,
    .capabilities = GW_CAP_TTL | GW_CAP_DELETE | GW_CAP_FLUSH | GW_CAP_STATS,
    .threads = GW_THREADS_CONCURRENT, .params = params, .n_params = sizeof params / sizeof *params,
    .param_stride = sizeof(gw_param), .create = create, .get = get, .set = set, .del = del,
    .ping = ping, .flush = FLUSH, .cancel = cancel, .release = release, .stats = stats, .shutdown = shutdown_,
    .destroy = destroy,
};

GW_EXPORT int32_t gateway_cache_plugin_entry_v1(const gw_abi *host, const gw_plugin **out) {
    (void)host;
    *out = &plugin;
    return GW_OK;
}
