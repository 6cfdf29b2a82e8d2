/*
 * A host that stores entries from four threads until it is killed: hammer LIBRARY PATH MAX_SIZE. The value of key number
 * i is told from i, so that whoever reads it can say whether it is whole.
 */
#define _GNU_SOURCE
#include <gateway_cache_plugin.h>

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const gw_plugin *plugin;
static gw_cache *cache;
static const char *path;
static int64_t max_size;

static uint64_t monotonic(const gw_host *host) {
    struct timespec now;
    (void)host;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
static int64_t unix_ms(const gw_host *host) {
    struct timespec now;
    (void)host;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
static void complete(const gw_host *host, uint64_t id, int32_t status) { (void)host, (void)id, (void)status; }
static void health(const gw_host *host, uint32_t state, gw_slice reason) { (void)host, (void)state, (void)reason; }

static int32_t get_string(const gw_params *params, const char *name, gw_slice *out) {
    (void)params;
    if (strcmp(name, "path") != 0) return GW_MISS;
    *out = (gw_slice){path, strlen(path)};
    return GW_OK;
}
static int32_t get_int(const gw_params *params, const char *name, int64_t *out) {
    (void)params, (void)name;
    *out = max_size;
    return GW_OK;
}

static void *store(void *data) {
    static _Thread_local unsigned char value[40000];
    unsigned seed = (unsigned)(uintptr_t)data;
    for (;;) {
        unsigned number = (unsigned)rand_r(&seed) % 1000;
        char key[32];
        int32_t status = GW_OK;
        for (unsigned i = 0; i < number * 37 % 40000; i++) value[i] = (unsigned char)(number + i);
        gw_slice part = {value, number * 37 % 40000};
        gw_item item = {.key = {key, (uint64_t)sprintf(key, "key:%u", number)}, .parts = &part, .n_parts = 1};
        gw_set_op op = {.struct_size = sizeof op, .n = 1, .items = &item, .statuses = &status,
                        .item_stride = sizeof item, .op = {.id = 1}};
        if (plugin->set(cache, &op) != GW_DONE || status != GW_OK) {
            fprintf(stderr, "a set failed\n");
            _Exit(1);
        }
    }
    return NULL;
}

int main(int count, char **words) {
    if (count != 4) return 2;
    path = words[2];
    max_size = atoll(words[3]);
    void *library = dlopen(words[1], RTLD_NOW);
    if (!library) return 2;
    int32_t (*entry)(const gw_abi *, const gw_plugin **) = dlsym(library, GW_ENTRY_SYMBOL);
    gw_error error = {.struct_size = sizeof error};
    gw_abi abi = {.struct_size = sizeof abi, .host_name = "hammer", .host_version = "1", .error = &error};
    gw_host host = {.struct_size = sizeof host, .complete = complete, .health = health, .now_monotonic_ns = monotonic,
                    .now_unix_ms = unix_ms, .blocking_threads = 4};
    gw_params params = {.struct_size = sizeof params, .get_string = get_string, .get_int = get_int};
    gw_plain_op start = {.struct_size = sizeof start, .op = {.id = 1, .error = &error}};
    if (entry(&abi, &plugin) != GW_OK || plugin->create(&host, &params, &error, &cache) != GW_OK ||
        plugin->start(cache, &start) != GW_DONE) {
        fprintf(stderr, "%.*s\n", (int)error.length, error.message);
        return 1;
    }
    pthread_t threads[4];
    for (uintptr_t i = 0; i < 4; i++) pthread_create(&threads[i], NULL, store, (void *)(i + (uintptr_t)time(NULL)));
    puts("storing");
    fflush(stdout);
    pthread_join(threads[0], NULL);
    return 0;
}
