/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cache plugin in plain C that keeps a bounded number of answers in memory. It is meant to be copied: it does all that
 * a plugin must do, and the comments cite the header's rules. `type: memory-c` loads it.
 *
 * The slots are in buckets of sixteen, by the hash of the key. A bucket has a lock of its own, which is held for a few
 * comparisons and never while memory is copied, allocated or freed, since functions marked [hot] must not wait.
 */
#include <gateway_cache_plugin.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Whether a struct of the host has at least the fields of version 1.0 (rule L-1). A field that a later minor version
 * adds is read only where GW_HAS says that it is there, and one of an array's element where GW_STRIDE_HAS does. */
#define IS_READABLE(p, size_1_0) ((p) != NULL && (p)->struct_size >= (size_1_0))

/* A stored value. The slot and each lease have a reference, and the last of them frees it (rule V-1). */
struct value {
    atomic_uint_fast64_t references;
    uint64_t length;
    unsigned char bytes[];
};

struct key {
    uint64_t length;
    unsigned char bytes[];
};

struct slot {
    struct key *key; /* NULL: the slot is empty */
    struct value *value;
    uint64_t hash;
    uint64_t expires_ns; /* 0: never */
    uint64_t used_ns;    /* when it was last stored or found */
};

#define BUCKET_SLOTS 16

struct bucket {
    pthread_mutex_t lock;
    struct slot slots[BUCKET_SLOTS];
};

struct gw_cache {
    const gw_host *host;
    atomic_uint_fast64_t hits, misses, evictions, items;
    /* Operations that run, values that the host reads, and one for the instance until shutdown. */
    atomic_uint_fast64_t users;
    atomic_uint_fast64_t shutdown_id; /* the operation that the last user completes; 0: none */
    atomic_bool is_closed;
    uint64_t n_buckets;
    struct bucket buckets[];
};

/* ---- Values and keys ---------------------------------------------------- */

static void value_release(struct value *value) {
    if (value && atomic_fetch_sub(&value->references, 1) == 1) free(value);
}

/* The concatenation of an item's parts, or NULL where there is no memory. */
static struct value *value_make(const gw_item *item) {
    uint64_t length = 0, offset = 0;
    for (uint32_t i = 0; i < item->n_parts; i++) length += item->parts[i].n;
    struct value *value = malloc(sizeof *value + (size_t)length);
    if (!value) return NULL;
    atomic_init(&value->references, 1);
    value->length = length;
    for (uint32_t i = 0; i < item->n_parts; i++) {
        if (item->parts[i].n == 0) continue; /* p may be NULL */
        memcpy(value->bytes + offset, item->parts[i].p, (size_t)item->parts[i].n);
        offset += item->parts[i].n;
    }
    return value;
}

static struct key *key_make(gw_slice bytes) {
    struct key *key = malloc(sizeof *key + (size_t)bytes.n);
    if (!key) return NULL;
    key->length = bytes.n;
    memcpy(key->bytes, bytes.p, (size_t)bytes.n);
    return key;
}

/* FNV-1a. The host makes keys of digests, so that nobody can choose keys of one hash. */
static uint64_t key_hash(gw_slice key) {
    const unsigned char *bytes = key.p;
    uint64_t hash = 14695981039346656037u;
    for (uint64_t i = 0; i < key.n; i++) hash = (hash ^ bytes[i]) * 1099511628211u;
    return hash;
}

/* ---- Buckets, under their locks ----------------------------------------- */

static struct bucket *bucket_for(gw_cache *cache, uint64_t hash) { return &cache->buckets[hash % cache->n_buckets]; }

static int slot_is_expired(const struct slot *slot, uint64_t now) {
    return slot->expires_ns != 0 && slot->expires_ns <= now;
}

/* The slot that holds the key, whether expired or not, or NULL. */
static struct slot *bucket_find(struct bucket *bucket, gw_slice key, uint64_t hash) {
    for (int i = 0; i < BUCKET_SLOTS; i++) {
        struct slot *slot = &bucket->slots[i];
        if (!slot->key || slot->hash != hash || slot->key->length != key.n) continue;
        if (memcmp(slot->key->bytes, key.p, (size_t)key.n) == 0) return slot;
    }
    return NULL;
}

