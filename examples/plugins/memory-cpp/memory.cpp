// SPDX-License-Identifier: Apache-2.0
//
// A cache plugin in C++17 that keeps a bounded number of answers in memory. `type: memory-cpp` loads it. The comments cite
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
        plugin.type = "memory-cpp";
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
