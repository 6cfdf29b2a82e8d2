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
 * RULES
 *
 * Layout
 *   L-1  A struct whose first field is struct_size may grow at its end in a
 *        minor version. It is only ever passed by pointer. Its creator sets
 *        struct_size to its own sizeof; its reader reads a field only if
 *        struct_size covers it (GW_HAS). A reader accepts every size from that
 *        of version 1.0 on, which the assertions below give.
 *   L-2  Arrays of growable elements are indexed by the stride that comes with
 *        them, never by the reader's sizeof. gw_result and gw_item have no
 *        struct_size: a field of theirs is there if the stride covers it
 *        (GW_STRIDE_HAS).
 *   L-3  gw_slice and gw_op are frozen. Whoever fills in a struct sets reserved
 *        fields and flags that it does not know to zero, and whoever reads it
 *        ignores them. A minor version may give them a meaning, in which zero
 *        means absent.
 *   L-4  Strings in static descriptors are NUL-terminated UTF-8. All others are
 *        gw_slice and are not NUL-terminated.
 *   L-5  An optional function that is absent is NULL. The host asks for nothing
 *        that the capability bits do not announce. An extension that is not
 *        offered is NULL too, and an absent function in one as well.
 *   L-6  Neither side frees, reallocates or resizes the other side's memory.
 *   L-7  A value that the reader does not know, since it is of a later minor
 *        version, means: a negative status GW_EINTERNAL; a positive status of
 *        an item GW_MISS, and of a call GW_EINTERNAL; a state of health
 *        GW_HEALTH_DEGRADED; a kind of figure GW_STAT_GAUGE; a level of the log
 *        GW_LOG_ERROR. Unknown flags and capabilities are ignored. A plugin with
 *        an unknown thread model or type of parameter is refused.
 *
 * Life cycle
 *   C-1  The host calls the entry function and validate at any time, create
 *        once for an instance, then start (if there is one), shutdown and
 *        destroy.
 *   C-2  create returns within a second. It does not wait for the backend: an
 *        instance of a backend that is down is made.
 *   C-3  [hot] functions are called from the return of create on if the plugin
 *        has no start, and otherwise from the return of start on, also while
 *        start is pending. None is called once start has failed: the host then
 *        calls destroy, without shutdown.
 *   C-4  start fails only if the instance can never work, whatever becomes of
 *        the backend. A backend that is down, or refuses the credentials now, is
 *        no reason: then start ends by its deadline with GW_OK, and the state is
 *        reported through health.
 *   C-5  shutdown ends by its deadline. After that, the host leaves the instance
 *        as it is until the process ends.
 *   C-6  destroy returns within a second.
 *   C-7  What takes longer is named in the host's log. At startup it ends the
 *        process, with a message that names the plugin and the function; while
 *        the host stops, it is left behind.
 *   C-8  Two instances with the same parameters may exist at the same time,
 *        while the host replaces one by the other. A plugin that cannot do that
 *        declares GW_CAP_EXCLUSIVE; the host then ends the old one first, and
 *        has no cache in between.
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
 *   V-3  The host releases the lease of each result once, in batches, from any
 *        thread, also those of operations that it no longer waits for. Several
 *        results may have the same lease, which is then released as often. The
 *        array that is passed to release is valid during the call.
 *   V-4  An operation that fails as a whole gives no leases, and neither does an
 *        item whose status is not GW_OK.
 *
 * Threads
 *   T-1  [control] functions of one instance never overlap one another.
 *   T-2  Under GW_THREADS_CONCURRENT, [hot] functions may run on any number of
 *        threads at once. Under GW_THREADS_SERIAL the host runs at most one of
 *        get, set, del, ping and flush at a time (cancel, release and stats
 *        stay concurrent). Under GW_THREADS_BLOCKING the host calls get, set,
 *        del, ping and flush from a pool of its own threads, where they may
 *        wait; the pool has host->blocking_threads threads, and no more than
 *        max_threads where the plugin states that. They may also return
 *        GW_PENDING. An operation whose deadline passes before a thread is
 *        free is never called, so that cancel may name an operation that the
 *        plugin has not seen. cancel, release and stats never wait, under any
 *        model.
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
 * Extensions
 *   E-1  An extension is a struct of functions that both sides find by name:
 *        gw_host.get_extension and gw_plugin.get_extension. Its first field is
 *        struct_size (L-1).
 *   E-2  Names are "gateway.<name>/<revision>" for those of this project, and
 *        "<reverse DNS>.<name>/<revision>" for all others. A name keeps its
 *        meaning for ever, from its first draft on: what is incompatible gets
 *        another revision.
 *   E-3  The struct is constant and valid until destroy has returned, and the
 *        plugin's for the life of the process. Asking is allowed at any time
 *        from create on, on any thread, and gives the same answer each time.
 *   E-4  Reserved names: gateway.scan/1 (list the keys of a prefix),
 *        gateway.vectors/1 (nearest neighbours), gateway.invalidation/1 (the
 *        plugin reports keys that were changed elsewhere). docs/plugin-extensions
 *        of the gateway's repository has the drafts.
 *
 *
 * PLATFORMS
 *   64-bit little-endian systems whose int is 32 and pointer 64 bits (LP64).
 *
 *
 * VERSIONS
 *   1.0  first version
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

