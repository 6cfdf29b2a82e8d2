// swift-format-ignore-file
// Made by scripts/templates.py of examples/plugins and packaging/projects: `make templates`.

extension PluginProject {
    /// The files of each language's project, in which `@NAME@` stands for the plugin's name.
    static let templates: [Language: [(path: String, text: String)]] = [
        .c: [
            (".gitignore", ##"""
*.so

"""##),
            ("Makefile", ##"""
# Builds libgateway-cache-@NAME@.so. GATEWAY is the gateway's program, for `make check`.
GATEWAY := gateway
DESTDIR :=
library := libgateway-cache-@NAME@.so

.PHONY: all
all: $(library)

$(library): plugin.c
	$(CC) -std=c11 -O2 -Wall -Wextra -o $@ $< $$(pkg-config --cflags --libs gateway-plugin)

.PHONY: check
check: $(library)
	$(GATEWAY) plugins check ./$(library)

.PHONY: install
install: $(library)
	install -D -m 755 $(library) "$(DESTDIR)$$(pkg-config --variable=plugindir gateway-plugin)/$(library)"

.PHONY: clean
clean:
	rm -rf $(library)

"""##),
            ("README.md", ##"""
# @NAME@

A cache plugin for the gateway, in C. It works as it is: it keeps a bounded number of answers in memory. `plugin.c` is where
to begin; the comments cite the rules of `gateway_cache_plugin.h`, which says what the gateway and a plugin owe each other.

It needs a C compiler, make, pkg-config, and what `make install` of the gateway puts below its prefix. Where the gateway is not installed below
`/usr/local`, tell pkg-config with `PKG_CONFIG_PATH=PREFIX/lib/pkgconfig`.

```sh
make            # builds libgateway-cache-@NAME@.so
make check      # tries it against every rule of the interface, with `gateway plugins check`
make install    # puts it into the gateway's plugin directory
```

Then name it in the gateway's configuration:

```yaml
litellm_settings:
  cache: True
  cache_params:
    type: @NAME@
```

The type, the file's name and `cache_params.type` are the same. `gateway plugins describe @NAME@` prints its parameters.

"""##),
            ("plugin.c", ##"""
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cache plugin in plain C that keeps a bounded number of answers in memory. It is meant to be copied: it does all that
 * a plugin must do, and the comments cite the header's rules. `type: @NAME@` loads it.
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
    .type = "@NAME@",
    .version = "1.0.0",
    .license = "Apache-2.0",
    .summary = "a bounded number of answers in memory",
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

"""##),
        ],
        .cpp: [
            (".gitignore", ##"""
*.so

"""##),
            ("Makefile", ##"""
# Builds libgateway-cache-@NAME@.so. GATEWAY is the gateway's program, for `make check`.
GATEWAY := gateway
DESTDIR :=
library := libgateway-cache-@NAME@.so

.PHONY: all
all: $(library)

$(library): plugin.cpp
	$(CXX) -std=c++17 -static-libstdc++ -static-libgcc -O2 -Wall -Wextra -o $@ $< $$(pkg-config --cflags --libs gateway-plugin)

.PHONY: check
check: $(library)
	$(GATEWAY) plugins check ./$(library)

.PHONY: install
install: $(library)
	install -D -m 755 $(library) "$(DESTDIR)$$(pkg-config --variable=plugindir gateway-plugin)/$(library)"

.PHONY: clean
clean:
	rm -rf $(library)

"""##),
            ("README.md", ##"""
# @NAME@

A cache plugin for the gateway, in C++. It works as it is: it keeps a bounded number of answers in memory. `plugin.cpp` is where
to begin; the comments cite the rules of `gateway_cache_plugin.h`, which says what the gateway and a plugin owe each other.

It needs a C++17 compiler, make, pkg-config, and what `make install` of the gateway puts below its prefix. Where the gateway is not installed below
`/usr/local`, tell pkg-config with `PKG_CONFIG_PATH=PREFIX/lib/pkgconfig`.

```sh
make            # builds libgateway-cache-@NAME@.so
make check      # tries it against every rule of the interface, with `gateway plugins check`
make install    # puts it into the gateway's plugin directory
```

Then name it in the gateway's configuration:

```yaml
litellm_settings:
  cache: True
  cache_params:
    type: @NAME@
```

The type, the file's name and `cache_params.type` are the same. `gateway plugins describe @NAME@` prints its parameters.

"""##),
            ("plugin.cpp", ##"""
// SPDX-License-Identifier: Apache-2.0
//
// A cache plugin in C++17 that keeps a bounded number of answers in memory. `type: @NAME@` loads it. The comments cite
// the header's rules.
//
// Every function that the host calls is noexcept, which the header asks for, and runs under `guarded`, so that an
// exception ends as a status instead of the process (rule P-3).
#include <gateway_cache_plugin.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <list>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <string_view>
#include <unordered_map>

namespace {

// Whether a struct of the host has at least the fields of version 1.0 (rule L-1). A field that a later minor version adds
// is read only where GW_HAS says that it is there.
template <typename Struct>
bool is_readable(const Struct *p, std::uint32_t size_1_0) noexcept {
    return p != nullptr && p->struct_size >= size_1_0;
}

template <typename Body>
std::int32_t guarded(Body body) noexcept {
    try {
        return body();
    } catch (const std::bad_alloc &) {
        return GW_ENOSPC;
    } catch (...) {
        return GW_EINTERNAL;
    }
}

// Says in one line what is wrong and how to correct it, and which parameter is at fault.
std::int32_t refuse(gw_error *error, std::int32_t code, std::string_view parameter, std::string_view message) noexcept {
    if (!is_readable(error, GW_ERROR_SIZE_1_0)) return code;
    error->code = code;
    error->length = static_cast<std::uint32_t>(std::min(message.size(), sizeof error->message));
    std::memcpy(error->message, message.data(), error->length);
    error->parameter_length = static_cast<std::uint32_t>(std::min(parameter.size(), sizeof error->parameter));
    std::memcpy(error->parameter, parameter.data(), error->parameter_length);
    return code;
}

std::string_view view(gw_slice bytes) noexcept {
    return {static_cast<const char *>(bytes.p), static_cast<std::size_t>(bytes.n)};
}

// ---- The entries ------------------------------------------------------------

using Value = std::shared_ptr<const std::string>;

// A part of the entries with a lock of its own, which is held for a few comparisons: values are copied before, and freed
// after. The entry that was used the longest ago is removed first.
class Shard {
  public:
    Value find(std::string_view key, std::uint64_t now) {
        Entries removed; // freed after the lock
        std::lock_guard lock(mutex_);
        auto found = index_.find(key);
        if (found == index_.end()) return nullptr;
        if (found->second->end_ns <= now) {
            take(found, removed);
            return nullptr;
        }
        entries_.splice(entries_.begin(), entries_, found->second);
        return found->second->value;
    }

    // Returns whether another entry had to go.
    bool store(std::string_view key, Value value, std::uint64_t end_ns, std::size_t most) {
        Entries added, removed;
        added.push_front({std::string(key), std::move(value), end_ns});
        std::lock_guard lock(mutex_);
        auto found = index_.find(key);
        if (found != index_.end()) take(found, removed);
        bool is_full = entries_.size() >= most;
        if (is_full) take(index_.find(entries_.back().key), removed);
        index_.emplace(added.front().key, added.begin());
        entries_.splice(entries_.begin(), added);
        return is_full;
    }

    bool remove(std::string_view key, std::uint64_t now) {
        Entries removed;
        std::lock_guard lock(mutex_);
        auto found = index_.find(key);
        if (found == index_.end()) return false;
        take(found, removed);
        return removed.front().end_ns > now;
    }

  private:
    struct Entry {
        std::string key;
        Value value;
        std::uint64_t end_ns;
    };
    using Entries = std::list<Entry>;
    using Index = std::unordered_map<std::string_view, Entries::iterator>;

    void take(Index::iterator found, Entries &to) {
        auto entry = found->second;
        index_.erase(found); // its key is the entry's
        to.splice(to.begin(), entries_, entry);
    }

    std::mutex mutex_;
    Entries entries_; // the one that was used last is at the front
    Index index_;
};

constexpr std::size_t shard_count = 64;

} // namespace

// The instance, whose type the header declares.
struct gw_cache {
    const gw_host *host = nullptr;
    std::size_t most_of_shard = 1;
    std::array<Shard, shard_count> shards;
    std::atomic<std::uint64_t> hits{0}, misses{0}, evictions{0};
    // Operations that run, values that the host reads, and one for the instance until shutdown.
    std::atomic<std::uint64_t> users{1};
    std::atomic<std::uint64_t> shutdown_id{0}; // the operation that the last user completes; 0: none
    std::atomic<bool> is_closed{false};

    // The host makes keys of digests, so that nobody can choose keys of one shard.
    Shard &shard(std::string_view key) { return shards[std::hash<std::string_view>{}(key) % shard_count]; }

    std::uint64_t now() const noexcept { return host->now_monotonic_ns(host); }

    // Whether an operation may run. If so, it ends with leave.
    bool enter() noexcept {
        users.fetch_add(1);
        if (!is_closed.load()) return true;
        leave(1);
        return false;
    }

    // Takes users away. The last one completes the shutdown, after which the instance may be gone at any time.
    void leave(std::uint64_t n) noexcept {
        const gw_host *services = host;
        if (n == 0 || users.fetch_sub(n) != n) return;
        if (std::uint64_t id = shutdown_id.exchange(0)) services->complete(services, id, GW_OK); // once: rule O-2
    }
};

namespace {

// An operation, from enter to leave.
class Visit {
  public:
    explicit Visit(gw_cache *cache) noexcept : cache_(cache), is_open_(cache->enter()) {}
    ~Visit() {
        if (is_open_) cache_->leave(1);
    }
    Visit(const Visit &) = delete;
    Visit &operator=(const Visit &) = delete;
    bool is_open() const noexcept { return is_open_; }

  private:
    gw_cache *cache_;
    bool is_open_;
};

// ---- Operations: all but a shutdown are done when they return (rule O-1) ------

gw_result *result_at(const gw_get_op *op, std::uint32_t i) noexcept {
    // Arrays are walked by their stride, never by our sizeof (rule L-2).
    return reinterpret_cast<gw_result *>(reinterpret_cast<char *>(op->results) + std::size_t{i} * op->result_stride);
}

void release(gw_cache *cache, const std::uint64_t *leases, std::uint32_t n) noexcept {
    std::uint64_t released = 0;
    for (std::uint32_t i = 0; i < n; i++) {
        if (leases[i] == 0) continue; // nothing to release (rule V-2)
        delete reinterpret_cast<Value *>(leases[i]);
        released++;
    }
    cache->leave(released);
}

std::int32_t get(gw_cache *cache, gw_get_op *op) noexcept {
    if (!is_readable(op, GW_GET_OP_SIZE_1_0)) return GW_EINVAL;
    Visit visit(cache);
    if (!visit.is_open()) return GW_ECANCELLED;
    std::uint64_t now = cache->now();
    for (std::uint32_t i = 0; i < op->n; i++) {
        gw_result *result = result_at(op, i);
        result->status = guarded([&] {
            Value value = cache->shard(view(op->keys[i])).find(view(op->keys[i]), now);
            if (!value) return GW_MISS;
            auto lease = std::make_unique<Value>(std::move(value)); // keeps the value until it is released (rule V-1)
            result->value = {(*lease)->data(), (*lease)->size()};
            cache->users.fetch_add(1);
            result->lease = reinterpret_cast<std::uint64_t>(lease.release());
            return GW_OK;
        });
        (result->status == GW_OK ? cache->hits : cache->misses).fetch_add(1);
    }
    return GW_DONE;
}

Value value_of(const gw_item *item) {
    std::size_t length = 0;
    for (std::uint32_t i = 0; i < item->n_parts; i++) length += static_cast<std::size_t>(item->parts[i].n);
    std::string value;
    value.reserve(length);
    for (std::uint32_t i = 0; i < item->n_parts; i++)
        if (item->parts[i].n > 0) value.append(view(item->parts[i])); // p may be NULL otherwise
    return std::make_shared<const std::string>(std::move(value));
}

// When an entry that is stored now ends, on the monotonic clock.
std::uint64_t end_of(std::uint64_t now, std::uint64_t ttl_ms) noexcept {
    bool is_limited = ttl_ms > 0 && ttl_ms < (UINT64_MAX - now) / 1000000u;
    return is_limited ? now + ttl_ms * 1000000u : UINT64_MAX;
}

std::int32_t set(gw_cache *cache, gw_set_op *op) noexcept {
    if (!is_readable(op, GW_SET_OP_SIZE_1_0)) return GW_EINVAL;
    Visit visit(cache);
    if (!visit.is_open()) return GW_ECANCELLED;
    std::uint64_t now = cache->now();
    for (std::uint32_t i = 0; i < op->n; i++) {
        auto item = reinterpret_cast<const gw_item *>(reinterpret_cast<const char *>(op->items) +
                                                      std::size_t{i} * op->item_stride);
        op->statuses[i] = guarded([&] { // each item has its own status (rule O-4)
            bool has_evicted = cache->shard(view(item->key))
                                   .store(view(item->key), value_of(item), end_of(now, item->ttl_ms), cache->most_of_shard);
            if (has_evicted) cache->evictions.fetch_add(1);
            return GW_OK;
        });
    }
    return GW_DONE;
}

std::int32_t del(gw_cache *cache, gw_del_op *op) noexcept {
    if (!is_readable(op, GW_DEL_OP_SIZE_1_0)) return GW_EINVAL;
    Visit visit(cache);
    if (!visit.is_open()) return GW_ECANCELLED;
    std::uint64_t now = cache->now();
    for (std::uint32_t i = 0; i < op->n; i++)
        op->statuses[i] = guarded([&] {
            std::string_view key = view(op->keys[i]);
            return cache->shard(key).remove(key, now) ? GW_OK : GW_MISS;
        });
    return GW_DONE;
}

std::int32_t ping(gw_cache *cache, gw_plain_op *) noexcept { return cache->is_closed.load() ? GW_ECANCELLED : GW_DONE; }

void stats(gw_cache *cache, const gw_stats *stats) noexcept {
    if (!is_readable(stats, GW_STATS_SIZE_1_0)) return;
    stats->add(stats, "hits", GW_STAT_COUNTER, cache->hits.load());
    stats->add(stats, "misses", GW_STAT_COUNTER, cache->misses.load());
    stats->add(stats, "evictions", GW_STAT_COUNTER, cache->evictions.load());
}

// ---- Life --------------------------------------------------------------------

std::int32_t create(const gw_host *host, const gw_params *params, gw_error *error, gw_cache **out) noexcept {
    if (!is_readable(host, GW_HOST_SIZE_1_0) || !is_readable(params, GW_PARAMS_SIZE_1_0))
        return refuse(error, GW_EINVAL, "", "the host is older than version 1.0 of the plugin interface");
    std::int64_t entries = 0;
    if (params->get_int(params, "entries", &entries) != GW_OK || entries < 1)
        return refuse(error, GW_ECONFIG, "entries", "entries is a number of at least 1");
    std::int32_t status = guarded([&] {
        auto cache = std::make_unique<gw_cache>();
        cache->host = host;
        cache->most_of_shard = std::max<std::size_t>(1, static_cast<std::size_t>(entries) / shard_count);
        *out = cache.release();
        return GW_OK;
    });
    return status == GW_OK ? GW_OK : refuse(error, status, "", "there is no memory");
}

// Nothing is in flight, but the host may still read values; the last of them to be released completes the operation. If
// that takes longer than the deadline, the host no longer waits and leaves the instance as it is (rule C-5).
std::int32_t shutdown(gw_cache *cache, gw_plain_op *op) noexcept {
    if (!is_readable(op, GW_PLAIN_OP_SIZE_1_0)) return GW_EINVAL;
    cache->shutdown_id.store(op->op.id);
    cache->is_closed.store(true);
    if (cache->users.fetch_sub(1) != 1) return GW_PENDING;
    cache->shutdown_id.store(0);
    return GW_DONE;
}

void destroy(gw_cache *cache) noexcept { delete cache; }

// ---- What the host learns about the plugin --------------------------------------

const gw_param *parameters() noexcept {
    static const gw_param table[] = {[] {
        gw_param entries{};
        entries.struct_size = sizeof entries;
        entries.type = GW_PARAM_INT;
        entries.name = "entries";
        entries.doc = "how many answers are kept at most, in 64 parts";
        entries.default_value = "16384";
        entries.flags = GW_PARAM_HAS_MINIMUM | GW_PARAM_HAS_MAXIMUM;
        entries.minimum = 1;
        entries.maximum = 1 << 24;
        return entries;
    }()};
    return table;
}

const gw_plugin *descriptor() noexcept {
    static const gw_plugin plugin = [] {
        gw_plugin plugin{};
        plugin.struct_size = sizeof plugin;
        plugin.abi_minor = GW_ABI_MINOR;
        plugin.type = "@NAME@";
        plugin.version = "1.0.0";
        plugin.license = "Apache-2.0";
        plugin.summary = "a bounded number of answers in memory";
        plugin.capabilities = GW_CAP_TTL | GW_CAP_DELETE | GW_CAP_STATS;
        plugin.threads = GW_THREADS_CONCURRENT;
        plugin.default_ttl_ms = 600000;
        plugin.n_params = 1;
        plugin.params = parameters();
        plugin.param_stride = sizeof(gw_param);
        plugin.create = create;
        plugin.get = get;
        plugin.set = set;
        plugin.del = del;
        plugin.ping = ping;
        plugin.release = release;
        plugin.stats = stats;
        plugin.shutdown = shutdown;
        plugin.destroy = destroy;
        return plugin;
    }();
    return &plugin;
}

} // namespace

GW_EXPORT std::int32_t GW_CALL gateway_cache_plugin_entry_v1(const gw_abi *host, const gw_plugin **out) GW_NOEXCEPT {
    if (!is_readable(host, GW_ABI_SIZE_1_0) || out == nullptr) return GW_EINVAL;
    *out = descriptor();
    return GW_OK;
}

"""##),
        ],
        .rust: [
            (".gitignore", ##"""
*.so
target

"""##),
            ("Cargo.lock", ##"""
# This file is automatically @generated by Cargo.
# It is not intended for manual editing.
version = 3

[[package]]
name = "gateway-cache-@NAME@"
version = "1.0.0"

"""##),
            ("Cargo.toml", ##"""
# SPDX-License-Identifier: Apache-2.0
[package]
name = "gateway-cache-@NAME@"
version = "1.0.0"
edition = "2021"
license = "Apache-2.0"

[lib]
crate-type = ["cdylib"]

# Panics are caught before they reach the gateway (rule P-3), so they must unwind.
[profile.release]
panic = "unwind"

"""##),
            ("Makefile", ##"""
# Builds libgateway-cache-@NAME@.so. GATEWAY is the gateway's program, for `make check`.
GATEWAY := gateway
DESTDIR :=
library := libgateway-cache-@NAME@.so

.PHONY: all
all: $(library)

$(library): $(wildcard src/*.rs) Cargo.toml build.rs
	cargo build --release --offline --locked
	cp target/release/$(subst -,_,$(basename $(library))).so $@

.PHONY: check
check: $(library)
	$(GATEWAY) plugins check ./$(library)

.PHONY: install
install: $(library)
	install -D -m 755 $(library) "$(DESTDIR)$$(pkg-config --variable=plugindir gateway-plugin)/$(library)"

.PHONY: clean
clean:
	rm -rf $(library) target

"""##),
            ("README.md", ##"""
# @NAME@

A cache plugin for the gateway, in Rust. It works as it is: it keeps a bounded number of answers in memory. `src/store.rs` is where
to begin; the comments cite the rules of `gateway_cache_plugin.h`, which says what the gateway and a plugin owe each other.

It needs cargo with Rust 1.63 or later, make, pkg-config, and what `make install` of the gateway puts below its prefix. Where the gateway is not installed below
`/usr/local`, tell pkg-config with `PKG_CONFIG_PATH=PREFIX/lib/pkgconfig`.

```sh
make            # builds libgateway-cache-@NAME@.so
make check      # tries it against every rule of the interface, with `gateway plugins check`
make install    # puts it into the gateway's plugin directory
```

Then name it in the gateway's configuration:

```yaml
litellm_settings:
  cache: True
  cache_params:
    type: @NAME@
```

The type, the file's name and `cache_params.type` are the same. `gateway plugins describe @NAME@` prints its parameters.

"""##),
            ("build.rs", ##"""
// SPDX-License-Identifier: Apache-2.0

/// The library is never unloaded (rule P-4). That it exports `#[no_mangle]` functions alone is cargo's own doing.
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    for option in ["nodelete", "noexecstack", "now", "relro"] {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,{option}");
    }
}

"""##),
            ("src/abi.rs", ##"""
// SPDX-License-Identifier: Apache-2.0
//! gateway_cache_plugin.h, version 1.0, as far as this plugin uses it. The sizes and offsets are checked below against
//! those that the header asserts.
#![allow(dead_code)]

use std::os::raw::{c_char, c_void};

pub const DONE: i32 = 0;
pub const PENDING: i32 = 1;
pub const OK: i32 = 0;
pub const MISS: i32 = 1;
pub const EINVAL: i32 = -1;
pub const ECANCELLED: i32 = -5;
pub const ENOSPC: i32 = -9;
pub const ECONFIG: i32 = -12;
pub const EINTERNAL: i32 = -13;

pub const PARAM_INT: u32 = 2;
pub const PARAM_HAS_MINIMUM: u32 = 0x20;
pub const PARAM_HAS_MAXIMUM: u32 = 0x40;
pub const STAT_COUNTER: u32 = 1;
pub const STAT_GAUGE: u32 = 2;
pub const THREADS_CONCURRENT: u32 = 1;
pub const CAP_TTL: u64 = 0x1;
pub const CAP_DELETE: u64 = 0x2;
pub const CAP_STATS: u64 = 0x40;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Slice {
    pub p: *const c_void,
    pub n: u64,
}

#[repr(C)]
pub struct Error {
    pub struct_size: u32,
    pub code: i32,
    pub length: u32,
    pub flags: u32,
    pub message: [u8; 496],
    pub parameter_length: u32,
    pub reserved: u32,
    pub parameter: [u8; 64],
    pub retry_after_ms: u64,
}

#[repr(C)]
pub struct Param {
    pub struct_size: u32,
    pub kind: u32,
    pub flags: u32,
    pub reserved: u32,
    pub name: *const c_char,
    pub doc: *const c_char,
    pub default_value: *const c_char,
    pub env: *const c_char,
    pub example: *const c_char,
    pub group: *const c_char,
    pub replaced_by: *const c_char,
    pub aliases: *const *const c_char,
    pub choices: *const *const c_char,
    pub minimum: i64,
    pub maximum: i64,
    pub float_minimum: f64,
    pub float_maximum: f64,
}

/// A function that this plugin does not use.
pub type Unused = Option<unsafe extern "C" fn()>;

#[repr(C)]
pub struct Params {
    pub struct_size: u32,
    pub reserved: u32,
    pub host_data: *mut c_void,
    pub get_string: Unused,
    pub get_int: Option<unsafe extern "C" fn(*const Params, *const c_char, *mut i64) -> i32>,
    pub get_float: Unused,
    pub get_bool: Unused,
    pub get_list: Unused,
    pub get_json: Unused,
    pub get_source: Unused,
}

#[repr(C)]
pub struct Op {
    pub id: u64,
    pub deadline_ns: u64,
    pub error: *mut Error,
    pub flags: u32,
    pub reserved0: u32,
    pub reserved: [u64; 4],
}

#[repr(C)]
pub struct GetResult {
    pub status: i32,
    pub reserved: u32,
    pub value: Slice,
    pub lease: u64,
    pub reserved1: u64,
}

#[repr(C)]
pub struct GetOp {
    pub struct_size: u32,
    pub n: u32,
    pub op: Op,
    pub keys: *const Slice,
    pub results: *mut GetResult,
    pub result_stride: u32,
    pub reserved: u32,
}

#[repr(C)]
pub struct Item {
    pub key: Slice,
    pub parts: *const Slice,
    pub n_parts: u32,
    pub flags: u32,
    pub ttl_ms: u64,
    pub tags: *const c_void,
    pub n_tags: u32,
    pub reserved: u32,
}

#[repr(C)]
pub struct SetOp {
    pub struct_size: u32,
    pub n: u32,
    pub op: Op,
    pub items: *const Item,
    pub statuses: *mut i32,
    pub item_stride: u32,
    pub reserved: u32,
}

#[repr(C)]
pub struct DelOp {
    pub struct_size: u32,
    pub n: u32,
    pub op: Op,
    pub keys: *const Slice,
    pub statuses: *mut i32,
}

#[repr(C)]
pub struct PlainOp {
    pub struct_size: u32,
    pub reserved: u32,
    pub op: Op,
}

#[repr(C)]
pub struct Stats {
    pub struct_size: u32,
    pub reserved: u32,
    pub host_data: *mut c_void,
    pub add: Option<unsafe extern "C" fn(*const Stats, *const c_char, u32, u64)>,
}

#[repr(C)]
pub struct Host {
    pub struct_size: u32,
    pub abi_minor: u32,
    pub host_data: *mut c_void,
    pub name: *const c_char,
    pub version: *const c_char,
    pub instance: *const c_char,
    pub io_threads_hint: u32,
    pub max_inflight: u32,
    pub complete: Option<unsafe extern "C" fn(*const Host, u64, i32)>,
    pub log_level: Unused,
    pub log: Unused,
    pub now_monotonic_ns: Option<unsafe extern "C" fn(*const Host) -> u64>,
    pub now_unix_ms: Unused,
    pub health: Unused,
    pub get_extension: Unused,
    pub max_value: u64,
    pub blocking_threads: u32,
    pub reserved: u32,
}

/// An instance, of which the host knows the address only.
pub type Cache = crate::Instance;

#[repr(C)]
pub struct Plugin {
    pub struct_size: u32,
    pub abi_minor: u32,
    pub kind: *const c_char,
    pub version: *const c_char,
    pub vendor: *const c_char,
    pub license: *const c_char,
    pub summary: *const c_char,
    pub doc_url: *const c_char,
    pub capabilities: u64,
    pub threads: u32,
    pub max_batch: u32,
    pub max_key: u32,
    pub n_params: u32,
    pub max_value: u64,
    pub default_ttl_ms: u64,
    pub params: *const Param,
    pub param_stride: u32,
    pub max_threads: u32,
    pub validate: Unused,
    pub create: Option<unsafe extern "C" fn(*const Host, *const Params, *mut Error, *mut *mut Cache) -> i32>,
    pub start: Unused,
    pub get: Option<unsafe extern "C" fn(*const Cache, *mut GetOp) -> i32>,
    pub set: Option<unsafe extern "C" fn(*const Cache, *mut SetOp) -> i32>,
    pub del: Option<unsafe extern "C" fn(*const Cache, *mut DelOp) -> i32>,
    pub ping: Option<unsafe extern "C" fn(*const Cache, *mut PlainOp) -> i32>,
    pub flush: Unused,
    pub cancel: Unused,
    pub release: Option<unsafe extern "C" fn(*const Cache, *const u64, u32)>,
    pub stats: Option<unsafe extern "C" fn(*const Cache, *const Stats)>,
    pub shutdown: Option<unsafe extern "C" fn(*const Cache, *mut PlainOp) -> i32>,
    pub destroy: Option<unsafe extern "C" fn(*mut Cache)>,
    pub get_extension: Unused,
}

#[repr(C)]
pub struct Abi {
    pub struct_size: u32,
    pub abi_minor: u32,
    pub host_name: *const c_char,
    pub host_version: *const c_char,
    pub error: *mut Error,
}

/// A struct of the host that begins with its size, which may be shorter or longer than here (rule L-1).
pub trait Growable {
    /// Its size in version 1.0, the least that is accepted.
    const LEAST_SIZE: u32;
}

macro_rules! growable {
    ($($name:ident $size:literal),* $(,)?) => { $(
        impl Growable for $name { const LEAST_SIZE: u32 = $size; }
        const _: () = assert!(std::mem::size_of::<$name>() == $size);
    )* };
}

growable! {
    Error 592, Param 120, Params 72, GetOp 96, SetOp 96, DelOp 88, PlainOp 72, Stats 24, Host 120, Plugin 224, Abi 32,
}

const _: () = assert!(std::mem::size_of::<Slice>() == 16);
const _: () = assert!(std::mem::size_of::<Op>() == 64);
const _: () = assert!(std::mem::size_of::<GetResult>() == 40);
const _: () = assert!(std::mem::size_of::<Item>() == 56);

/// Whether every field of version 1.0 may be used. The size is read by itself: a reference to a shorter struct would
/// be one to memory that is not there.
///
/// # Safety
/// The pointer is NULL or points to a struct of the host.
pub unsafe fn is_readable<T: Growable>(p: *const T) -> bool {
    !p.is_null() && *(p as *const u32) >= T::LEAST_SIZE
}

impl Slice {
    pub const EMPTY: Slice = Slice { p: std::ptr::null(), n: 0 };

    /// # Safety
    /// The slice is one of an operation that is not over (rule O-3).
    pub unsafe fn bytes<'a>(&self) -> &'a [u8] {
        if self.n == 0 {
            return &[];
        }
        std::slice::from_raw_parts(self.p as *const u8, self.n as usize)
    }
}

"""##),
            ("src/lib.rs", ##"""
// SPDX-License-Identifier: Apache-2.0
//! A cache plugin in Rust that keeps a bounded number of answers in memory. `type: @NAME@` loads it.
//!
//! `abi.rs` is the C header, `store.rs` safe Rust; this is what lies between them. Every function that the host calls
//! runs under `guarded`, so that no panic crosses the interface (rule P-3).

mod abi;
mod store;

use abi::*;
use std::os::raw::c_char;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::null;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;
use store::{Store, Value};

/// What a `gw_cache` points to.
pub struct Instance {
    host: *const Host,
    store: Store,
    /// Operations that run, values that the host reads, and one for the instance until shutdown.
    users: AtomicU64,
    /// The operation that the last user completes. 0: none.
    shutdown_id: AtomicU64,
    is_closed: AtomicBool,
}

impl Instance {
    fn now_ns(&self) -> u64 {
        unsafe { (*self.host).now_monotonic_ns.map_or(0, |now| now(self.host)) }
    }

    /// Whether an operation may run. If so, it ends with `leave`.
    fn enter(&self) -> bool {
        self.users.fetch_add(1, Ordering::SeqCst);
        let is_open = !self.is_closed.load(Ordering::SeqCst);
        if !is_open {
            self.leave(1);
        }
        is_open
    }

    /// Takes users away. The last one completes the shutdown, after which the instance may be gone at any time.
    fn leave(&self, n: u64) {
        let host = self.host;
        if n == 0 || self.users.fetch_sub(n, Ordering::SeqCst) != n {
            return;
        }
        let id = self.shutdown_id.swap(0, Ordering::SeqCst);
        if id != 0 {
            if let Some(complete) = unsafe { (*host).complete } {
                unsafe { complete(host, id, OK) }
            }
        }
    }
}

fn guarded(body: impl FnOnce() -> i32) -> i32 {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(EINTERNAL)
}

/// Says in one line what is wrong, and which parameter is at fault.
unsafe fn refuse(error: *mut Error, code: i32, parameter: &str, message: &str) -> i32 {
    if is_readable(error) {
        let length = message.len().min((*error).message.len());
        let name_length = parameter.len().min((*error).parameter.len());
        (*error).code = code;
        (*error).length = length as u32;
        (&mut (*error).message)[..length].copy_from_slice(&message.as_bytes()[..length]);
        (*error).parameter_length = name_length as u32;
        (&mut (*error).parameter)[..name_length].copy_from_slice(&parameter.as_bytes()[..name_length]);
    }
    code
}

// ---- Operations: all but a shutdown are done when they return (rule O-1) ----

unsafe extern "C" fn get(cache: *const Cache, op: *mut GetOp) -> i32 {
    guarded(|| {
        if !is_readable(op) {
            return EINVAL;
        }
        let instance = &*cache;
        if !instance.enter() {
            return ECANCELLED;
        }
        let now = instance.now_ns();
        for index in 0..(*op).n as usize {
            // Arrays are walked by their stride, never by our own size (rule L-2).
            let result = ((*op).results as *mut u8).add(index * (*op).result_stride as usize) as *mut GetResult;
            if let Some(value) = instance.store.get((*(*op).keys.add(index)).bytes(), now) {
                instance.users.fetch_add(1, Ordering::SeqCst);
                (*result).value = Slice { p: value.as_ptr() as _, n: value.len() as u64 };
                // An address, so never 0, which would mean that nothing is to be released (rule V-2).
                (*result).lease = Arc::into_raw(value) as u64;
                (*result).status = OK;
            }
        }
        instance.leave(1);
        DONE
    })
}

/// The concatenation of an item's parts. It is None where there is no memory, for which Rust would abort (rule P-2).
unsafe fn value_of(item: *const Item) -> Option<Vec<u8>> {
    let parts = (0..(*item).n_parts as usize).map(|index| (*(*item).parts.add(index)).bytes());
    let mut value = Vec::new();
    value.try_reserve_exact(parts.clone().map(<[u8]>::len).sum()).ok()?;
    parts.for_each(|part| value.extend_from_slice(part));
    Some(value)
}

unsafe extern "C" fn set(cache: *const Cache, op: *mut SetOp) -> i32 {
    guarded(|| {
        if !is_readable(op) {
            return EINVAL;
        }
        let instance = &*cache;
        if !instance.enter() {
            return ECANCELLED;
        }
        let now = instance.now_ns();
        for index in 0..(*op).n as usize {
            let item = ((*op).items as *const u8).add(index * (*op).item_stride as usize) as *const Item;
            let end = match (*item).ttl_ms {
                0 => u64::MAX,
                ttl => now.saturating_add(ttl.saturating_mul(1_000_000)),
            };
            let status = match value_of(item) {
                Some(value) => {
                    instance.store.set((*item).key.bytes().to_vec(), value, end);
                    OK
                }
                None => ENOSPC,
            };
            *(*op).statuses.add(index) = status;
        }
        instance.leave(1);
        DONE
    })
}

unsafe extern "C" fn del(cache: *const Cache, op: *mut DelOp) -> i32 {
    guarded(|| {
        if !is_readable(op) {
            return EINVAL;
        }
        let instance = &*cache;
        if !instance.enter() {
            return ECANCELLED;
        }
        let now = instance.now_ns();
        for index in 0..(*op).n as usize {
            let was_there = instance.store.remove((*(*op).keys.add(index)).bytes(), now);
            *(*op).statuses.add(index) = if was_there { OK } else { MISS };
        }
        instance.leave(1);
        DONE
    })
}

unsafe extern "C" fn ping(cache: *const Cache, _op: *mut PlainOp) -> i32 {
    guarded(|| if (*cache).is_closed.load(Ordering::SeqCst) { ECANCELLED } else { DONE })
}

/// Takes no lock: it is called from any thread, and never waits (rule T-2).
unsafe extern "C" fn release(cache: *const Cache, leases: *const u64, n: u32) {
    guarded(|| {
        let mut released = 0;
        for index in 0..n as usize {
            let lease = *leases.add(index);
            if lease != 0 {
                drop(Value::from_raw(lease as *const Vec<u8>));
                released += 1;
            }
        }
        (*cache).leave(released);
        DONE
    });
}

/// Reports from memory, without a lock (rule T-2).
unsafe extern "C" fn stats(cache: *const Cache, stats: *const Stats) {
    guarded(|| {
        if let (true, store) = (is_readable(stats), &(*cache).store) {
            if let Some(add) = (*stats).add {
                add(stats, text("hits\0"), STAT_COUNTER, store.hits.load(Ordering::Relaxed));
                add(stats, text("misses\0"), STAT_COUNTER, store.misses.load(Ordering::Relaxed));
                add(stats, text("evictions\0"), STAT_COUNTER, store.evictions.load(Ordering::Relaxed));
                add(stats, text("items\0"), STAT_GAUGE, store.items.load(Ordering::Relaxed));
            }
        }
        DONE
    });
}

// ---- Life ----

unsafe extern "C" fn create(host: *const Host, params: *const Params, error: *mut Error, out: *mut *mut Cache) -> i32 {
    guarded(|| {
        if !is_readable(host) || !is_readable(params) {
            return refuse(error, EINVAL, "", "the host is older than version 1.0 of the plugin interface");
        }
        let mut entries = 0;
        let status = (*params).get_int.map_or(EINTERNAL, |get| get(params, text("entries\0"), &mut entries));
        if status != OK || entries < 1 {
            return refuse(error, ECONFIG, "entries", "entries is a number of at least 1");
        }
        *out = Box::into_raw(Box::new(Instance {
            host,
            store: Store::new(entries as usize),
            users: AtomicU64::new(1),
            shutdown_id: AtomicU64::new(0),
            is_closed: AtomicBool::new(false),
        }));
        OK
    })
}

/// The host may still read values; the last of them to be released completes the operation.
unsafe extern "C" fn shutdown(cache: *const Cache, op: *mut PlainOp) -> i32 {
    guarded(|| {
        if !is_readable(op) {
            return EINVAL;
        }
        let instance = &*cache;
        instance.shutdown_id.store((*op).op.id, Ordering::SeqCst);
        instance.is_closed.store(true, Ordering::SeqCst);
        if instance.users.fetch_sub(1, Ordering::SeqCst) != 1 {
            return PENDING;
        }
        instance.shutdown_id.store(0, Ordering::SeqCst);
        DONE
    })
}

unsafe extern "C" fn destroy(cache: *mut Cache) {
    guarded(|| {
        drop(Box::from_raw(cache));
        DONE
    });
}

// ---- What the host learns about the plugin ----

/// A C string of a text that ends with a NUL.
const fn text(text: &'static str) -> *const c_char {
    text.as_ptr() as *const c_char
}

/// The descriptors hold pointers to constants only.
struct Constant<T>(T);
unsafe impl<T> Sync for Constant<T> {}

static PARAMETERS: Constant<[Param; 1]> = Constant([Param {
    struct_size: std::mem::size_of::<Param>() as u32,
    kind: PARAM_INT,
    flags: PARAM_HAS_MINIMUM | PARAM_HAS_MAXIMUM,
    reserved: 0,
    name: text("entries\0"),
    doc: text("how many answers are kept at most, in 64 parts\0"),
    default_value: text("16384\0"),
    env: null(),
    example: null(),
    group: null(),
    replaced_by: null(),
    aliases: null(),
    choices: null(),
    minimum: 1,
    maximum: 1 << 24,
    float_minimum: 0.0,
    float_maximum: 0.0,
}]);

static DESCRIPTOR: Constant<Plugin> = Constant(Plugin {
    struct_size: std::mem::size_of::<Plugin>() as u32,
    abi_minor: 0,
    kind: text("@NAME@\0"),
    version: text("1.0.0\0"),
    vendor: null(),
    license: text("Apache-2.0\0"),
    summary: text("a bounded number of answers in memory\0"),
    doc_url: null(),
    capabilities: CAP_TTL | CAP_DELETE | CAP_STATS,
    threads: THREADS_CONCURRENT,
    max_batch: 0,
    max_key: 0,
    n_params: 1,
    max_value: 0,
    default_ttl_ms: 600_000,
    params: &PARAMETERS.0 as *const Param,
    param_stride: std::mem::size_of::<Param>() as u32,
    max_threads: 0,
    validate: None,
    create: Some(create),
    start: None,
    get: Some(get),
    set: Some(set),
    del: Some(del),
    ping: Some(ping),
    flush: None,
    cancel: None,
    release: Some(release),
    stats: Some(stats),
    shutdown: Some(shutdown),
    destroy: Some(destroy),
    get_extension: None,
});

/// The one function that the library exports.
///
/// # Safety
/// The host calls it as the header says.
#[no_mangle]
pub unsafe extern "C" fn gateway_cache_plugin_entry_v1(host: *const Abi, out: *mut *const Plugin) -> i32 {
    if !is_readable(host) || out.is_null() {
        return EINVAL;
    }
    *out = &DESCRIPTOR.0;
    OK
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_panic_ends_as_a_status() {
        assert_eq!(super::guarded(|| panic!("a defect of the plugin")), super::EINTERNAL);
    }
}

"""##),
            ("src/store.rs", ##"""
// SPDX-License-Identifier: Apache-2.0
//! A bounded number of values in memory, which any number of threads may use.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

/// A value is shared by its entry and by the leases on it (rule V-1).
pub type Value = Arc<Vec<u8>>;

struct Entry {
    value: Value,
    end_ns: u64,
}

type Shard = HashMap<Vec<u8>, Entry>;

const SHARDS: usize = 64;

pub struct Store {
    /// A lock is held for a few comparisons, never while memory is copied or freed.
    shards: Vec<Mutex<Shard>>,
    most_of_shard: usize,
    pub hits: AtomicU64,
    pub misses: AtomicU64,
    pub evictions: AtomicU64,
    pub items: AtomicU64,
}

impl Store {
    pub fn new(entries: usize) -> Store {
        Store {
            shards: (0..SHARDS).map(|_| Mutex::new(Shard::new())).collect(),
            most_of_shard: (entries / SHARDS).max(1),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            evictions: AtomicU64::new(0),
            items: AtomicU64::new(0),
        }
    }

    pub fn get(&self, key: &[u8], now_ns: u64) -> Option<Value> {
        let mut expired = None;
        let value = {
            let mut shard = self.shard(key);
            match shard.get(key) {
                Some(entry) if entry.end_ns > now_ns => Some(entry.value.clone()),
                Some(_) => {
                    expired = shard.remove(key);
                    None
                }
                None => None,
            }
        };
        if expired.is_some() {
            self.items.fetch_sub(1, Ordering::Relaxed);
        }
        drop(expired);
        let figure = if value.is_some() { &self.hits } else { &self.misses };
        figure.fetch_add(1, Ordering::Relaxed);
        value
    }

    /// Replaces what is there. A full shard loses any entry of it.
    pub fn set(&self, key: Vec<u8>, value: Vec<u8>, end_ns: u64) {
        let entry = Entry { value: Arc::new(value), end_ns };
        let (mut evicted, replaced);
        {
            let mut shard = self.shard(&key);
            evicted = None;
            if shard.len() >= self.most_of_shard && !shard.contains_key(&key) {
                if let Some(victim) = shard.keys().next().cloned() {
                    evicted = shard.remove(&victim);
                }
            }
            replaced = shard.insert(key, entry);
        }
        if evicted.take().is_some() {
            self.evictions.fetch_add(1, Ordering::Relaxed);
        } else if replaced.is_none() {
            self.items.fetch_add(1, Ordering::Relaxed);
        }
        drop(replaced);
    }

    /// Whether there was an entry.
    pub fn remove(&self, key: &[u8], now_ns: u64) -> bool {
        let removed = self.shard(key).remove(key);
        if removed.is_some() {
            self.items.fetch_sub(1, Ordering::Relaxed);
        }
        removed.map_or(false, |entry| entry.end_ns > now_ns)
    }

    /// FNV-1a. The host makes keys of digests, so that nobody can choose keys of one shard.
    fn shard(&self, key: &[u8]) -> MutexGuard<'_, Shard> {
        let hash = key.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
        });
        lock(&self.shards[hash as usize % SHARDS])
    }
}

/// A panic elsewhere does not take the shard with it: its map is whole between two calls of the standard library's.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

"""##),
        ],
        .swift: [
            (".gitignore", ##"""
*.so
.build

"""##),
            ("Makefile", ##"""
# Builds libgateway-cache-@NAME@.so. GATEWAY is the gateway's program, for `make check`.
GATEWAY := gateway
DESTDIR :=
library := libgateway-cache-@NAME@.so

.PHONY: all
all: $(library)

$(library): $(wildcard Sources/*/*.swift) Package.swift
	GATEWAY_PLUGIN_KIT=$$(pkg-config --variable=pluginkit gateway-plugin) \
	  swift build --configuration release --product $(patsubst lib%.so,%,$(library))
	cp .build/release/$(library) $@

.PHONY: check
check: $(library)
	$(GATEWAY) plugins check ./$(library)

.PHONY: install
install: $(library)
	install -D -m 755 $(library) "$(DESTDIR)$$(pkg-config --variable=plugindir gateway-plugin)/$(library)"

.PHONY: clean
clean:
	rm -rf $(library) .build

"""##),
            ("Package.swift", ##"""
// swift-tools-version:6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// Where `make install` has put the kit: `pkg-config --variable=pluginkit gateway-plugin`.
let kit = Context.environment["GATEWAY_PLUGIN_KIT"] ?? "/usr/local/share/gateway/PluginKit"

/// The library carries its own Swift runtime and exports its entry function alone (rule P-4).
let linking =
    ["-static-stdlib", "-Xlinker", "--version-script=\(kit)/../plugin.exports"]
    + ["defs", "nodelete", "noexecstack", "now", "relro"].flatMap { ["-Xlinker", "-z", "-Xlinker", $0] }

let package = Package(
    name: "@NAME@",
    products: [.library(name: "gateway-cache-@NAME@", type: .dynamic, targets: ["MemoryCache"])],
    dependencies: [.package(path: kit)],
    targets: [
        .target(
            name: "MemoryCache",
            dependencies: [.product(name: "PluginKit", package: "PluginKit")],
            linkerSettings: [.unsafeFlags(linking)]
        )
    ],
    swiftLanguageModes: [.v6]
)

"""##),
            ("README.md", ##"""
# @NAME@

A cache plugin for the gateway, in Swift. It works as it is: it keeps a bounded number of answers in memory. `Sources/MemoryCache/MemoryCache.swift` is where
to begin; the comments cite the rules of `gateway_cache_plugin.h`, which says what the gateway and a plugin owe each other.

It needs Swift 6.2 or later, make, pkg-config, and what `make install` of the gateway puts below its prefix. Where the gateway is not installed below
`/usr/local`, tell pkg-config with `PKG_CONFIG_PATH=PREFIX/lib/pkgconfig`.

```sh
make            # builds libgateway-cache-@NAME@.so
make check      # tries it against every rule of the interface, with `gateway plugins check`
make install    # puts it into the gateway's plugin directory
```

Then name it in the gateway's configuration:

```yaml
litellm_settings:
  cache: True
  cache_params:
    type: @NAME@
```

The type, the file's name and `cache_params.type` are the same. `gateway plugins describe @NAME@` prints its parameters.

"""##),
            ("Sources/MemoryCache/Export.swift", ##"""
// SPDX-License-Identifier: Apache-2.0
public import PluginAPI
import PluginKit

private let export = PluginExport(
    PluginDescription(
        type: "@NAME@",
        version: "1.0.0",
        summary: "a bounded number of answers in memory",
        license: "Apache-2.0",
        capabilities: [.ttl, .delete],
        threads: .serial,
        defaultTTLMilliseconds: 600_000,
        parameters: [
            Parameter("entries", .int, "how many answers are kept at most", default: "4096", minimum: 1)
        ]
    ),
    validate: { MemoryCache.validate($0, $1) },
    create: { MemoryCache.create($0, $1, $2, $3) }
)

/// The one function that the library exports.
@c(gateway_cache_plugin_entry_v1)
public func entry(_ host: UnsafePointer<gw_abi>?, _ out: UnsafeMutablePointer<UnsafePointer<gw_plugin>?>?) -> Int32 {
    export.answer(host, out)
}

"""##),
            ("Sources/MemoryCache/MemoryCache.swift", ##"""
// SPDX-License-Identifier: Apache-2.0
import PluginAPI
import PluginKit
import Synchronization

/// A cache plugin in Swift that keeps a bounded number of answers in memory. `type: @NAME@` loads it.
final class MemoryCache: CachePlugin {
    private struct Entry {
        let value: StoredValue
        let end: UInt64
    }

    private let host: Host
    private let most: Int
    private let leases = ValueLeases()
    /// The host makes one call at a time, because the description says `.serial`, so that nobody waits for the lock.
    private let entries = Mutex<[[UInt8]: Entry]>([:])

    init(host: Host, parameters: Parameters) throws(PluginFailure) {
        self.host = host
        most = Int(try parameters.int("entries") ?? 1)
    }

    func get(_ operation: GetOperation) -> OperationProgress {
        let now = host.monotonicNanoseconds
        for index in 0..<operation.count {
            let key = Array(operation.key(index))
            guard let entry = entries.withLock({ $0[key] }) else { continue }
            if entry.end > now { leases.lend(entry.value, to: operation, at: index) } else { remove(key) }
        }
        return .done
    }

    func set(_ operation: SetOperation) -> OperationProgress {
        let now = host.monotonicNanoseconds
        for index in 0..<operation.count {
            guard let item = operation.item(index), let value = StoredValue(item) else {
                operation.set(index, .tooLarge)
                continue
            }
            let (life, overflow) = item.ttlMilliseconds.multipliedReportingOverflow(by: 1_000_000)
            let (end, beyond) = now.addingReportingOverflow(life)
            let entry = Entry(value: value, end: item.ttlMilliseconds == 0 || overflow || beyond ? .max : end)
            entries.withLock { entries in
                let key = Array(item.key)
                if entries[key] == nil, entries.count >= most, let any = entries.keys.first { entries[any] = nil }
                entries[key] = entry
            }
        }
        return .done
    }

    func delete(_ operation: DeleteOperation) -> OperationProgress {
        for index in 0..<operation.count where !remove(Array(operation.key(index))) { operation.set(index, .miss) }
        return .done
    }

    func release(_ leases: Leases) { self.leases.takeBack(leases) }

    func shutdown(_ operation: PlainOperation) -> OperationProgress { leases.shutDown(operation) }

    /// - Returns: whether there was an entry.
    @discardableResult
    private func remove(_ key: [UInt8]) -> Bool { entries.withLock { $0.removeValue(forKey: key) } != nil }
}

"""##),
        ],
    ]
}
