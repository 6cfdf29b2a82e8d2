/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cache plugin that keeps answers in a file: they survive a restart, its size is bounded, and a process that is killed
 * leaves it whole. `type: disk` loads it. store.c has the file; this is what the interface asks of a plugin that waits
 * for a disk, GW_THREADS_BLOCKING: the host calls it from threads of its own, each of which takes a connection.
 */
#define _GNU_SOURCE /* for waiting on the monotonic clock */
#include "store.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Whether a struct of the host has at least the fields of version 1.0 (rule L-1). */
#define IS_READABLE(p, size_1_0) ((p) != NULL && (p)->struct_size >= (size_1_0))

#define MAX_STORES 8

struct gw_cache {
    const gw_host *host;
    char *path;
    uint64_t max_size;
    pthread_mutex_t pool; /* held only to take or give a store */
    pthread_cond_t given;
    struct store *idle[MAX_STORES];
    int n_idle, n_open;
    pthread_mutex_t writer; /* SQLite has one writer at a time; here they wait in turn, without polling */
    atomic_uint_fast64_t hits, misses, evictions, items, bytes; /* what stats reports, without the disk */
    atomic_uint_fast64_t users; /* operations, values that the host reads, and one for the instance until shutdown */
    atomic_uint_fast64_t shutdown_id; /* the operation that the last user completes; 0: none */
    atomic_bool is_closed;
    atomic_bool is_down; /* as it was last reported */
};

/* ---- Failures ------------------------------------------------------------- */

/* Says in one line what is wrong, and which parameter is at fault (NULL: none in particular). */
static int32_t refuse(gw_error *error, int32_t code, const char *parameter, const char *message) {
    if (!IS_READABLE(error, GW_ERROR_SIZE_1_0)) return code;
    size_t length = strlen(message), name_length = parameter ? strlen(parameter) : 0;
    if (length > sizeof error->message) length = sizeof error->message;
    if (name_length > sizeof error->parameter) name_length = sizeof error->parameter;
    error->code = code;
    error->length = (uint32_t)length;
    memcpy(error->message, message, length);
    error->parameter_length = (uint32_t)name_length;
    if (name_length) memcpy(error->parameter, parameter, name_length);
    return code;
}

/* Tells the host when the file begins to fail, and when it is well again (rule T-3: from any thread). */
static void report(gw_cache *cache, int is_down, const char *reason) {
    if (atomic_exchange(&cache->is_down, is_down) == is_down) return;
    gw_slice text = {reason, strlen(reason)};
    cache->host->health(cache->host, is_down ? GW_HEALTH_DOWN : GW_HEALTH_UP, text);
}

/* Whether a status of the store is about one item, so that the others go on (rule O-4). */
static int is_of_item(int32_t status) {
    return status == GW_OK || status == GW_MISS || status == GW_E2BIG || status == GW_ECORRUPT || status == GW_ENOSPC;
}

/* ---- Deadlines (rule O-6) -------------------------------------------------- */

struct limit {
    const gw_host *host;
    uint64_t deadline_ns; /* 0: none */
};

static int limit_is_over(void *context) {
    const struct limit *limit = context;
    return limit->deadline_ns != 0 && limit->host->now_monotonic_ns(limit->host) >= limit->deadline_ns;
}

/* The system's time at which to stop waiting for a lock: at the deadline of the operation, and after a minute at most. */
static struct timespec limit_end(const struct limit *limit) {
    uint64_t wait = 60000000000u;
    if (limit->deadline_ns) {
        uint64_t now = limit->host->now_monotonic_ns(limit->host);
        uint64_t left = limit->deadline_ns > now ? limit->deadline_ns - now : 0;
        if (left < wait) wait = left;
    }
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += (time_t)(wait / 1000000000u);
    end.tv_nsec += (long)(wait % 1000000000u);
    if (end.tv_nsec >= 1000000000L) {
        end.tv_sec++;
        end.tv_nsec -= 1000000000L;
    }
    return end;
}

/* ---- Users: what shutdown waits for ---------------------------------------- */

