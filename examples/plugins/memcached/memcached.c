/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cache plugin that keeps answers in memcached. `type: memcached` loads it. It waits for the network on the host's
 * threads (GW_THREADS_BLOCKING), each of which takes a connection for the time of one operation. A connection on which
 * anything went wrong is closed, so that a late answer is never taken for that to another command.
 */
#define _GNU_SOURCE
#include "commands.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether a struct of the host has at least the fields of version 1.0 (rule L-1). */
#define IS_READABLE(p, size_1_0) ((p) != NULL && (p)->struct_size >= (size_1_0))

#define MAX_CONNECTIONS 16

struct gw_cache {
    const gw_host *host;
    char server[256], port[8];
    uint64_t timeout_ns;
    pthread_mutex_t pool; /* held only to take or give a connection */
    struct connection *idle[MAX_CONNECTIONS];
    int n_idle;
    atomic_uint_fast64_t item_limit; /* of the server; 0: not known */
    atomic_uint_fast64_t hits, misses, reconnections;
    atomic_uint_fast64_t users; /* operations, values that the host reads, and one for the instance until shutdown */
    atomic_uint_fast64_t shutdown_id; /* the operation that the last user completes; 0: none */
    atomic_bool is_closed;
    atomic_bool is_down; /* as it was last reported */
};

/* ---- Failures ------------------------------------------------------------------ */

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

/* Tells the host when the server begins to fail, and when it is back (rule T-3: from any thread). */
static void report(gw_cache *cache, int is_down, const char *reason) {
    if (atomic_exchange(&cache->is_down, is_down) == is_down) return;
    gw_slice text = {reason, strlen(reason)};
    cache->host->health(cache->host, is_down ? GW_HEALTH_DOWN : GW_HEALTH_UP, text);
}

/* ---- Users: what shutdown waits for ---------------------------------------------- */

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

/* ---- Connections -------------------------------------------------------------------- */

static struct connection *take_idle(gw_cache *cache) {
    pthread_mutex_lock(&cache->pool);
    struct connection *connection = cache->n_idle > 0 ? cache->idle[--cache->n_idle] : NULL;
    pthread_mutex_unlock(&cache->pool);
    return connection;
}

static void give_idle(gw_cache *cache, struct connection *connection) {
    pthread_mutex_lock(&cache->pool);
    int is_kept = cache->n_idle < MAX_CONNECTIONS;
    if (is_kept) cache->idle[cache->n_idle++] = connection;
    pthread_mutex_unlock(&cache->pool);
    if (!is_kept) connection_close(connection);
}

/* The operation's deadline, or the plugin's own timeout if that ends first (rule O-6). */
static struct limit limit_of(gw_cache *cache, const gw_op *op) {
    uint64_t now = cache->host->now_monotonic_ns(cache->host);
    struct limit limit = {cache->host, now + cache->timeout_ns};
    if (op->deadline_ns && op->deadline_ns < limit.end_ns) limit.end_ns = op->deadline_ns;
    return limit;
}

/* Opens a connection, and asks the first of them for the limit that the server has. */
static int32_t open_connection(gw_cache *cache, struct session *session) {
    atomic_fetch_add(&cache->reconnections, 1);
    int32_t status = connection_open(cache->server, cache->port, session->limit, &session->connection,
                                     session->message, sizeof session->message);
    if (status != GW_OK || atomic_load(&cache->item_limit) > 0) return status;
    uint64_t limit = 0;
    status = command_item_limit(session, &limit);
    if (status == GW_OK) atomic_store(&cache->item_limit, limit);
    return status;
}

/* ---- Operations ------------------------------------------------------------------------ */

/* What an operation does on a connection. */
typedef int32_t (*action)(struct session *session, void *context);

/* Runs an action on a connection. An idle one may have been closed by the server meanwhile: if it fails before the server
 * has answered, the action is run again on another, for all actions may be repeated. */
static int32_t run(gw_cache *cache, const gw_op *op, action act, void *context) {
    struct session session = {.limit = limit_of(cache, op), .message = "there is no memory"};
    session.largest = cache->host->max_value;
    int32_t status;
    for (;;) {
        int is_reused = (session.connection = take_idle(cache)) != NULL;
        status = is_reused ? GW_OK : open_connection(cache, &session);
        session.item_limit = atomic_load(&cache->item_limit);
        if (status == GW_OK) status = act(&session, context);
        if (status == GW_OK) break;
        int may_repeat = is_reused && status == GW_EUNAVAILABLE && !connection_has_answered(session.connection);
        connection_close(session.connection);
        session.connection = NULL;
        if (!may_repeat) break;
    }
    if (status == GW_OK) {
        give_idle(cache, session.connection);
        report(cache, 0, "memcached answers");
        return GW_DONE;
    }
    if (status == GW_EUNAVAILABLE || status == GW_EPROTO || status == GW_ETIMEOUT) report(cache, 1, session.message);
    return refuse(op->error, status, NULL, session.message);
}

