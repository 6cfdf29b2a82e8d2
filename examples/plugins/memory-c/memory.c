/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cache plugin in plain C: a fixed number of slots in memory, one entry a slot, the newer entry wins. It shows all
 * that a plugin must do, and is small enough to read in one go. `type: memory-c` loads it.
 */
#include <gateway_cache_plugin.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A stored value. It is shared by the slot and by the leases on it, and freed with the last of them (rule V-1). */
struct value {
    unsigned references; /* guarded by the cache's lock */
    uint64_t length;
    unsigned char bytes[];
};

struct slot {
    char *key; /* NULL: the slot is empty */
    uint64_t key_length;
    uint64_t expires_ns; /* 0: never */
    struct value *value;
};

struct gw_cache {
    const gw_host *host;
    pthread_mutex_t lock;
    uint64_t hits, misses;
    uint64_t leases;      /* how many values the host reads */
    uint64_t shutdown_id; /* the operation that is completed when no lease is left; 0: none */
    uint64_t n_slots;
    struct slot slots[];
};

/* ---- Values and slots, all under the lock ------------------------------- */

static void value_drop(struct value *value) {
    if (value && --value->references == 0) free(value);
}

static void slot_clear(struct slot *slot) {
    free(slot->key);
    value_drop(slot->value);
    memset(slot, 0, sizeof *slot);
}

/* FNV-1a. */
static struct slot *slot_for(gw_cache *cache, gw_slice key) {
    const unsigned char *bytes = key.p;
    uint64_t hash = 14695981039346656037u;
    for (uint64_t i = 0; i < key.n; i++) hash = (hash ^ bytes[i]) * 1099511628211u;
    return &cache->slots[hash % cache->n_slots];
}

/* The slot that holds the key, or NULL. */
static struct slot *slot_holding(gw_cache *cache, gw_slice key, uint64_t now) {
    struct slot *slot = slot_for(cache, key);
    if (!slot->key || slot->key_length != key.n || memcmp(slot->key, key.p, (size_t)key.n) != 0) return NULL;
    if (slot->expires_ns && slot->expires_ns <= now) {
        slot_clear(slot);
        return NULL;
    }
    return slot;
}

static int32_t slot_store(gw_cache *cache, const gw_item *item, uint64_t now) {
    uint64_t length = 0, offset = 0;
    for (uint32_t i = 0; i < item->n_parts; i++) length += item->parts[i].n;
    struct value *value = malloc(sizeof *value + (size_t)length);
    char *key = malloc((size_t)item->key.n + 1);
    if (!value || !key) {
        free(value);
        free(key);
        return GW_ENOSPC;
    }
    memcpy(key, item->key.p, (size_t)item->key.n);
    value->references = 1;
    value->length = length;
    for (uint32_t i = 0; i < item->n_parts; i++) {
        if (item->parts[i].n == 0) continue; /* p may be NULL */
        memcpy(value->bytes + offset, item->parts[i].p, (size_t)item->parts[i].n);
        offset += item->parts[i].n;
    }
    struct slot *slot = slot_for(cache, item->key);
    slot_clear(slot);
    slot->key = key;
    slot->key_length = item->key.n;
    int is_limited = item->ttl_ms > 0 && item->ttl_ms < (UINT64_MAX - now) / 1000000u;
    slot->expires_ns = is_limited ? now + item->ttl_ms * 1000000u : 0;
    slot->value = value;
    return GW_OK;
}

/* ---- Operations: all but a shutdown finish inline ----------------------- */

static int32_t memory_get(gw_cache *cache, gw_get_op *op) {
    uint64_t now = cache->host->now_monotonic_ns(cache->host);
    pthread_mutex_lock(&cache->lock);
    for (uint32_t i = 0; i < op->n; i++) {
        /* Arrays are walked by their stride, never by our sizeof (rule L-2). */
        gw_result *result = (gw_result *)((char *)op->results + (size_t)i * op->result_stride);
        struct slot *slot = slot_holding(cache, op->keys[i], now);
        if (!slot) {
            cache->misses++;
            continue; /* the host has preset GW_MISS */
        }
        cache->hits++;
        slot->value->references++;
        cache->leases++;
        result->status = GW_OK;
        result->value.p = slot->value->bytes;
        result->value.n = slot->value->length;
        result->lease = (uint64_t)(uintptr_t)slot->value;
    }
    pthread_mutex_unlock(&cache->lock);
    return GW_DONE;
}