static void users_leave(gw_cache *cache, uint64_t n) {
    const gw_host *host = cache->host;
    if (n == 0 || atomic_fetch_sub(&cache->users, n) != n) return;
    uint64_t shutdown_id = atomic_exchange(&cache->shutdown_id, 0);
    if (shutdown_id) host->complete(host, shutdown_id, GW_OK); /* exactly once: rule O-2 */
}

static int users_enter(gw_cache *cache) {
    atomic_fetch_add(&cache->users, 1);
    if (!atomic_load(&cache->is_closed)) return 1;
    users_leave(cache, 1);
    return 0;
}

/* ---- Stores: one for each thread that calls ---------------------------------- */

/* Takes an idle store, opens one, or waits for one. NULL at the deadline, or with a reason in message. */
static struct store *store_take(gw_cache *cache, struct limit *limit, int32_t *status, char *message, size_t room) {
    struct timespec end = limit_end(limit);
    struct store *store = NULL;
    int must_open = 0, late = 0;
    pthread_mutex_lock(&cache->pool);
    while (cache->n_idle == 0 && cache->n_open == MAX_STORES && !late)
        late = pthread_cond_clockwait(&cache->given, &cache->pool, CLOCK_MONOTONIC, &end) != 0;
    if (cache->n_idle > 0) {
        store = cache->idle[--cache->n_idle];
    } else if (!late) {
        cache->n_open++;
        must_open = 1;
    }
    pthread_mutex_unlock(&cache->pool);
    *status = GW_ETIMEOUT;
    if (must_open) {
        *status = store_open(cache->path, cache->max_size, &store, message, room);
        if (!store) {
            pthread_mutex_lock(&cache->pool);
            cache->n_open--;
            pthread_cond_signal(&cache->given);
            pthread_mutex_unlock(&cache->pool);
        }
    }
    if (store) store_limit(store, limit_is_over, limit);
    return store;
}

static void store_give(gw_cache *cache, struct store *store) {
    store_limit(store, NULL, NULL);
    pthread_mutex_lock(&cache->pool);
    cache->idle[cache->n_idle++] = store;
    pthread_cond_signal(&cache->given);
    pthread_mutex_unlock(&cache->pool);
}

static void note_totals(gw_cache *cache, struct store *store) {
    uint64_t items = 0, bytes = 0;
    if (store_totals(store, &items, &bytes) != GW_OK) return;
    atomic_store(&cache->items, items);
    atomic_store(&cache->bytes, bytes);
}

/* What an operation works with, from session_begin to session_end. */
struct session {
    gw_cache *cache;
    struct store *store;
    struct limit limit;
    gw_error *error;
};

static int32_t session_begin(struct session *session, gw_cache *cache, const gw_op *op) {
    char message[400] = "the deadline passed before the disk was free";
    *session = (struct session){.cache = cache, .error = op->error, .limit = {cache->host, op->deadline_ns}};
    if (!users_enter(cache)) return GW_ECANCELLED;
    int32_t status;
    session->store = store_take(cache, &session->limit, &status, message, sizeof message);
    if (session->store) return GW_OK;
    if (status != GW_ETIMEOUT) report(cache, 1, message);
    refuse(op->error, status, status == GW_ETIMEOUT ? NULL : "path", message);
    users_leave(cache, 1);
    return status;
}

/* Ends an operation with the status of the whole, and returns what the call returns (rule O-1). */
static int32_t session_end(struct session *session, int32_t status) {
    const char *reason = status == GW_ETIMEOUT ? "the deadline passed" : store_message(session->store);
    if (status == GW_OK) report(session->cache, 0, "the file can be used");
    if (status != GW_OK) refuse(session->error, status, NULL, reason);
    if (status != GW_OK && status != GW_ETIMEOUT) report(session->cache, 1, reason);
    store_give(session->cache, session->store);
    users_leave(session->cache, 1);
    return status == GW_OK ? GW_DONE : status;
}