/* The slot for a key that has none: an empty one, else an expired one, else the one that was used the longest ago. */
static struct slot *bucket_victim(struct bucket *bucket, uint64_t now) {
    struct slot *victim = &bucket->slots[0];
    for (int i = 0; i < BUCKET_SLOTS; i++) {
        struct slot *slot = &bucket->slots[i];
        if (!slot->key || slot_is_expired(slot, now)) return slot;
        if (slot->used_ns < victim->used_ns) victim = slot;
    }
    return victim;
}

/* Empties a slot and returns its former entry, which the caller frees once it has released the lock. */
static struct slot slot_take(struct slot *slot) {
    struct slot taken = *slot;
    memset(slot, 0, sizeof *slot);
    return taken;
}

static void slot_free(struct slot *taken) {
    free(taken->key);
    value_release(taken->value);
}

/* ---- Users: what shutdown waits for -------------------------------------- */

/* Takes users away. The last one completes the shutdown, after which the instance may be gone at any time. */
static void users_leave(gw_cache *cache, uint64_t n) {
    const gw_host *host = cache->host;
    if (n == 0 || atomic_fetch_sub(&cache->users, n) != n) return;
    uint64_t shutdown_id = atomic_exchange(&cache->shutdown_id, 0);
    if (shutdown_id) host->complete(host, shutdown_id, GW_OK); /* exactly once: rule O-2 */
}

/* Whether an operation may run. If so, it ends with users_leave. */
static int users_enter(gw_cache *cache) {
    atomic_fetch_add(&cache->users, 1);
    if (!atomic_load(&cache->is_closed)) return 1;
    users_leave(cache, 1);
    return 0;
}

/* ---- Operations: all but a shutdown are done when they return (rule O-1) -- */

static int get_one(gw_cache *cache, gw_slice key, gw_result *result, uint64_t now) {
    uint64_t hash = key_hash(key);
    struct bucket *bucket = bucket_for(cache, hash);
    struct slot expired = {0};
    struct value *value = NULL;
    pthread_mutex_lock(&bucket->lock);
    struct slot *slot = bucket_find(bucket, key, hash);
    if (slot && slot_is_expired(slot, now)) {
        expired = slot_take(slot);
    } else if (slot) {
        slot->used_ns = now;
        value = slot->value;
        atomic_fetch_add(&value->references, 1);
    }
    pthread_mutex_unlock(&bucket->lock);
    if (expired.key) atomic_fetch_sub(&cache->items, 1);
    slot_free(&expired);
    if (!value) return 0; /* the host has preset GW_MISS */
    result->value.p = value->bytes;
    result->value.n = value->length;
    result->lease = (uint64_t)(uintptr_t)value; /* never 0, which would mean that nothing is to be released (V-2) */
    result->status = GW_OK;
    return 1;
}

static int32_t memory_get(gw_cache *cache, gw_get_op *op) {
    if (!IS_READABLE(op, GW_GET_OP_SIZE_1_0)) return GW_EINVAL;
    if (!users_enter(cache)) return GW_ECANCELLED;
    uint64_t now = cache->host->now_monotonic_ns(cache->host);
    uint64_t hits = 0;
    for (uint32_t i = 0; i < op->n; i++) {
        /* Arrays are walked by their stride, never by our sizeof (rule L-2). */
        gw_result *result = (gw_result *)((char *)op->results + (size_t)i * op->result_stride);
        /* The lease is counted before the host can release it. */
        atomic_fetch_add(&cache->users, 1);
        if (get_one(cache, op->keys[i], result, now))
            hits++;
        else
            users_leave(cache, 1);
    }
    atomic_fetch_add(&cache->hits, hits);
    atomic_fetch_add(&cache->misses, op->n - hits);
    users_leave(cache, 1);
    return GW_DONE;
}

/* When an entry that is stored now ends, on the monotonic clock; 0: never. */
static uint64_t expiry(uint64_t now, uint64_t ttl_ms) {
    int is_limited = ttl_ms > 0 && ttl_ms < (UINT64_MAX - now) / 1000000u;
    return is_limited ? now + ttl_ms * 1000000u : 0;
}

