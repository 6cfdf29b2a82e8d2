/* A library whose one function has every type of the interface in its signature, for abidiff to compare. */
#include "gateway_cache_plugin.h"

struct everything {
    gw_slice slice;
    gw_error error;
    gw_param param;
    gw_params params;
    gw_op op;
    gw_result result;
    gw_get_op get;
    gw_tag tag;
    gw_item item;
    gw_set_op set;
    gw_del_op del;
    gw_flush_op flush;
    gw_plain_op plain;
    gw_stats stats;
    gw_host host;
    gw_plugin plugin;
    gw_abi abi;
};

GW_EXPORT uint64_t everything(const struct everything *everything);
GW_EXPORT uint64_t everything(const struct everything *everything) { return everything->op.id; }

int32_t gateway_cache_plugin_entry_v1(const gw_abi *host, const gw_plugin **out) {
    (void)host, (void)out;
    return GW_ENOTSUP;
}