struct get_context {
    gw_cache *cache;
    gw_get_op *op;
};

static int32_t act_get(struct session *session, void *data) {
    struct get_context *context = data;
    uint64_t hits;
    int32_t status = command_get(session, context->op, &hits);
    if (status != GW_OK) return status;
    /* Each lease is counted before the host can release it. */
    atomic_fetch_add(&context->cache->users, hits);
    atomic_fetch_add(&context->cache->hits, hits);
    atomic_fetch_add(&context->cache->misses, context->op->n - hits);
    return GW_OK;
}

static int32_t memcached_get(gw_cache *cache, gw_get_op *op) {
    if (!IS_READABLE(op, GW_GET_OP_SIZE_1_0) || op->n > MAX_BATCH) return GW_EINVAL;
    if (!users_enter(cache)) return GW_ECANCELLED;
    struct get_context context = {cache, op};
    int32_t result = run(cache, &op->op, act_get, &context);
    users_leave(cache, 1);
    return result;
}

struct set_context {
    gw_set_op *op;
    int64_t now_ms;
};

static int32_t act_set(struct session *session, void *data) {
    struct set_context *context = data;
    return command_set(session, context->op, context->now_ms);
}

static int32_t memcached_set(gw_cache *cache, gw_set_op *op) {
    if (!IS_READABLE(op, GW_SET_OP_SIZE_1_0) || op->n > MAX_BATCH) return GW_EINVAL;
    if (!users_enter(cache)) return GW_ECANCELLED;
    struct set_context context = {op, cache->host->now_unix_ms(cache->host)};
    int32_t result = run(cache, &op->op, act_set, &context);
    users_leave(cache, 1);
    return result;
}

static int32_t act_delete(struct session *session, void *data) { return command_delete(session, data); }

static int32_t memcached_del(gw_cache *cache, gw_del_op *op) {
    if (!IS_READABLE(op, GW_DEL_OP_SIZE_1_0) || op->n > MAX_BATCH) return GW_EINVAL;
    if (!users_enter(cache)) return GW_ECANCELLED;
    int32_t result = run(cache, &op->op, act_delete, op);
    users_leave(cache, 1);
    return result;
}

static int32_t act_ping(struct session *session, void *data) {
    (void)data;
    return command_version(session);
}

static int32_t memcached_ping(gw_cache *cache, gw_plain_op *op) {
    if (!IS_READABLE(op, GW_PLAIN_OP_SIZE_1_0)) return GW_EINVAL;
    if (!users_enter(cache)) return GW_ECANCELLED;
    int32_t result = run(cache, &op->op, act_ping, NULL);
    users_leave(cache, 1);
    return result;
}

/* Takes no lock and never waits, as for every thread model (rule T-2). */
static void memcached_release(gw_cache *cache, const uint64_t *leases, uint32_t n) {
    uint64_t released = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (leases[i] == 0) continue;
        free((void *)(uintptr_t)leases[i]);
        released++;
    }
    users_leave(cache, released);
}

static void memcached_stats(gw_cache *cache, const gw_stats *stats) {
    if (!IS_READABLE(stats, GW_STATS_SIZE_1_0)) return;
    stats->add(stats, "hits", GW_STAT_COUNTER, atomic_load(&cache->hits));
    stats->add(stats, "misses", GW_STAT_COUNTER, atomic_load(&cache->misses));
    stats->add(stats, "connections", GW_STAT_COUNTER, atomic_load(&cache->reconnections));
}

/* ---- Life ---------------------------------------------------------------------------------- */

static int32_t memcached_validate(const gw_params *params, gw_error *error) {
    gw_slice host = {NULL, 0};
    if (!IS_READABLE(params, GW_PARAMS_SIZE_1_0)) return refuse(error, GW_EINVAL, NULL, "the host is too old");
    if (params->get_string(params, "host", &host) != GW_OK || host.n == 0 || host.n > 255 ||
        memchr(host.p, 0, (size_t)host.n))
        return refuse(error, GW_ECONFIG, "host", "host is a name or an address of at most 255 bytes");
    return GW_OK;
}