static int32_t set_one(gw_cache *cache, const gw_item *item, uint64_t now) {
    struct slot entry = {.hash = key_hash(item->key), .used_ns = now, .expires_ns = expiry(now, item->ttl_ms)};
    entry.key = key_make(item->key);
    entry.value = value_make(item);
    if (!entry.key || !entry.value) {
        slot_free(&entry);
        return GW_ENOSPC;
    }
    struct bucket *bucket = bucket_for(cache, entry.hash);
    pthread_mutex_lock(&bucket->lock);
    struct slot *slot = bucket_find(bucket, item->key, entry.hash);
    int is_replaced = slot != NULL;
    if (!slot) slot = bucket_victim(bucket, now);
    struct slot taken = slot_take(slot);
    *slot = entry;
    pthread_mutex_unlock(&bucket->lock);
    if (!taken.key) atomic_fetch_add(&cache->items, 1);
    if (taken.key && !is_replaced && !slot_is_expired(&taken, now)) atomic_fetch_add(&cache->evictions, 1);
    slot_free(&taken);
    return GW_OK;
}

static int32_t memory_set(gw_cache *cache, gw_set_op *op) {
    if (!IS_READABLE(op, GW_SET_OP_SIZE_1_0)) return GW_EINVAL;
    if (!users_enter(cache)) return GW_ECANCELLED;
    uint64_t now = cache->host->now_monotonic_ns(cache->host);
    for (uint32_t i = 0; i < op->n; i++) {
        const gw_item *item = (const gw_item *)((const char *)op->items + (size_t)i * op->item_stride);
        op->statuses[i] = set_one(cache, item, now); /* each item has its own status (rule O-4) */
    }
    users_leave(cache, 1);
    return GW_DONE;
}

static int32_t del_one(gw_cache *cache, gw_slice key, uint64_t now) {
    uint64_t hash = key_hash(key);
    struct bucket *bucket = bucket_for(cache, hash);
    struct slot taken = {0};
    pthread_mutex_lock(&bucket->lock);
    struct slot *slot = bucket_find(bucket, key, hash);
    if (slot) taken = slot_take(slot);
    pthread_mutex_unlock(&bucket->lock);
    if (!taken.key) return GW_MISS;
    int32_t status = slot_is_expired(&taken, now) ? GW_MISS : GW_OK;
    atomic_fetch_sub(&cache->items, 1);
    slot_free(&taken);
    return status;
}

static int32_t memory_del(gw_cache *cache, gw_del_op *op) {
    if (!IS_READABLE(op, GW_DEL_OP_SIZE_1_0)) return GW_EINVAL;
    if (!users_enter(cache)) return GW_ECANCELLED;
    uint64_t now = cache->host->now_monotonic_ns(cache->host);
    for (uint32_t i = 0; i < op->n; i++) op->statuses[i] = del_one(cache, op->keys[i], now);
    users_leave(cache, 1);
    return GW_DONE;
}

static int32_t memory_ping(gw_cache *cache, gw_plain_op *op) {
    (void)op;
    return atomic_load(&cache->is_closed) ? GW_ECANCELLED : GW_DONE;
}

/* Takes no lock: it is called from any thread, and never waits (rule T-2). */
static void memory_release(gw_cache *cache, const uint64_t *leases, uint32_t n) {
    uint64_t released = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (leases[i] == 0) continue; /* nothing to release (rule V-2) */
        value_release((struct value *)(uintptr_t)leases[i]);
        released++;
    }
    users_leave(cache, released);
}

static void memory_stats(gw_cache *cache, const gw_stats *stats) {
    if (!IS_READABLE(stats, GW_STATS_SIZE_1_0)) return;
    stats->add(stats, "hits", GW_STAT_COUNTER, atomic_load(&cache->hits));
    stats->add(stats, "misses", GW_STAT_COUNTER, atomic_load(&cache->misses));
    stats->add(stats, "evictions", GW_STAT_COUNTER, atomic_load(&cache->evictions));
    stats->add(stats, "items", GW_STAT_GAUGE, atomic_load(&cache->items));
}

