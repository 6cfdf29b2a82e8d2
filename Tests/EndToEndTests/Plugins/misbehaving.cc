/* A cache that misbehaves in one way, which its parameter 'behaviour' names. docs/plugin-abi.md says what the gateway
 * makes of each. In C++, for the exception. */
#include "gateway_cache_plugin.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <pthread.h>
#include <signal.h>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <unordered_map>
#include <vector>

/* Every behaviour, by its name in the document. */
static const char *const behaviours[] = {
    "none", "crash in get", "crash in create", "crash in release", "crash in a thread", "stack overflow in get", "abort in set",
    "exit in get", "exit in a thread", "exception in get", "hang in create", "hang in start", "hang in get", "hang in shutdown",
    "hang in destroy", "fail in start", "never complete", "complete twice", "complete unknown", "complete inline",
    "wrong length", "null value", "huge value", "garbage value", "positive status", "unknown error", "log flood",
    "health flood", "fork in get", "close descriptors", "write to standard output", "fail every ping", "fail every set",
    "lose every set", "change a value", "damaged", NULL};

static const gw_param params[] = {
    {sizeof(gw_param), GW_PARAM_ENUM, GW_PARAM_REQUIRED, 0, "behaviour", "How to misbehave", NULL, NULL, NULL, NULL, NULL, NULL,
     behaviours, 0, 0, 0, 0},
    {sizeof(gw_param), GW_PARAM_BOOL, 0, 0, "refused", "Whether validate refuses it", "false", NULL, NULL, NULL, NULL, NULL,
     NULL, 0, 0, 0, 0},
};

struct gw_cache {
    const gw_host *host;
    std::string behaviour;
    std::mutex lock;
    std::unordered_map<std::string, std::string *> entries; /* values are kept until the end */
    std::vector<std::string *> values;
    std::atomic<uint64_t> given{0}, returned{0};
    bool is(const char *name) const { return behaviour == name; }
};

[[noreturn]] static void hang() {
    for (;;) usleep(100000);
}

static int volatile *volatile nowhere;
static void crash() { *nowhere = 1; }

#pragma GCC diagnostic ignored "-Winfinite-recursion"
static int overflow(int depth) {
    volatile char page[4096];
    page[depth % 4096] = (char)depth;
    return overflow(depth + 1) + page[0];
}

static void in_thread(void (*body)()) {
    pthread_t thread;
    pthread_create(
        &thread, nullptr,
        [](void *body) -> void * {
            reinterpret_cast<void (*)()>(body)();
            return nullptr;
        },
        reinterpret_cast<void *>(body));
    pthread_join(thread, nullptr);
}

static void say(gw_error *error, const char *text) {
    error->length = (uint32_t)strlen(text);
    memcpy(error->message, text, error->length);
}

/* What a look-up does besides looking up. */
static int32_t misbehave(gw_cache *c, const gw_op *op) {
    const gw_host *host = c->host;
    if (c->is("crash in get")) crash();
    if (c->is("crash in a thread")) in_thread(crash);
    if (c->is("stack overflow in get")) return overflow(0);
    if (c->is("exit in get")) exit(3);
    if (c->is("exit in a thread")) in_thread([] { exit(3); });
    if (c->is("exception in get")) throw std::runtime_error("out of luck");
    if (c->is("hang in get")) hang();
    if (c->is("never complete")) return GW_PENDING;
    if (c->is("complete twice")) {
        host->complete(host, op->id, GW_OK);
        host->complete(host, op->id, GW_OK);
        return GW_PENDING;
    }
    if (c->is("complete unknown")) host->complete(host, 0xFFFFFFFF00000000u, GW_OK);
    if (c->is("complete inline")) host->complete(host, op->id, GW_OK);
    if (c->is("positive status")) return 42;
    if (c->is("unknown error")) return -4711;
    if (c->is("log flood"))
        for (int i = 0; i < 100000; i++) host->log(host, GW_LOG_ERROR, {"the same again", 14});
    if (c->is("health flood"))
        for (int i = 0; i < 100000; i++)
            host->health(host, i % 2 ? GW_HEALTH_UP : GW_HEALTH_DEGRADED, {"back and forth", 14});
    if (c->is("fork in get")) fork();
    if (c->is("close descriptors"))
        for (int i = 3; i < 200; i++) close(i);
    if (c->is("write to standard output")) puts("a line of the plugin's");
    return GW_DONE;
}

