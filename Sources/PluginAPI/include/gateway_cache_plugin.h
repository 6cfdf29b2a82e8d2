/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway_cache_plugin.h - the gateway's cache plugin interface, version 1.
 *
 * A cache plugin is a shared library, libgateway-cache-<type>.so, that stores
 * bytes under keys for the gateway. This header is all that is needed to write
 * one: it has no dependencies beyond C11 (or C++17) and declares no function
 * that the host exports. The library exports one symbol, the entry function
 * gateway_cache_plugin_entry_v1, and the two sides meet through structs of
 * function pointers.
 *
 * A plugin sees opaque keys and opaque bytes; never a header, a prompt or an
 * API key.
 *
 *
 * HOW TO READ THE COMMENTS
 *
 * Each function states the threads it may be called on, in these words:
 *   [any-thread]  from any thread, concurrently with everything else.
 *   [control]     from one host thread at a time, never from an event loop and
 *                 never while another [control] call of this instance runs.
 *   [hot]         from event-loop threads. What may run concurrently depends on
 *                 the plugin's thread model, below. Must not wait: not for
 *                 network, disk, a condition variable or a contended lock
 *                 (unless the thread model is GW_THREADS_BLOCKING).
 * Pointers state who owns them and how long they stay valid.
 *
 *
 * RULES (each is held by a test of the host or by the plugin's conformance test)
 *
 * Layout
 *   L-1  A struct whose first field is struct_size may grow at its end in a
 *        minor version. It is only ever passed by pointer. Its creator sets
 *        struct_size to its own sizeof; its reader reads a field only if
 *        struct_size covers it (GW_HAS).
 *   L-2  Arrays of growable structs are indexed by the stride that comes with
 *        them, never by the reader's sizeof.
 *   L-3  gw_slice and gw_op are frozen. Reserved fields are zero.
 *   L-4  Strings in static descriptors are NUL-terminated UTF-8. All others are
 *        gw_slice and are not NUL-terminated.
 *   L-5  An optional function that is absent is NULL. The host asks for nothing
 *        that the capability bits do not announce.
 *   L-6  Neither side frees, reallocates or resizes the other side's memory.
 *
 * Operations
 *   O-1  get, set, del, ping, flush, start and shutdown return GW_DONE (the
 *        operation is finished, results are filled in), GW_PENDING (host->complete
 *        will be called for it exactly once) or a negative error (nothing was
 *        kept, nothing will be completed).
 *   O-2  A pending operation is completed exactly once, from any thread, possibly
 *        before the call that started it has returned, and also after it was
 *        cancelled or its deadline has passed. An operation that returned
 *        GW_DONE or an error is never completed.
 *   O-3  The operation struct and everything it points to (keys, value parts,
 *        results, error) belong to the host and stay valid and unchanged until
 *        the operation is done, rejected or completed; afterwards the plugin
 *        must not touch them.
 *   O-4  Each item has its own status. The operation's status is an error only
 *        if the operation failed as a whole; then the items' are ignored.
 *   O-5  The host counts a late, double or unknown completion, logs it and
 *        ignores it; a plugin must not rely on that.
 *   O-6  deadline_ns bounds the host's waiting: after it, the host treats the
 *        operation as failed. The plugin should bound its own waiting by it.
 *
 * Leases
 *   V-1  A result's value points into plugin memory and stays valid and
 *        unchanged until the host releases result.lease, also when the entry is
 *        meanwhile overwritten, deleted, expired or evicted.
 *   V-2  lease 0 means "nothing to release" and is allowed for misses, empty
 *        values and data that lives as long as the process.
 *   V-3  The host releases every lease once, in batches, from any thread, also
 *        those of operations that it no longer waits for.
 *
 * Threads
 *   T-1  [control] functions of one instance never overlap one another.
 *   T-2  Under GW_THREADS_CONCURRENT, [hot] functions may run on any number of
 *        threads at once. Under GW_THREADS_SERIAL the host runs at most one of
 *        get, set, del, ping and flush at a time (cancel, release and stats
 *        stay concurrent). Under GW_THREADS_BLOCKING the host calls get, set,
 *        del, ping and flush from a bounded pool of its own threads, where they
 *        may wait.
 *   T-3  host->complete, log and health may be called on any thread, inside any
 *        plugin function and with the plugin's locks held: they never call back
 *        into the plugin and never block.
 *   T-4  The plugin's own threads have all signals blocked and are joined before
 *        destroy returns.
 *   T-5  Once shutdown has been called the host submits nothing new. Once destroy
 *        has returned the plugin calls nothing.
 *
 * Process
 *   P-1  Entry and validate are pure: no threads, no files, no network.
 *   P-2  No fork without exec, no signal handlers, no setenv, setlocale, chdir
 *        or umask, nothing on standard input or output, no exit or abort.
 *   P-3  No C++ exception, panic or longjmp crosses this interface.
 *   P-4  The library exports the entry symbol and nothing else, and is never
 *        unloaded.
 *   P-5  The plugin reads the parameters that it declared, and the environment
 *        only through them (gw_param.env).
 *
 *
 * VERSIONS
 *   1.0  first version
 *   1.1  gw_params.get_source
 *   1.2  gw_host.max_value, GW_EPARTIAL, GW_CAP_PARTIAL
 */
#ifndef GATEWAY_CACHE_PLUGIN_H
#define GATEWAY_CACHE_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The calling convention of every function in this interface. */
#define GW_CALL

/* Put before the entry function's definition: it is the one exported symbol. */
#if defined(__GNUC__) || defined(__clang__)
#define GW_EXPORT __attribute__((visibility("default")))
#else
#define GW_EXPORT
#endif

#define GW_ABI_MAJOR 1u /* also in the entry symbol's name */
#define GW_ABI_MINOR 2u /* informative: struct_size decides what is there */

/* Whether the growable struct *p is large enough to have the field (rule L-1). */
#define GW_HAS(p, field) \
    ((size_t)(p)->struct_size >= (size_t)((const char *)&(p)->field - (const char *)(p)) + sizeof((p)->field))


/* ---- Results ------------------------------------------------------------ */

/* What a call returns (rule O-1). */
#define GW_DONE 0
#define GW_PENDING 1

/* Status of an operation or of one of its items. Append-only; a negative value
 * that the reader does not know means GW_EINTERNAL. */
#define GW_OK 0             /* get: a hit; set and del: done */
#define GW_MISS 1           /* get: no such key; del: there was none */
#define GW_EINVAL (-1)      /* an argument the plugin cannot accept */
#define GW_ENOTSUP (-2)     /* not a capability of this plugin */
#define GW_EBUSY (-3)       /* too much in flight; nothing was kept */
#define GW_ETIMEOUT (-4)    /* the deadline passed */
#define GW_ECANCELLED (-5)  /* cancelled, or refused because of shutdown */
#define GW_EUNAVAILABLE (-6) /* the backend cannot be reached */
#define GW_EAUTH (-7)       /* the backend refused the credentials */
#define GW_E2BIG (-8)       /* the value is larger than the plugin stores */
#define GW_ENOSPC (-9)      /* the backend is full */
#define GW_EPROTO (-10)     /* the backend gave an invalid answer */
#define GW_ECORRUPT (-11)   /* the stored value is damaged */
#define GW_ECONFIG (-12)    /* the parameters cannot work */
#define GW_EINTERNAL (-13)  /* a defect of the plugin */
#define GW_EPARTIAL (-14)   /* the part of the backend that has this key does not answer, but other parts do. Since
                             * 1.2: report GW_EBUSY to a host of an earlier version (gw_host.abi_minor) */

/* Bytes. Never NUL-terminated. p may be NULL only if n is 0. FROZEN (L-3). */
typedef struct gw_slice {
    const void *p;
    uint64_t n;
} gw_slice;

/* Where a failing call tells the operator what is wrong and how to correct it,
 * in one UTF-8 line without secrets. Allocated by the host. */
typedef struct gw_error {
    uint32_t struct_size;
    int32_t code;      /* one of the GW_E... statuses */
    uint32_t length;   /* bytes used of message */
    uint32_t flags;    /* zero */
    char message[496]; /* not NUL-terminated */
} gw_error;


/* ---- Parameters --------------------------------------------------------- */

/* gw_param.type: the type that the host converts a configured value to. */
#define GW_PARAM_STRING 1u      /* text; a number or boolean is taken as written */
#define GW_PARAM_INT 2u         /* 6379 or "6379" */
#define GW_PARAM_FLOAT 3u       /* 0.5 or "0.5" */
#define GW_PARAM_BOOL 4u        /* true, "true", yes, on, 1, ... */
#define GW_PARAM_DURATION 5u    /* seconds, or "250ms", "5s", "10m", "2h"; read as nanoseconds */
#define GW_PARAM_SIZE 6u        /* bytes, or "64KB", "256MB", "1GiB"; read as bytes, all units are powers of 1024 */
#define GW_PARAM_ENUM 7u        /* one of choices */
#define GW_PARAM_STRING_LIST 8u /* read by get_list */
#define GW_PARAM_JSON 9u        /* anything; read as JSON text by get_json */

/* gw_param.flags */
#define GW_PARAM_REQUIRED 0x1u
#define GW_PARAM_SECRET 0x2u     /* never printed; the host overwrites its copy after create */
#define GW_PARAM_DEPRECATED 0x4u /* accepted with a warning that names replaced_by or doc */
#define GW_PARAM_IGNORED 0x8u    /* accepted with a warning that it has no effect */
#define GW_PARAM_HIDDEN 0x10u    /* left out of the documentation */

/* One parameter of cache_params. The host checks names, types, ranges and
 * choices, resolves os.environ/NAME, fills in the environment and the default,
 * and prints the documentation. Static data of the plugin. */
typedef struct gw_param {
    uint32_t struct_size;
    uint32_t type;  /* GW_PARAM_STRING ... */
    uint32_t flags; /* GW_PARAM_REQUIRED ... */
    uint32_t reserved;
    const char *name;           /* [a-z][a-z0-9_]* */
    const char *doc;            /* one line, what it means and in which unit */
    const char *default_value;  /* as it would be written; NULL: absent unless given */
    const char *env;            /* environment variable that supplies it; NULL: none */
    const char *example;        /* NULL: none */
    const char *group;          /* heading in the documentation; NULL: none */
    const char *replaced_by;    /* for GW_PARAM_DEPRECATED; NULL: none */
    const char *const *aliases; /* NULL-terminated array; NULL: none */
    const char *const *choices; /* NULL-terminated array, for GW_PARAM_ENUM */
    double minimum;             /* NaN: no bound. In the unit it is read in */
    double maximum;
} gw_param;

/* The source of a value. Later ones take precedence. Since 1.1. */
#define GW_SOURCE_DEFAULT 0u       /* gw_param.default_value */
#define GW_SOURCE_ENVIRONMENT 1u   /* gw_param.env, from the process's environment or the .env file */
#define GW_SOURCE_CONFIGURATION 2u /* cache_params */

/* The checked values, handed to validate and create. Each function returns
 * GW_OK, GW_MISS (not given and no default) or GW_EINVAL (not declared, or of
 * another type). Slices stay valid until validate or create returns. */
typedef struct gw_params {
    uint32_t struct_size;
    uint32_t reserved;
    void *host_data;
    int32_t(GW_CALL *get_string)(const struct gw_params *params, const char *name, gw_slice *out); /* STRING, ENUM */
    int32_t(GW_CALL *get_int)(const struct gw_params *params, const char *name, int64_t *out); /* INT, DURATION, SIZE */
    int32_t(GW_CALL *get_float)(const struct gw_params *params, const char *name, double *out);
    int32_t(GW_CALL *get_bool)(const struct gw_params *params, const char *name, int32_t *out); /* 0 or 1 */
    /* STRING_LIST: the item at index, GW_MISS past the end. */
    int32_t(GW_CALL *get_list)(const struct gw_params *params, const char *name, uint32_t index, gw_slice *out);
    /* Any type, as JSON text. */
    int32_t(GW_CALL *get_json)(const struct gw_params *params, const char *name, gw_slice *out);
    /* Any type: one of GW_SOURCE_..., so that a plugin can distinguish a configured host from an environment's URL.
     * Since 1.1: check GW_HAS(params, get_source) first. */
    int32_t(GW_CALL *get_source)(const struct gw_params *params, const char *name, uint32_t *out);
} gw_params;


/* ---- Operations --------------------------------------------------------- */

/* The beginning of every operation. FROZEN, 64 bytes (L-3). */
typedef struct gw_op {
    uint64_t id;           /* names the operation in complete and cancel; never 0, never reused soon */
    uint64_t deadline_ns;  /* host->now_monotonic_ns clock; 0: none (O-6) */
    gw_error *error;       /* optional detail of a failure; may be NULL */
    const gw_slice *trace; /* W3C traceparent; may be NULL */
    uint32_t flags;        /* zero */
    uint32_t reserved0;
    uint64_t reserved[3];
} gw_op;

/* One item of a get. Filled in by the plugin, allocated by the host, which sets
 * it to {GW_MISS, 0, {NULL, 0}, 0, 0} before the call. */
typedef struct gw_result {
    int32_t status; /* GW_OK, GW_MISS or an error */
    uint32_t reserved;
    gw_slice value; /* V-1 */
    uint64_t lease; /* V-2 */
    uint64_t ttl_ms; /* the rest of the entry's time to live; 0: unknown or unlimited */
} gw_result;

typedef struct gw_get_op {
    uint32_t struct_size;
    uint32_t n; /* at least 1, at most gw_plugin.max_batch */
    gw_op op;
    const gw_slice *keys; /* n of them */
    gw_result *results;   /* n of them, result_stride bytes apart */
    uint32_t result_stride;
    uint32_t reserved;
} gw_get_op;

/* gw_item.flags */
#define GW_IF_ABSENT 0x1u /* store only if there is no such key; else status GW_MISS. Needs GW_CAP_IF_ABSENT */

typedef struct gw_item {
    gw_slice key;
    const gw_slice *parts; /* the value is their concatenation */
    uint32_t n_parts;      /* 0: the empty value */
    uint32_t flags;
    uint64_t ttl_ms; /* 0: keep for as long as there is room */
    uint64_t reserved;
} gw_item;

typedef struct gw_set_op {
    uint32_t struct_size;
    uint32_t n;
    gw_op op;
    const gw_item *items; /* n of them, item_stride bytes apart */
    int32_t *statuses;    /* n of them, preset to GW_OK */
    uint32_t item_stride;
    uint32_t reserved;
} gw_set_op;

typedef struct gw_del_op {
    uint32_t struct_size;
    uint32_t n;
    gw_op op;
    const gw_slice *keys;
    int32_t *statuses; /* preset to GW_OK */
} gw_del_op;

/* Removes every entry whose key begins with prefix, and no other. */
typedef struct gw_flush_op {
    uint32_t struct_size;
    uint32_t reserved;
    gw_op op;
    gw_slice prefix; /* never empty */
    uint64_t removed; /* out: how many entries */
} gw_flush_op;

/* ping, start and shutdown. */
typedef struct gw_plain_op {
    uint32_t struct_size;
    uint32_t reserved;
    gw_op op;
} gw_plain_op;

/* gw_stats.add's kind */
#define GW_STAT_COUNTER 1u /* only grows */
#define GW_STAT_GAUGE 2u

/* Receives a plugin's figures. Well-known names: items, bytes, hits, misses,
 * evictions, expirations, rejections. */
typedef struct gw_stats {
    uint32_t struct_size;
    uint32_t reserved;
    void *host_data;
    void(GW_CALL *add)(const struct gw_stats *stats, const char *name, uint32_t kind, uint64_t value);
} gw_stats;


/* ---- The host ----------------------------------------------------------- */

#define GW_LOG_TRACE 0u
#define GW_LOG_DEBUG 1u
#define GW_LOG_INFO 2u
#define GW_LOG_WARNING 3u
#define GW_LOG_ERROR 4u
#define GW_LOG_HOST_MISBEHAVING 5u /* the host broke a rule; name it */

#define GW_HEALTH_UP 0u
#define GW_HEALTH_DEGRADED 1u
#define GW_HEALTH_DOWN 2u

/* The host's services for an instance. Valid from create until destroy returns. */
typedef struct gw_host {
    uint32_t struct_size;
    uint32_t abi_minor;
    void *host_data;
    const char *name;    /* "gateway" */
    const char *version; /* the gateway's own */
    const char *instance; /* names this instance in logs; valid like the struct */
    uint32_t io_threads_hint; /* how many I/O threads the plugin should use at most */
    uint32_t max_inflight;    /* the host keeps at most this many operations pending */

    /* [any-thread] Completes a pending operation (O-2). status: GW_OK or an error. */
    void(GW_CALL *complete)(const struct gw_host *host, uint64_t op_id, int32_t status);

    /* [any-thread] The least level that is currently logged. */
    uint32_t(GW_CALL *log_level)(const struct gw_host *host);

    /* [any-thread] Logs one UTF-8 line. No secrets: the host redacts the declared
     * ones all the same. message is copied. */
    void(GW_CALL *log)(const struct gw_host *host, uint32_t level, gw_slice message);

    /* [any-thread] The clocks. A plugin uses these and no others, so that tests
     * can stop time. */
    uint64_t(GW_CALL *now_monotonic_ns)(const struct gw_host *host);
    int64_t(GW_CALL *now_unix_ms)(const struct gw_host *host);

    /* [any-thread] Reports a change of the backend's state. reason is copied. */
    void(GW_CALL *health)(const struct gw_host *host, uint32_t state, gw_slice reason);

    /* [any-thread] A named extension, "name/revision", as a pointer to a const
     * struct that its documentation defines; NULL: not offered. */
    const void *(GW_CALL *get_extension)(const struct gw_host *host, const char *id);

    /* The largest value that the host reads, in bytes; 0: not stated. A plugin should
     * not keep a larger value of its backend in memory, but answer GW_E2BIG for the
     * item. Since 1.2: check GW_HAS(host, max_value) first. */
    uint64_t max_value;
} gw_host;


/* ---- The plugin --------------------------------------------------------- */

/* gw_plugin.threads (T-2) */
#define GW_THREADS_CONCURRENT 1u
#define GW_THREADS_SERIAL 2u
#define GW_THREADS_BLOCKING 3u

/* gw_plugin.capabilities */
#define GW_CAP_TTL 0x1u        /* drops entries when their ttl_ms is over */
#define GW_CAP_DELETE 0x2u     /* has del */
#define GW_CAP_FLUSH 0x4u      /* has flush */
#define GW_CAP_IF_ABSENT 0x8u  /* honours GW_IF_ABSENT */
#define GW_CAP_SHARED 0x10u    /* entries are visible to other gateways */
#define GW_CAP_PERSISTENT 0x20u /* entries outlive the process */
#define GW_CAP_STATS 0x40u     /* has stats */
/* The backend has parts that fail independently, such as the nodes of a cluster.
 * The plugin reports such a failure as GW_EPARTIAL. It completes a cancelled
 * operation at once, with the status that says whether the part or the whole
 * backend did not answer, by which the host counts an operation whose deadline
 * has passed. Since 1.2. */
#define GW_CAP_PARTIAL 0x80u

typedef struct gw_cache gw_cache; /* an instance; the plugin's own */

typedef struct gw_plugin {
    uint32_t struct_size;
    uint32_t abi_minor;   /* GW_ABI_MINOR that the plugin was compiled with */
    const char *type;     /* equals cache_params.type and the file's name */
    const char *version;  /* the plugin's own */
    const char *vendor;   /* NULL: unknown */
    const char *license;  /* NULL: unknown */
    const char *summary;  /* one line */
    const char *doc_url;  /* NULL: none */
    uint64_t capabilities;
    uint32_t threads;
    uint32_t max_batch;   /* items per operation; 0: no limit; the host splits */
    uint32_t max_key;     /* bytes; 0: no limit. Keys match [A-Za-z0-9._:/-]{1,512} */
    uint32_t n_params;
    uint64_t max_value;   /* bytes; 0: no limit */
    uint64_t default_ttl_ms; /* for entries that neither request nor configuration give one; 0: none */
    const gw_param *params; /* n_params of them, param_stride bytes apart */
    uint32_t param_stride;
    uint32_t reserved;

    /* [any-thread] optional. Checks parameters against one another. Pure (P-1).
     * GW_OK, or an error with its reason in *error. */
    int32_t(GW_CALL *validate)(const gw_params *params, gw_error *error);

    /* [control] Makes an instance. Does not wait for the backend: an instance of
     * a backend that is down is made, and reports through health. GW_OK with
     * *out set, or an error with its reason in *error and nothing kept. */
    int32_t(GW_CALL *create)(const gw_host *host, const gw_params *params, gw_error *error, gw_cache **out);

    /* [control] optional. Connects and warms up; done when the backend is ready. */
    int32_t(GW_CALL *start)(gw_cache *cache, gw_plain_op *op);

    /* [hot] Looks up op->n keys. */
    int32_t(GW_CALL *get)(gw_cache *cache, gw_get_op *op);

    /* [hot] Stores op->n items, replacing what is there. */
    int32_t(GW_CALL *set)(gw_cache *cache, gw_set_op *op);

    /* [hot] GW_CAP_DELETE. Removes op->n keys. */
    int32_t(GW_CALL *del)(gw_cache *cache, gw_del_op *op);

    /* [hot] A cheap round trip to the backend. */
    int32_t(GW_CALL *ping)(gw_cache *cache, gw_plain_op *op);

    /* [hot] GW_CAP_FLUSH. */
    int32_t(GW_CALL *flush)(gw_cache *cache, gw_flush_op *op);

    /* [hot] optional. The host has lost interest in an operation: a hint, which
     * may name an operation that is already complete. The completion is still
     * owed (O-2). */
    void(GW_CALL *cancel)(gw_cache *cache, uint64_t op_id);

    /* [any-thread] Takes back n leases. Required of a plugin that gives any. */
    void(GW_CALL *release)(gw_cache *cache, const uint64_t *leases, uint32_t n);

    /* [any-thread] GW_CAP_STATS. Reports figures from memory, without waiting. */
    void(GW_CALL *stats)(gw_cache *cache, const gw_stats *stats);

    /* [control] Refuses what is new, finishes or fails what is in flight, waits
     * for outstanding leases, closes connections; then it is done. */
    int32_t(GW_CALL *shutdown)(gw_cache *cache, gw_plain_op *op);

    /* [control] Frees the instance: after shutdown is done, or if start failed.
     * If shutdown does not finish in time the host leaks the instance instead. */
    void(GW_CALL *destroy)(gw_cache *cache);

    /* [any-thread] optional. A named extension of the plugin; NULL: not offered. */
    const void *(GW_CALL *get_extension)(const char *id);
} gw_plugin;

/* What the host tells the entry function about itself. */
typedef struct gw_abi {
    uint32_t struct_size;
    uint32_t abi_minor;
    const char *host_name;
    const char *host_version;
} gw_abi;

/* The plugin's one exported symbol. [any-thread] Sets *out to a descriptor that
 * is valid for the life of the process, the same one each time, and returns
 * GW_OK; or an error. Pure (P-1); may be called more than once. */
GW_EXPORT int32_t GW_CALL gateway_cache_plugin_entry_v1(const gw_abi *host, const gw_plugin **out);

#define GW_ENTRY_SYMBOL "gateway_cache_plugin_entry_v1"

#ifdef __cplusplus
}
#endif

#endif /* GATEWAY_CACHE_PLUGIN_H */