/* ---- Life --------------------------------------------------------------- */

/* Says in one line what is wrong and how to correct it, and which parameter is at fault (NULL: none in particular). */
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

static int32_t memory_create(const gw_host *host, const gw_params *params, gw_error *error, gw_cache **out) {
    int64_t slots = 0;
    if (!IS_READABLE(host, GW_HOST_SIZE_1_0) || !IS_READABLE(params, GW_PARAMS_SIZE_1_0))
        return refuse(error, GW_EINVAL, NULL, "the host is older than version 1.0 of the plugin interface");
    if (params->get_int(params, "slots", &slots) != GW_OK || slots < 1)
        return refuse(error, GW_ECONFIG, "slots", "slots is a number of at least 1");
    uint64_t n_buckets = ((uint64_t)slots + BUCKET_SLOTS - 1) / BUCKET_SLOTS;
    gw_cache *cache = calloc(1, sizeof *cache + (size_t)n_buckets * sizeof(struct bucket));
    if (!cache) return refuse(error, GW_ENOSPC, "slots", "there is no memory for so many slots; lower 'slots'");
    cache->host = host;
    cache->n_buckets = n_buckets;
    atomic_init(&cache->users, 1);
    for (uint64_t i = 0; i < n_buckets; i++) pthread_mutex_init(&cache->buckets[i].lock, NULL);
    *out = cache;
    return GW_OK;
}

/* Nothing is in flight, but the host may still read values; the last of them to be released completes the operation.
 * If that takes longer than the deadline, the host no longer waits and leaves the instance as it is (rule C-5). */
static int32_t memory_shutdown(gw_cache *cache, gw_plain_op *op) {
    if (!IS_READABLE(op, GW_PLAIN_OP_SIZE_1_0)) return GW_EINVAL;
    atomic_store(&cache->shutdown_id, op->op.id);
    atomic_store(&cache->is_closed, 1);
    if (atomic_fetch_sub(&cache->users, 1) != 1) return GW_PENDING;
    atomic_store(&cache->shutdown_id, 0);
    return GW_DONE;
}

static void memory_destroy(gw_cache *cache) {
    for (uint64_t i = 0; i < cache->n_buckets; i++) {
        for (int j = 0; j < BUCKET_SLOTS; j++) slot_free(&cache->buckets[i].slots[j]);
        pthread_mutex_destroy(&cache->buckets[i].lock);
    }
    free(cache);
}

/* ---- What the host learns about the plugin ------------------------------ */

static const gw_param parameters[] = {
    {
        .struct_size = sizeof(gw_param),
        .type = GW_PARAM_INT,
        .name = "slots",
        .doc = "how many answers are kept at most, rounded up to a multiple of 16",
        .default_value = "4096",
        .flags = GW_PARAM_HAS_MINIMUM | GW_PARAM_HAS_MAXIMUM,
        .minimum = 1,
        .maximum = 1048576,
    },
};

static const gw_plugin descriptor = {
    .struct_size = sizeof(gw_plugin),
    .abi_minor = GW_ABI_MINOR,
    .type = "memory-c",
    .version = "1.0.0",
    .license = "Apache-2.0",
    .summary = "a bounded number of answers in memory; an example in C",
    .capabilities = GW_CAP_TTL | GW_CAP_DELETE | GW_CAP_STATS,
    .threads = GW_THREADS_CONCURRENT,
    .default_ttl_ms = 600000,
    .n_params = sizeof parameters / sizeof parameters[0],
    .params = parameters,
    .param_stride = sizeof(gw_param),
    .create = memory_create,
    .get = memory_get,
    .set = memory_set,
    .del = memory_del,
    .ping = memory_ping,
    .release = memory_release,
    .stats = memory_stats,
    .shutdown = memory_shutdown,
    .destroy = memory_destroy,
};

GW_EXPORT int32_t GW_CALL gateway_cache_plugin_entry_v1(const gw_abi *host, const gw_plugin **out) {
    if (!IS_READABLE(host, GW_ABI_SIZE_1_0) || !out) return GW_EINVAL;
    *out = &descriptor;
    return GW_OK;
}
