/* The extension "gateway.inquiry/1" of the cache plugin interface: what a
 * plugin's servers tell of themselves, for the operators of the gateway.
 *
 * It is found with gw_plugin.get_extension (rules E-1 to E-4 of
 * gateway_cache_plugin.h). docs/plugin-extensions/inquiry.md of the gateway's
 * repository describes it.
 */
#ifndef GATEWAY_CACHE_INQUIRY_H
#define GATEWAY_CACHE_INQUIRY_H

#include "gateway_cache_plugin.h"

#define GW_INQUIRY_NAME "gateway.inquiry/1"

typedef struct gw_inquiry {
    uint32_t struct_size;
    uint32_t reserved;
    /* [hot] As gw_plugin.get, with the rules O-1 to O-7 and V-1 to V-4, except
     * that the keys are names of reports and the values are their texts.
     * GW_MISS: there is no such report. A text has no secret. */
    int32_t(GW_CALL *inquire)(gw_cache *cache, gw_get_op *op) GW_NOEXCEPT;
} gw_inquiry;

#define GW_INQUIRY_SIZE_1 16u

#endif /* GATEWAY_CACHE_INQUIRY_H */
