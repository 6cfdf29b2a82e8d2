/* A cache that keeps nothing and of which two instances cannot exist at a time. */
#include "gateway_cache_plugin.h"

#include <stdatomic.h>
#include <string.h>

#ifndef CAPABILITIES
#define CAPABILITIES GW_CAP_EXCLUSIVE
#endif

struct gw_cache { int unused; };
static struct gw_cache the_one;
static _Atomic int instances;

static int32_t create(const gw_host *host, const gw_params *params, gw_error *error, gw_cache **out) {
    (void)host, (void)params;
    if (atomic_fetch_add(&instances, 1) > 0) {
        atomic_fetch_sub(&instances, 1);
        memcpy(error->message, "somebody has the lock", error->length = 21);
        return GW_EBUSY;
    }
    *out = &the_one;
    return GW_OK;
}
static int32_t get(gw_cache *c, gw_get_op *op) { return (void)c, (void)op, GW_DONE; }
static int32_t set(gw_cache *c, gw_set_op *op) { return (void)c, (void)op, GW_DONE; }
static int32_t plain(gw_cache *c, gw_plain_op *op) { return (void)c, (void)op, GW_DONE; }
static void destroy(gw_cache *c) { (void)c, atomic_fetch_sub(&instances, 1); }

static const gw_plugin plugin = {
    .struct_size = sizeof(gw_plugin), .abi_minor = GW_ABI_MINOR, .type = "alone", .version = "1.0.0",
    .summary = "One at a time", .capabilities = CAPABILITIES, .threads = GW_THREADS_CONCURRENT, .create = create,
    .get = get, .set = set, .ping = plain, .shutdown = plain, .destroy = destroy,
};

GW_EXPORT int32_t gateway_cache_plugin_entry_v1(const gw_abi *host, const gw_plugin **out) {
    (void)host;
    *out = &plugin;
    return GW_OK;
}
