/* A cache that keeps nothing: it talks, answers nonsense or fails, as its parameter 'behaviour' says. */
#include "gateway_cache_plugin.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct gw_cache {
    const gw_host *host;
    char behaviour[16];
    int64_t lines;
    _Atomic uint64_t calls, next;
};

static const char *const behaviours[] = {"talk", "nonsense", "flap", "warn", "off", NULL};
static const gw_param params[] = {
    {sizeof(gw_param), GW_PARAM_ENUM, 0, 0, "behaviour", "What a look-up does", "talk", NULL, NULL, NULL, NULL, NULL, behaviours, 0, 0, 0, 0},
    {sizeof(gw_param), GW_PARAM_INT, 0, 0, "lines", "How many lines a look-up logs", "0", NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0},
};

/* Logs this thread's share of the lines, each with a number of its own and an end that shows that it is whole. */
static void *talk(void *arg) {
    gw_cache *c = arg;
    uint32_t level = strcmp(c->behaviour, "warn") == 0 ? GW_LOG_WARNING : GW_LOG_DEBUG;
    char text[512];
    for (int64_t i = 0; i < c->lines / 2; i++) {
        unsigned long long number = atomic_fetch_add(&c->next, 1);
        int n = snprintf(text, sizeof text, "begin-%llu-%0400d-end", number, 0);
        c->host->log(c->host, level, (gw_slice){text, (uint64_t)n});
    }
    return NULL;
}

static int32_t get(gw_cache *c, gw_get_op *op) {
    uint64_t call = atomic_fetch_add(&c->calls, 1);
    if (strcmp(c->behaviour, "flap") == 0 && call % 2 == 0) {
        memcpy(op->op.error->message, "out of luck", 11);
        op->op.error->length = 11;
        return GW_EUNAVAILABLE;
    }
    if (strcmp(c->behaviour, "nonsense") == 0)
        for (uint32_t i = 0; i < op->n; i++) {
            gw_result *r = (gw_result *)((char *)op->results + (size_t)i * op->result_stride);
            *r = (gw_result){GW_OK, 0, {"nonsense", 8}, 0, 60000};
        }
    if (c->lines > 0) {
        pthread_t threads[2];
        for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, talk, c);
        for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    }
    return GW_DONE;
}

static int32_t set(gw_cache *c, gw_set_op *op) { (void)c; (void)op; return GW_DONE; }
static int32_t ping(gw_cache *c, gw_plain_op *op) { (void)c; (void)op; return GW_DONE; }
static void release(gw_cache *c, const uint64_t *leases, uint32_t n) { (void)c; (void)leases; (void)n; }
static int32_t shutdown_(gw_cache *c, gw_plain_op *op) { (void)c; (void)op; return GW_DONE; }
static void destroy(gw_cache *c) { free(c); }

static int32_t create(const gw_host *host, const gw_params *p, gw_error *error, gw_cache **out) {
    (void)error;
    gw_cache *c = calloc(1, sizeof *c);
    gw_slice text;
    c->host = host;
    if (p->get_string(p, "behaviour", &text) == GW_OK) memcpy(c->behaviour, text.p, text.n);
    p->get_int(p, "lines", &c->lines);
    *out = c;
    return GW_OK;
}

static const gw_plugin plugin = {
    .struct_size = sizeof(gw_plugin), .abi_minor = GW_ABI_MINOR, .type = "talkative", .version = "1.0.0",
    .vendor = "tests", .summary = "A cache that talks", .threads = GW_THREADS_CONCURRENT, .params = params,
    .n_params = sizeof params / sizeof *params, .param_stride = sizeof(gw_param), .create = create, .get = get,
    .set = set, .ping = ping, .release = release, .shutdown = shutdown_, .destroy = destroy,
};

GW_EXPORT int32_t gateway_cache_plugin_entry_v1(const gw_abi *host, const gw_plugin **out);
GW_EXPORT int32_t gateway_cache_plugin_entry_v1(const gw_abi *host, const gw_plugin **out) {
    (void)host;
    *out = &plugin;
    return GW_OK;
}
