/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway_cache_plugin.h"