/* On every function pointer: no exception leaves a function of this interface (P-3). A C++17 compiler refuses to fill
 * such a pointer with a function that may throw. */
#if defined(__cplusplus) && __cplusplus >= 201703L
#define GW_NOEXCEPT noexcept
#else
#define GW_NOEXCEPT
#endif

/* Put before the entry function's definition: it is the one exported symbol. */
#if defined(__GNUC__) || defined(__clang__)
#define GW_EXPORT __attribute__((visibility("default")))
#else
#define GW_EXPORT
#endif

#define GW_ABI_MAJOR 1u /* also in the entry symbol's name */
#define GW_ABI_MINOR 0u /* informative: struct_size decides what is there */

/* Whether the growable struct *p is large enough to have the field (rule L-1). */
#define GW_HAS(p, field) \
    ((size_t)(p)->struct_size >= (size_t)((const char *)&(p)->field - (const char *)(p)) + sizeof((p)->field))

/* Whether an array's elements of that type have the field, by its stride (rule L-2). */
#define GW_STRIDE_HAS(stride, type, field) ((size_t)(stride) >= offsetof(type, field) + sizeof(((type *)0)->field))


/* ---- Results ------------------------------------------------------------ */

/* What a call returns (rule O-1). */
#define GW_DONE 0
#define GW_PENDING 1

/* Status of an operation or of one of its items. Append-only; a negative value
 * that the reader does not know means GW_EINTERNAL. */
#define GW_OK 0             /* get: a hit; set and del: done */
#define GW_MISS 1           /* get: no such key; del: there was none (GW_OK if the backend does not tell) */
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
#define GW_EPARTIAL (-14)   /* the part of the backend that has this key does not answer, but other parts do */


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
    /* The parameter at fault, as declared; 0 bytes: none in particular. */
    uint32_t parameter_length;
    uint32_t reserved;
    char parameter[64];
    uint64_t retry_after_ms; /* when trying again may succeed; 0: not stated */
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
#define GW_PARAM_HAS_MINIMUM 0x20u /* minimum or float_minimum is a bound */
#define GW_PARAM_HAS_MAXIMUM 0x40u /* maximum or float_maximum is a bound */

/* Names that no parameter may have, because they are the gateway's own in cache_params: type, ttl, namespace, mode,
 * supported_call_types, ... (docs/configuration.md has the list), and every name that begins with gateway_. */

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
    /* Bounds, both included, if the flags say so. For INT, DURATION and SIZE, in the unit that get_int gives. */
    int64_t minimum;
    int64_t maximum;
    /* For FLOAT. */
    double float_minimum;
    double float_maximum;
} gw_param;