static int32_t memory_set(gw_cache *cache, gw_set_op *op) {
    uint64_t now = cache->host->now_monotonic_ns(cache->host);
    pthread_mutex_lock(&cache->lock);
    for (uint32_t i = 0; i < op->n; i++) {
        const gw_item *item = (const gw_item *)((const char *)op->items + (size_t)i * op->item_stride);
        op->statuses[i] = slot_store(cache, item, now);
    }
    pthread_mutex_unlock(&cache->lock);
    return GW_DONE;
}

static int32_t memory_del(gw_cache *cache, gw_del_op *op) {
    uint64_t now = cache->host->now_monotonic_ns(cache->host);
    pthread_mutex_lock(&cache->lock);
    for (uint32_t i = 0; i < op->n; i++) {
        struct slot *slot = slot_holding(cache, op->keys[i], now);
        if (slot) slot_clear(slot);
        op->statuses[i] = slot ? GW_OK : GW_MISS;
    }
    pthread_mutex_unlock(&cache->lock);
    return GW_DONE;
}

static int32_t memory_ping(gw_cache *cache, gw_plain_op *op) {
    (void)cache, (void)op;
    return GW_DONE;
}

static void memory_release(gw_cache *cache, const uint64_t *leases, uint32_t n) {
    pthread_mutex_lock(&cache->lock);
    for (uint32_t i = 0; i < n; i++) value_drop((struct value *)(uintptr_t)leases[i]);
    cache->leases -= n;
    uint64_t shutdown_id = cache->leases == 0 ? cache->shutdown_id : 0;
    pthread_mutex_unlock(&cache->lock);
    if (shutdown_id) cache->host->complete(cache->host, shutdown_id, GW_OK);
}

static void memory_stats(gw_cache *cache, const gw_stats *stats) {
    pthread_mutex_lock(&cache->lock);
    uint64_t hits = cache->hits, misses = cache->misses;
    pthread_mutex_unlock(&cache->lock);
    stats->add(stats, "hits", GW_STAT_COUNTER, hits);
    stats->add(stats, "misses", GW_STAT_COUNTER, misses);
}

/* ---- Life --------------------------------------------------------------- */

static int32_t memory_create(const gw_host *host, const gw_params *params, gw_error *error, gw_cache **out) {
    static const char no_memory[] = "there is no memory for so many slots; lower 'slots'";
    int64_t slots = 0;
    params->get_int(params, "slots", &slots); /* declared with a default: always there */
    gw_cache *cache = calloc(1, sizeof *cache + (size_t)slots * sizeof(struct slot));
    if (!cache) {
        error->code = GW_ENOSPC;
        error->length = sizeof no_memory - 1;
        memcpy(error->message, no_memory, error->length);
        return GW_ENOSPC;
    }
    cache->host = host;
    cache->n_slots = (uint64_t)slots;
    pthread_mutex_init(&cache->lock, NULL);
    *out = cache;
    return GW_OK;
}

static int32_t memory_shutdown(gw_cache *cache, gw_plain_op *op) {
    /* Nothing is ever in flight, but the host may still read values. */
    pthread_mutex_lock(&cache->lock);
    int is_read = cache->leases > 0;
    if (is_read) cache->shutdown_id = op->op.id;
    pthread_mutex_unlock(&cache->lock);
    return is_read ? GW_PENDING : GW_DONE;
}

static void memory_destroy(gw_cache *cache) {
    for (uint64_t i = 0; i < cache->n_slots; i++) slot_clear(&cache->slots[i]);
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

/* ---- What the host learns about the plugin ------------------------------ */

static const gw_param parameters[] = {
    {
        .struct_size = sizeof(gw_param),
        .type = GW_PARAM_INT,
        .name = "slots",
        .doc = "how many answers are kept at most",
        .default_value = "1024",
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
    .summary = "a fixed number of answers in memory; an example in C",
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
    (void)host;
    *out = &descriptor;
    return GW_OK;
}