/* Begins to write. The caller holds the writer's lock until write_end. */
static int32_t write_begin(struct session *session) {
    struct timespec end = limit_end(&session->limit);
    if (pthread_mutex_clocklock(&session->cache->writer, CLOCK_MONOTONIC, &end) != 0) return GW_ETIMEOUT;
    int32_t status = store_begin(session->store);
    if (status != GW_OK) pthread_mutex_unlock(&session->cache->writer);
    return status;
}

static int32_t write_end(struct session *session, int32_t status) {
    gw_cache *cache = session->cache;
    uint64_t before = store_evictions(session->store);
    if (status == GW_OK) status = store_commit(session->store, cache->host->now_unix_ms(cache->host));
    if (status != GW_OK) store_rollback(session->store);
    if (status == GW_OK) note_totals(cache, session->store);
    pthread_mutex_unlock(&cache->writer);
    atomic_fetch_add(&cache->evictions, store_evictions(session->store) - before);
    return status;
}

/* ---- Operations -------------------------------------------------------------- */

static gw_result *result_at(const gw_get_op *op, uint32_t i) {
    return (gw_result *)((char *)op->results + (size_t)i * op->result_stride); /* rule L-2 */
}

/* An operation that fails as a whole gives no leases (rule V-4). */
static void take_back(gw_cache *cache, gw_get_op *op, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        gw_result *result = result_at(op, i);
        if (result->lease == 0) continue;
        free((void *)(uintptr_t)result->lease);
        result->status = GW_MISS;
        result->value = (gw_slice){NULL, 0};
        result->lease = 0;
        users_leave(cache, 1);
    }
}

static int32_t disk_get(gw_cache *cache, gw_get_op *op) {
    if (!IS_READABLE(op, GW_GET_OP_SIZE_1_0)) return GW_EINVAL;
    struct session session;
    int32_t status = session_begin(&session, cache, &op->op);
    if (status != GW_OK) return status;
    int64_t now_ms = cache->host->now_unix_ms(cache->host);
    uint64_t hits = 0;
    for (uint32_t i = 0; i < op->n && status == GW_OK; i++) {
        gw_result *result = result_at(op, i);
        void *value = NULL;
        uint64_t length = 0;
        int32_t found = store_get(session.store, op->keys[i], now_ms, cache->host->max_value, &value, &length);
        if (!is_of_item(found)) {
            take_back(cache, op, i);
            status = found;
            break;
        }
        result->status = found;
        if (found != GW_OK) continue;
        atomic_fetch_add(&cache->users, 1);
        result->value = (gw_slice){value, length};
        result->lease = (uint64_t)(uintptr_t)value;
        hits++;
    }
    atomic_fetch_add(&cache->hits, hits);
    atomic_fetch_add(&cache->misses, op->n - hits);
    return session_end(&session, status);
}

/* When an entry that is stored now ends, on the clock of the day, since it outlives the process; 0: never. */
static int64_t expiry(gw_cache *cache, uint64_t ttl_ms) {
    int64_t now_ms = cache->host->now_unix_ms(cache->host);
    if (ttl_ms == 0 || now_ms < 0 || ttl_ms >= (uint64_t)(INT64_MAX - now_ms)) return 0;
    return now_ms + (int64_t)ttl_ms;
}

static int32_t disk_set(gw_cache *cache, gw_set_op *op) {
    if (!IS_READABLE(op, GW_SET_OP_SIZE_1_0)) return GW_EINVAL;
    struct session session;
    int32_t status = session_begin(&session, cache, &op->op);
    if (status != GW_OK) return status;
    status = write_begin(&session);
    if (status != GW_OK) return session_end(&session, status);
    for (uint32_t i = 0; i < op->n && status == GW_OK; i++) {
        const gw_item *item = (const gw_item *)((const char *)op->items + (size_t)i * op->item_stride); /* rule L-2 */
        int32_t stored = store_put(session.store, item->key, item->parts, item->n_parts, expiry(cache, item->ttl_ms));
        if (is_of_item(stored)) op->statuses[i] = stored;
        else status = stored;
    }
    return session_end(&session, write_end(&session, status));
}