/* The source of a value. Later ones take precedence. */
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
    /* STRING, ENUM. */
    int32_t(GW_CALL *get_string)(const struct gw_params *params, const char *name, gw_slice *out) GW_NOEXCEPT;
    /* INT, DURATION, SIZE. */
    int32_t(GW_CALL *get_int)(const struct gw_params *params, const char *name, int64_t *out) GW_NOEXCEPT;
    /* FLOAT. */
    int32_t(GW_CALL *get_float)(const struct gw_params *params, const char *name, double *out) GW_NOEXCEPT;
    /* BOOL: 0 or 1. */
    int32_t(GW_CALL *get_bool)(const struct gw_params *params, const char *name, int32_t *out) GW_NOEXCEPT;
    /* STRING_LIST: the item at index, GW_MISS past the end. */
    int32_t(GW_CALL *get_list)(const struct gw_params *params, const char *name, uint32_t index, gw_slice *out)
        GW_NOEXCEPT;
    /* Any type, as JSON text. */
    int32_t(GW_CALL *get_json)(const struct gw_params *params, const char *name, gw_slice *out) GW_NOEXCEPT;
    /* Any type: one of GW_SOURCE_..., so that a plugin can distinguish a configured host from an environment's URL. */
    int32_t(GW_CALL *get_source)(const struct gw_params *params, const char *name, uint32_t *out) GW_NOEXCEPT;
} gw_params;


/* ---- Operations --------------------------------------------------------- */

/* The beginning of every operation. FROZEN, 64 bytes (L-3). */
typedef struct gw_op {
    uint64_t id;           /* names the operation in complete and cancel; never 0, never reused soon */
    uint64_t deadline_ns;  /* host->now_monotonic_ns clock; 0: none (O-6) */
    gw_error *error;       /* optional detail of a failure; may be NULL */
    uint32_t flags;        /* zero */
    uint32_t reserved0;
    uint64_t reserved[4];
} gw_op;

/* One item of a get. Filled in by the plugin, allocated by the host, which sets
 * it to {GW_MISS, 0, {NULL, 0}, 0, 0} before the call. Grows by stride (L-2). */