static int32_t get(gw_cache *c, gw_get_op *op) GW_NOEXCEPT {
    int32_t status = misbehave(c, &op->op);
    if (status < 0 || status > GW_PENDING) return status;
    std::lock_guard<std::mutex> guard(c->lock);
    for (uint32_t i = 0; i < op->n; i++) {
        gw_result *result = (gw_result *)((char *)op->results + (size_t)i * op->result_stride);
        auto found = c->entries.find(std::string((const char *)op->keys[i].p, op->keys[i].n));
        if (found == c->entries.end()) continue;
        result->status = GW_OK;
        result->value = {found->second->data(), found->second->size()};
        result->lease = ++c->given;
        if (c->is("wrong length")) result->value.n = UINT64_MAX;
        if (c->is("null value")) result->value.p = nullptr;
        if (c->is("huge value")) result->value.n = 1u << 30;
        if (c->is("garbage value")) result->value = {"no entry of the gateway's", 25};
        if (c->is("damaged")) {
            result->status = GW_ECORRUPT;
            result->lease = 0;
        }
        if (c->is("change a value")) (*found->second)[found->second->size() / 2] ^= 1;
    }
    return status;
}

static int32_t set(gw_cache *c, gw_set_op *op) GW_NOEXCEPT {
    if (c->is("abort in set")) abort();
    if (c->is("fail every set")) {
        say(op->op.error, "the disk is read-only");
        return GW_ENOSPC;
    }
    if (c->is("lose every set")) return GW_DONE;
    std::lock_guard<std::mutex> guard(c->lock);
    for (uint32_t i = 0; i < op->n; i++) {
        const gw_item *item = (const gw_item *)((const char *)op->items + (size_t)i * op->item_stride);
        auto value = new std::string;
        for (uint32_t p = 0; p < item->n_parts; p++) value->append((const char *)item->parts[p].p, item->parts[p].n);
        c->values.push_back(value);
        c->entries[std::string((const char *)item->key.p, item->key.n)] = value;
        op->statuses[i] = GW_OK;
    }
    return GW_DONE;
}

static int32_t ping(gw_cache *c, gw_plain_op *op) GW_NOEXCEPT {
    if (!c->is("fail every ping")) return GW_DONE;
    say(op->op.error, "nobody home");
    return GW_EUNAVAILABLE;
}

static void release(gw_cache *c, const uint64_t *, uint32_t n) GW_NOEXCEPT {
    if (c->is("crash in release")) crash();
    c->returned += n;
}

static void stats(gw_cache *c, const gw_stats *s) GW_NOEXCEPT {
    s->add(s, "given", GW_STAT_COUNTER, c->given);
    s->add(s, "returned", GW_STAT_COUNTER, c->returned);
}

static int32_t validate(const gw_params *given, gw_error *error) GW_NOEXCEPT {
    int32_t refused = 0;
    given->get_bool(given, "refused", &refused);
    if (!refused) return GW_OK;
    say(error, "not today");
    memcpy(error->parameter, "refused", error->parameter_length = 7);
    return GW_ECONFIG;
}

static int32_t create(const gw_host *host, const gw_params *given, gw_error *, gw_cache **out) GW_NOEXCEPT {
    gw_slice text = {nullptr, 0};
    given->get_string(given, "behaviour", &text);
    auto c = new gw_cache;
    c->host = host;
    c->behaviour.assign((const char *)text.p, text.n);
    if (c->is("crash in create")) crash();
    if (c->is("hang in create")) hang();
    *out = c;
    return GW_OK;
}

static int32_t start(gw_cache *c, gw_plain_op *op) GW_NOEXCEPT {
    if (c->is("hang in start")) hang();
    if (!c->is("fail in start")) return GW_DONE;
    say(op->op.error, "the licence has expired");
    return GW_EAUTH;
}

static int32_t shutdown_(gw_cache *c, gw_plain_op *) GW_NOEXCEPT {
    if (c->is("hang in shutdown")) hang();
    return GW_DONE;
}

static void destroy(gw_cache *c) GW_NOEXCEPT {
    if (c->is("hang in destroy")) hang();
    for (auto value : c->values) delete value;
    delete c;
}

static const gw_plugin plugin = [] {
    gw_plugin p = {};
    p.struct_size = sizeof p;
    p.abi_minor = GW_ABI_MINOR;
    p.type = "misbehaving";
    p.version = "6.6.6";
    p.summary = "A cache that misbehaves";
    p.capabilities = GW_CAP_STATS;
    p.threads = GW_THREADS_CONCURRENT;
    p.params = params;
    p.n_params = sizeof params / sizeof *params;
    p.param_stride = sizeof(gw_param);
    p.max_key = 220;
    p.validate = validate, p.create = create, p.start = start, p.get = get, p.set = set, p.ping = ping, p.release = release, p.stats = stats;
    p.shutdown = shutdown_, p.destroy = destroy;
    return p;
}();

int32_t gateway_cache_plugin_entry_v1(const gw_abi *, const gw_plugin **out) GW_NOEXCEPT {
    *out = &plugin;
    return GW_OK;
}