static int32_t disk_del(gw_cache *cache, gw_del_op *op) {
    if (!IS_READABLE(op, GW_DEL_OP_SIZE_1_0)) return GW_EINVAL;
    struct session session;
    int32_t status = session_begin(&session, cache, &op->op);
    if (status != GW_OK) return status;
    status = write_begin(&session);
    if (status != GW_OK) return session_end(&session, status);
    int64_t now_ms = cache->host->now_unix_ms(cache->host);
    for (uint32_t i = 0; i < op->n && status == GW_OK; i++) {
        int32_t removed = store_remove(session.store, op->keys[i], now_ms);
        if (is_of_item(removed)) op->statuses[i] = removed;
        else status = removed;
    }
    return session_end(&session, write_end(&session, status));
}

static int32_t disk_flush(gw_cache *cache, gw_flush_op *op) {
    if (!IS_READABLE(op, GW_FLUSH_OP_SIZE_1_0) || op->prefix.n == 0) return GW_EINVAL;
    struct session session;
    int32_t status = session_begin(&session, cache, &op->op);
    if (status != GW_OK) return status;
    status = write_begin(&session);
    if (status != GW_OK) return session_end(&session, status);
    status = store_remove_prefix(session.store, op->prefix, &op->removed);
    return session_end(&session, write_end(&session, status));
}

static int32_t disk_ping(gw_cache *cache, gw_plain_op *op) {
    if (!IS_READABLE(op, GW_PLAIN_OP_SIZE_1_0)) return GW_EINVAL;
    struct session session;
    int32_t status = session_begin(&session, cache, &op->op);
    if (status != GW_OK) return status;
    uint64_t items, bytes;
    return session_end(&session, store_totals(session.store, &items, &bytes));
}

/* Takes no lock and waits for no disk, as for every thread model (rule T-2). */
static void disk_release(gw_cache *cache, const uint64_t *leases, uint32_t n) {
    uint64_t released = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (leases[i] == 0) continue;
        free((void *)(uintptr_t)leases[i]);
        released++;
    }
    users_leave(cache, released);
}

static void disk_stats(gw_cache *cache, const gw_stats *stats) {
    if (!IS_READABLE(stats, GW_STATS_SIZE_1_0)) return;
    stats->add(stats, "hits", GW_STAT_COUNTER, atomic_load(&cache->hits));
    stats->add(stats, "misses", GW_STAT_COUNTER, atomic_load(&cache->misses));
    stats->add(stats, "evictions", GW_STAT_COUNTER, atomic_load(&cache->evictions));
    stats->add(stats, "items", GW_STAT_GAUGE, atomic_load(&cache->items));
    stats->add(stats, "bytes", GW_STAT_GAUGE, atomic_load(&cache->bytes));
}

/* ---- Life ---------------------------------------------------------------------- */

static int32_t disk_validate(const gw_params *params, gw_error *error) {
    gw_slice path = {NULL, 0};
    if (!IS_READABLE(params, GW_PARAMS_SIZE_1_0)) return refuse(error, GW_EINVAL, NULL, "the host is too old");
    if (params->get_string(params, "path", &path) != GW_OK || path.n == 0 ||
        *(const char *)path.p != '/' || memchr(path.p, 0, (size_t)path.n))
        return refuse(error, GW_ECONFIG, "path", "path is absolute, such as /var/cache/gateway/answers.sqlite");
    return GW_OK;
}

/* The file is not touched yet: that could take longer than create may (rule C-2). */
static int32_t disk_create(const gw_host *host, const gw_params *params, gw_error *error, gw_cache **out) {
    if (!IS_READABLE(host, GW_HOST_SIZE_1_0)) return refuse(error, GW_EINVAL, NULL, "the host is too old");
    int32_t status = disk_validate(params, error);
    if (status != GW_OK) return status;
    gw_slice path;
    int64_t max_size = 0;
    params->get_string(params, "path", &path);
    params->get_int(params, "max_size", &max_size); /* declared with a default and a minimum */
    gw_cache *cache = calloc(1, sizeof *cache);
    if (cache) cache->path = calloc(1, (size_t)path.n + 1);
    if (!cache || !cache->path) {
        free(cache);
        return refuse(error, GW_ENOSPC, NULL, "there is no memory");
    }
    memcpy(cache->path, path.p, (size_t)path.n);
    cache->host = host;
    cache->max_size = (uint64_t)max_size;
    atomic_init(&cache->users, 1);
    pthread_mutex_init(&cache->pool, NULL);
    pthread_mutex_init(&cache->writer, NULL);
    pthread_cond_init(&cache->given, NULL);
    *out = cache;
    return GW_OK;
}