/* It does not connect: an instance of a server that is down is made (rule C-2). */
static int32_t memcached_create(const gw_host *host, const gw_params *params, gw_error *error, gw_cache **out) {
    if (!IS_READABLE(host, GW_HOST_SIZE_1_0)) return refuse(error, GW_EINVAL, NULL, "the host is too old");
    int32_t status = memcached_validate(params, error);
    if (status != GW_OK) return status;
    gw_cache *cache = calloc(1, sizeof *cache);
    if (!cache) return refuse(error, GW_ENOSPC, NULL, "there is no memory");
    gw_slice server;
    int64_t port = 0, timeout_ns = 0; /* declared with defaults and bounds */
    params->get_string(params, "host", &server);
    params->get_int(params, "port", &port);
    params->get_int(params, "timeout", &timeout_ns);
    memcpy(cache->server, server.p, (size_t)server.n);
    snprintf(cache->port, sizeof cache->port, "%d", (int)(port & 0xffff));
    cache->host = host;
    cache->timeout_ns = (uint64_t)timeout_ns;
    atomic_init(&cache->users, 1);
    pthread_mutex_init(&cache->pool, NULL);
    *out = cache;
    return GW_OK;
}

/* Tries the server. One that is down is reported by report, and is no reason to fail (rule C-4). */
static int32_t memcached_start(gw_cache *cache, gw_plain_op *op) {
    if (!IS_READABLE(op, GW_PLAIN_OP_SIZE_1_0)) return GW_EINVAL;
    run(cache, &op->op, act_ping, NULL);
    return GW_DONE;
}

/* The host may still read values; the last of them to be released completes the operation. */
static int32_t memcached_shutdown(gw_cache *cache, gw_plain_op *op) {
    if (!IS_READABLE(op, GW_PLAIN_OP_SIZE_1_0)) return GW_EINVAL;
    atomic_store(&cache->shutdown_id, op->op.id);
    atomic_store(&cache->is_closed, 1);
    if (atomic_fetch_sub(&cache->users, 1) != 1) return GW_PENDING;
    atomic_store(&cache->shutdown_id, 0);
    return GW_DONE;
}

static void memcached_destroy(gw_cache *cache) {
    for (int i = 0; i < cache->n_idle; i++) connection_close(cache->idle[i]);
    pthread_mutex_destroy(&cache->pool);
    free(cache);
}

/* ---- What the host learns about the plugin ---------------------------------------------------- */

static const gw_param parameters[] = {
    {
        .struct_size = sizeof(gw_param),
        .type = GW_PARAM_STRING,
        .name = "host",
        .doc = "the server's name or address",
        .default_value = "127.0.0.1",
        .env = "MEMCACHED_HOST",
    },
    {
        .struct_size = sizeof(gw_param),
        .type = GW_PARAM_INT,
        .name = "port",
        .doc = "the server's TCP port",
        .default_value = "11211",
        .env = "MEMCACHED_PORT",
        .flags = GW_PARAM_HAS_MINIMUM | GW_PARAM_HAS_MAXIMUM,
        .minimum = 1,
        .maximum = 65535,
    },
    {
        .struct_size = sizeof(gw_param),
        .type = GW_PARAM_DURATION,
        .name = "timeout",
        .doc = "how long to wait for the server, within the gateway's own deadline",
        .default_value = "1s",
        .flags = GW_PARAM_HAS_MINIMUM | GW_PARAM_HAS_MAXIMUM,
        .minimum = 1000000,
        .maximum = 60000000000,
    },
};

static const gw_plugin descriptor = {
    .struct_size = sizeof(gw_plugin),
    .abi_minor = GW_ABI_MINOR,
    .type = "memcached",
    .version = "1.0.0",
    .license = "Apache-2.0",
    .summary = "answers in memcached",
    .capabilities = GW_CAP_TTL | GW_CAP_DELETE | GW_CAP_STATS | GW_CAP_SHARED | GW_CAP_PERSISTENT,
    .threads = GW_THREADS_BLOCKING,
    .max_threads = MAX_CONNECTIONS,
    .max_batch = MAX_BATCH,
    .max_key = MAX_KEY,
    .n_params = sizeof parameters / sizeof parameters[0],
    .params = parameters,
    .param_stride = sizeof(gw_param),
    .validate = memcached_validate,
    .create = memcached_create,
    .start = memcached_start,
    .get = memcached_get,
    .set = memcached_set,
    .del = memcached_del,
    .ping = memcached_ping,
    .release = memcached_release,
    .stats = memcached_stats,
    .shutdown = memcached_shutdown,
    .destroy = memcached_destroy,
};

GW_EXPORT int32_t GW_CALL gateway_cache_plugin_entry_v1(const gw_abi *host, const gw_plugin **out) {
    if (!IS_READABLE(host, GW_ABI_SIZE_1_0) || !out) return GW_EINVAL;
    *out = &descriptor;
    return GW_OK;
}
