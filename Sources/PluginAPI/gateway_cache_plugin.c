#include "gateway_cache_plugin.h"