/* Opens the file. A [control] function may wait. It fails for a file that can never be used (rule C-4). */
static int32_t disk_start(gw_cache *cache, gw_plain_op *op) {
    if (!IS_READABLE(op, GW_PLAIN_OP_SIZE_1_0)) return GW_EINVAL;
    struct session session;
    int32_t status = session_begin(&session, cache, &op->op);
    if (status != GW_OK) return status;
    note_totals(cache, session.store);
    return session_end(&session, GW_OK);
}

/* The host may still read values; the last of them to be released completes the operation. */
static int32_t disk_shutdown(gw_cache *cache, gw_plain_op *op) {
    if (!IS_READABLE(op, GW_PLAIN_OP_SIZE_1_0)) return GW_EINVAL;
    atomic_store(&cache->shutdown_id, op->op.id);
    atomic_store(&cache->is_closed, 1);
    if (atomic_fetch_sub(&cache->users, 1) != 1) return GW_PENDING;
    atomic_store(&cache->shutdown_id, 0);
    return GW_DONE;
}

static void disk_destroy(gw_cache *cache) {
    for (int i = 0; i < cache->n_idle; i++) store_close(cache->idle[i]);
    pthread_cond_destroy(&cache->given);
    pthread_mutex_destroy(&cache->writer);
    pthread_mutex_destroy(&cache->pool);
    free(cache->path);
    free(cache);
}

/* ---- What the host learns about the plugin ---------------------------------------- */

static const gw_param parameters[] = {
    {
        .struct_size = sizeof(gw_param),
        .type = GW_PARAM_STRING,
        .name = "path",
        .doc = "the file of the answers, as an absolute path; its folder must be there, and others must not be able to write to it",
        .example = "/var/cache/gateway/answers.sqlite",
        .flags = GW_PARAM_REQUIRED,
    },
    {
        .struct_size = sizeof(gw_param),
        .type = GW_PARAM_SIZE,
        .name = "max_size",
        .doc = "how many bytes of answers are kept at most; beyond it, the oldest are removed",
        .default_value = "1GB",
        .flags = GW_PARAM_HAS_MINIMUM,
        .minimum = 65536,
    },
};

static const gw_plugin descriptor = {
    .struct_size = sizeof(gw_plugin),
    .abi_minor = GW_ABI_MINOR,
    .type = "disk",
    .version = "1.0.0",
    .license = "Apache-2.0",
    .summary = "answers in a file, in SQLite",
    .capabilities = GW_CAP_TTL | GW_CAP_DELETE | GW_CAP_FLUSH | GW_CAP_STATS | GW_CAP_PERSISTENT,
    .threads = GW_THREADS_BLOCKING,
    .max_threads = MAX_STORES,
    .max_value = 512u << 20, /* SQLite's rows have at most a gigabyte */
    .default_ttl_ms = 86400000,
    .n_params = sizeof parameters / sizeof parameters[0],
    .params = parameters,
    .param_stride = sizeof(gw_param),
    .validate = disk_validate,
    .create = disk_create,
    .start = disk_start,
    .get = disk_get,
    .set = disk_set,
    .del = disk_del,
    .ping = disk_ping,
    .flush = disk_flush,
    .release = disk_release,
    .stats = disk_stats,
    .shutdown = disk_shutdown,
    .destroy = disk_destroy,
};

GW_EXPORT int32_t GW_CALL gateway_cache_plugin_entry_v1(const gw_abi *host, const gw_plugin **out) {
    if (!IS_READABLE(host, GW_ABI_SIZE_1_0) || !out) return GW_EINVAL;
    *out = &descriptor;
    return GW_OK;
}