typedef struct gw_result {
    int32_t status; /* GW_OK, GW_MISS or an error */
    uint32_t reserved;
    gw_slice value; /* V-1 */
    uint64_t lease; /* V-2 */
    uint64_t reserved1;
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

/* A text that groups entries, such as a tenant or a model. Reserved: the host gives none yet. */
typedef struct gw_tag {
    gw_slice name;
    gw_slice value;
} gw_tag;

/* One item of a set. Grows by stride (L-2). */
typedef struct gw_item {
    gw_slice key;
    const gw_slice *parts; /* the value is their concatenation */
    uint32_t n_parts;      /* 0: the empty value */
    uint32_t flags;        /* zero */
    uint64_t ttl_ms; /* 0: keep for as long as there is room */
    const gw_tag *tags; /* n_tags of them, for a plugin that can remove entries by tag; NULL: none */
    uint32_t n_tags;
    uint32_t reserved;
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
    void(GW_CALL *add)(const struct gw_stats *stats, const char *name, uint32_t kind, uint64_t value) GW_NOEXCEPT;
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
    void(GW_CALL *complete)(const struct gw_host *host, uint64_t op_id, int32_t status) GW_NOEXCEPT;

    /* [any-thread] The least level that is currently logged. */
    uint32_t(GW_CALL *log_level)(const struct gw_host *host) GW_NOEXCEPT;

    /* [any-thread] Logs one UTF-8 line. No secrets: the host redacts the declared
     * ones all the same. message is copied. */
    void(GW_CALL *log)(const struct gw_host *host, uint32_t level, gw_slice message) GW_NOEXCEPT;

    /* [any-thread] The clocks. A plugin uses these and no others, so that tests
     * can stop time. */
    uint64_t(GW_CALL *now_monotonic_ns)(const struct gw_host *host) GW_NOEXCEPT;
    int64_t(GW_CALL *now_unix_ms)(const struct gw_host *host) GW_NOEXCEPT;

    /* [any-thread] Reports a change of the backend's state. reason is copied. */
    void(GW_CALL *health)(const struct gw_host *host, uint32_t state, gw_slice reason) GW_NOEXCEPT;

    /* [any-thread] A named extension, "name/revision", as a pointer to a const
     * struct that its documentation defines; NULL: not offered. */
    const void *(GW_CALL *get_extension)(const struct gw_host *host, const char *id) GW_NOEXCEPT;

    /* The largest value that the host reads, in bytes; 0: not stated. A plugin should
     * not keep a larger value of its backend in memory, but answer GW_E2BIG for the
     * item. */
    uint64_t max_value;

    uint32_t blocking_threads; /* how many threads call a GW_THREADS_BLOCKING plugin at most; 0 for other plugins */
    uint32_t reserved;
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
#define GW_CAP_EXCLUSIVE 0x8u  /* one instance at a time with the same parameters (C-8) */
#define GW_CAP_SHARED 0x10u    /* entries are visible to other gateways */
#define GW_CAP_PERSISTENT 0x20u /* entries outlive the process */
#define GW_CAP_STATS 0x40u     /* has stats */
/* The backend has parts that fail independently, such as the nodes of a cluster.
 * The plugin reports such a failure as GW_EPARTIAL. It completes a cancelled
 * operation at once, with the status that says whether the part or the whole
 * backend did not answer, by which the host counts an operation whose deadline
 * has passed. */
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
    uint32_t max_threads; /* how many threads may call a GW_THREADS_BLOCKING plugin; 0: as many as the host likes */

    /* [any-thread] optional. Checks parameters against one another. Pure (P-1).
     * GW_OK, or an error with its reason in *error. */
    int32_t(GW_CALL *validate)(const gw_params *params, gw_error *error) GW_NOEXCEPT;

    /* [control] Makes an instance. Does not wait for the backend: an instance of
     * a backend that is down is made, and reports through health. GW_OK with
     * *out set, or an error with its reason in *error and nothing kept. */
    int32_t(GW_CALL *create)(const gw_host *host, const gw_params *params, gw_error *error, gw_cache **out) GW_NOEXCEPT;

    /* [control] optional. Connects and warms up; done when the backend is ready. */
    int32_t(GW_CALL *start)(gw_cache *cache, gw_plain_op *op) GW_NOEXCEPT;

    /* [hot] Looks up op->n keys. */
    int32_t(GW_CALL *get)(gw_cache *cache, gw_get_op *op) GW_NOEXCEPT;

    /* [hot] Stores op->n items, replacing what is there. */
    int32_t(GW_CALL *set)(gw_cache *cache, gw_set_op *op) GW_NOEXCEPT;

    /* [hot] GW_CAP_DELETE. Removes op->n keys. */
    int32_t(GW_CALL *del)(gw_cache *cache, gw_del_op *op) GW_NOEXCEPT;

    /* [hot] A cheap round trip to the backend. */
    int32_t(GW_CALL *ping)(gw_cache *cache, gw_plain_op *op) GW_NOEXCEPT;

    /* [hot] GW_CAP_FLUSH. */
    int32_t(GW_CALL *flush)(gw_cache *cache, gw_flush_op *op) GW_NOEXCEPT;

    /* [hot] optional. The host has lost interest in an operation: a hint, which
     * may name an operation that is already complete. The completion is still
     * owed (O-2). */
    void(GW_CALL *cancel)(gw_cache *cache, uint64_t op_id) GW_NOEXCEPT;

    /* [any-thread] Takes back n leases. Required of a plugin that gives any. */
    void(GW_CALL *release)(gw_cache *cache, const uint64_t *leases, uint32_t n) GW_NOEXCEPT;

    /* [any-thread] GW_CAP_STATS. Reports figures from memory, without waiting. */
    void(GW_CALL *stats)(gw_cache *cache, const gw_stats *stats) GW_NOEXCEPT;

    /* [control] Refuses what is new, finishes or fails what is in flight, waits
     * for outstanding leases, closes connections; then it is done. */
    int32_t(GW_CALL *shutdown)(gw_cache *cache, gw_plain_op *op) GW_NOEXCEPT;

    /* [control] Frees the instance: after shutdown is done, or if start failed.
     * If shutdown does not finish in time the host leaks the instance instead. */
    void(GW_CALL *destroy)(gw_cache *cache) GW_NOEXCEPT;

    /* [any-thread] optional. A named extension of the plugin; NULL: not offered. */
    const void *(GW_CALL *get_extension)(const char *id) GW_NOEXCEPT;
} gw_plugin;

/* What the host tells the entry function about itself. */
typedef struct gw_abi {
    uint32_t struct_size;
    uint32_t abi_minor;
    const char *host_name;
    const char *host_version;
    gw_error *error; /* why the entry function refuses; never NULL */
} gw_abi;

/* The plugin's one exported symbol. [any-thread] Sets *out to a descriptor that
 * is valid for the life of the process, the same one each time, and returns
 * GW_OK; or an error. Pure (P-1); may be called more than once. */
GW_EXPORT int32_t GW_CALL gateway_cache_plugin_entry_v1(const gw_abi *host, const gw_plugin **out) GW_NOEXCEPT;

#define GW_ENTRY_SYMBOL "gateway_cache_plugin_entry_v1"


/* ---- Layout ------------------------------------------------------------- */

/* The sizes of the growable structs in version 1.0, the least that a reader accepts (L-1). */
#define GW_ERROR_SIZE_1_0 592u
#define GW_PARAM_SIZE_1_0 120u
#define GW_PARAMS_SIZE_1_0 72u
#define GW_RESULT_SIZE_1_0 40u
#define GW_GET_OP_SIZE_1_0 96u
#define GW_ITEM_SIZE_1_0 56u
#define GW_SET_OP_SIZE_1_0 96u
#define GW_DEL_OP_SIZE_1_0 88u
#define GW_FLUSH_OP_SIZE_1_0 96u
#define GW_PLAIN_OP_SIZE_1_0 72u
#define GW_STATS_SIZE_1_0 24u
#define GW_HOST_SIZE_1_0 120u
#define GW_PLUGIN_SIZE_1_0 224u
#define GW_ABI_SIZE_1_0 32u

#ifdef __cplusplus
#define GW_ASSERT(fact, text) static_assert(fact, text)
#else
#define GW_ASSERT(fact, text) _Static_assert(fact, text)
#endif
#define GW_AT(type, field, offset) GW_ASSERT(offsetof(type, field) == (offset), #type "." #field)

GW_ASSERT(sizeof(void *) == 8 && sizeof(int) == 4 && sizeof(size_t) == 8, "an LP64 system");
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "gateway_cache_plugin.h: little-endian systems only"
#endif

GW_ASSERT(sizeof(gw_slice) == 16, "gw_slice");
GW_AT(gw_slice, p, 0);
GW_AT(gw_slice, n, 8);
GW_ASSERT(sizeof(gw_error) >= GW_ERROR_SIZE_1_0, "gw_error");
GW_AT(gw_error, struct_size, 0);
GW_AT(gw_error, code, 4);
GW_AT(gw_error, length, 8);
GW_AT(gw_error, flags, 12);
GW_AT(gw_error, message, 16);
GW_AT(gw_error, parameter_length, 512);
GW_AT(gw_error, reserved, 516);
GW_AT(gw_error, parameter, 520);
GW_AT(gw_error, retry_after_ms, 584);
GW_ASSERT(sizeof(gw_param) >= GW_PARAM_SIZE_1_0, "gw_param");
GW_AT(gw_param, struct_size, 0);
GW_AT(gw_param, type, 4);
GW_AT(gw_param, flags, 8);
GW_AT(gw_param, reserved, 12);
GW_AT(gw_param, name, 16);
GW_AT(gw_param, doc, 24);
GW_AT(gw_param, default_value, 32);
GW_AT(gw_param, env, 40);
GW_AT(gw_param, example, 48);
GW_AT(gw_param, group, 56);
GW_AT(gw_param, replaced_by, 64);
GW_AT(gw_param, aliases, 72);
GW_AT(gw_param, choices, 80);
GW_AT(gw_param, minimum, 88);
GW_AT(gw_param, maximum, 96);
GW_AT(gw_param, float_minimum, 104);
GW_AT(gw_param, float_maximum, 112);
GW_ASSERT(sizeof(gw_params) >= GW_PARAMS_SIZE_1_0, "gw_params");
GW_AT(gw_params, struct_size, 0);
GW_AT(gw_params, reserved, 4);
GW_AT(gw_params, host_data, 8);
GW_AT(gw_params, get_string, 16);
GW_AT(gw_params, get_int, 24);
GW_AT(gw_params, get_float, 32);
GW_AT(gw_params, get_bool, 40);
GW_AT(gw_params, get_list, 48);
GW_AT(gw_params, get_json, 56);
GW_AT(gw_params, get_source, 64);
GW_ASSERT(sizeof(gw_op) == 64, "gw_op");
GW_AT(gw_op, id, 0);
GW_AT(gw_op, deadline_ns, 8);
GW_AT(gw_op, error, 16);
GW_AT(gw_op, flags, 24);
GW_AT(gw_op, reserved0, 28);
GW_AT(gw_op, reserved, 32);
GW_ASSERT(sizeof(gw_result) >= GW_RESULT_SIZE_1_0, "gw_result");
GW_AT(gw_result, status, 0);
GW_AT(gw_result, reserved, 4);
GW_AT(gw_result, value, 8);
GW_AT(gw_result, lease, 24);
GW_AT(gw_result, reserved1, 32);
GW_ASSERT(sizeof(gw_get_op) >= GW_GET_OP_SIZE_1_0, "gw_get_op");
GW_AT(gw_get_op, struct_size, 0);
GW_AT(gw_get_op, n, 4);
GW_AT(gw_get_op, op, 8);
GW_AT(gw_get_op, keys, 72);
GW_AT(gw_get_op, results, 80);
GW_AT(gw_get_op, result_stride, 88);
GW_AT(gw_get_op, reserved, 92);
GW_ASSERT(sizeof(gw_tag) == 32, "gw_tag");
GW_AT(gw_tag, name, 0);
GW_AT(gw_tag, value, 16);
GW_ASSERT(sizeof(gw_item) >= GW_ITEM_SIZE_1_0, "gw_item");
GW_AT(gw_item, key, 0);
GW_AT(gw_item, parts, 16);
GW_AT(gw_item, n_parts, 24);
GW_AT(gw_item, flags, 28);
GW_AT(gw_item, ttl_ms, 32);
GW_AT(gw_item, tags, 40);
GW_AT(gw_item, n_tags, 48);
GW_AT(gw_item, reserved, 52);
GW_ASSERT(sizeof(gw_set_op) >= GW_SET_OP_SIZE_1_0, "gw_set_op");
GW_AT(gw_set_op, struct_size, 0);
GW_AT(gw_set_op, n, 4);
GW_AT(gw_set_op, op, 8);
GW_AT(gw_set_op, items, 72);
GW_AT(gw_set_op, statuses, 80);
GW_AT(gw_set_op, item_stride, 88);
GW_AT(gw_set_op, reserved, 92);
GW_ASSERT(sizeof(gw_del_op) >= GW_DEL_OP_SIZE_1_0, "gw_del_op");
GW_AT(gw_del_op, struct_size, 0);
GW_AT(gw_del_op, n, 4);
GW_AT(gw_del_op, op, 8);
GW_AT(gw_del_op, keys, 72);
GW_AT(gw_del_op, statuses, 80);
GW_ASSERT(sizeof(gw_flush_op) >= GW_FLUSH_OP_SIZE_1_0, "gw_flush_op");
GW_AT(gw_flush_op, struct_size, 0);
GW_AT(gw_flush_op, reserved, 4);
GW_AT(gw_flush_op, op, 8);
GW_AT(gw_flush_op, prefix, 72);
GW_AT(gw_flush_op, removed, 88);
GW_ASSERT(sizeof(gw_plain_op) >= GW_PLAIN_OP_SIZE_1_0, "gw_plain_op");
GW_AT(gw_plain_op, struct_size, 0);
GW_AT(gw_plain_op, reserved, 4);
GW_AT(gw_plain_op, op, 8);
GW_ASSERT(sizeof(gw_stats) >= GW_STATS_SIZE_1_0, "gw_stats");
GW_AT(gw_stats, struct_size, 0);
GW_AT(gw_stats, reserved, 4);
GW_AT(gw_stats, host_data, 8);
GW_AT(gw_stats, add, 16);
GW_ASSERT(sizeof(gw_host) >= GW_HOST_SIZE_1_0, "gw_host");
GW_AT(gw_host, struct_size, 0);
GW_AT(gw_host, abi_minor, 4);
GW_AT(gw_host, host_data, 8);
GW_AT(gw_host, name, 16);
GW_AT(gw_host, version, 24);
GW_AT(gw_host, instance, 32);
GW_AT(gw_host, io_threads_hint, 40);
GW_AT(gw_host, max_inflight, 44);
GW_AT(gw_host, complete, 48);
GW_AT(gw_host, log_level, 56);
GW_AT(gw_host, log, 64);
GW_AT(gw_host, now_monotonic_ns, 72);
GW_AT(gw_host, now_unix_ms, 80);
GW_AT(gw_host, health, 88);
GW_AT(gw_host, get_extension, 96);
GW_AT(gw_host, max_value, 104);
GW_AT(gw_host, blocking_threads, 112);
GW_AT(gw_host, reserved, 116);
GW_ASSERT(sizeof(gw_plugin) >= GW_PLUGIN_SIZE_1_0, "gw_plugin");
GW_AT(gw_plugin, struct_size, 0);
GW_AT(gw_plugin, abi_minor, 4);
GW_AT(gw_plugin, type, 8);
GW_AT(gw_plugin, version, 16);
GW_AT(gw_plugin, vendor, 24);
GW_AT(gw_plugin, license, 32);
GW_AT(gw_plugin, summary, 40);
GW_AT(gw_plugin, doc_url, 48);
GW_AT(gw_plugin, capabilities, 56);
GW_AT(gw_plugin, threads, 64);
GW_AT(gw_plugin, max_batch, 68);
GW_AT(gw_plugin, max_key, 72);
GW_AT(gw_plugin, n_params, 76);
GW_AT(gw_plugin, max_value, 80);
GW_AT(gw_plugin, default_ttl_ms, 88);
GW_AT(gw_plugin, params, 96);
GW_AT(gw_plugin, param_stride, 104);
GW_AT(gw_plugin, max_threads, 108);
GW_AT(gw_plugin, validate, 112);
GW_AT(gw_plugin, create, 120);
GW_AT(gw_plugin, start, 128);
GW_AT(gw_plugin, get, 136);
GW_AT(gw_plugin, set, 144);
GW_AT(gw_plugin, del, 152);
GW_AT(gw_plugin, ping, 160);
GW_AT(gw_plugin, flush, 168);
GW_AT(gw_plugin, cancel, 176);
GW_AT(gw_plugin, release, 184);
GW_AT(gw_plugin, stats, 192);
GW_AT(gw_plugin, shutdown, 200);
GW_AT(gw_plugin, destroy, 208);
GW_AT(gw_plugin, get_extension, 216);
GW_ASSERT(sizeof(gw_abi) >= GW_ABI_SIZE_1_0, "gw_abi");
GW_AT(gw_abi, struct_size, 0);
GW_AT(gw_abi, abi_minor, 4);
GW_AT(gw_abi, host_name, 8);
GW_AT(gw_abi, host_version, 16);
GW_AT(gw_abi, error, 24);

#ifdef __cplusplus
}
#endif

#endif /* GATEWAY_CACHE_PLUGIN_H */
