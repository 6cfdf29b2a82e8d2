/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of entries, in SQLite. It knows nothing of the gateway but its statuses.
 *
 * A store may be open several times, in one process and in several: SQLite orders who writes, and the totals that bound
 * the size are in the file. Each handle is for one thread at a time.
 */
#ifndef DISK_STORE_H
#define DISK_STORE_H

#include <gateway_cache_plugin.h>

struct store; /* one connection to the file, with its prepared statements */

/* Whether the caller no longer waits; asked from time to time while SQLite works. */
typedef int (*store_is_late)(void *context);

/* Opens the file, and makes it if there is none, readable for this user only. GW_OK, or an error with a sentence for
 * the operator in message. */
int32_t store_open(const char *path, uint64_t max_size, struct store **out, char *message, size_t room);
void store_close(struct store *store);

/* What follows fails with GW_ETIMEOUT when is_late says so. */
void store_limit(struct store *store, store_is_late is_late, void *context);

/* Copies the value of a key to malloc'ed memory. GW_OK, GW_MISS, GW_E2BIG if it is larger than largest (0: any size),
 * GW_ECORRUPT if its checksum is wrong, or an error. */
int32_t store_get(struct store *store, gw_slice key, int64_t now_ms, uint64_t largest, void **value,
                  uint64_t *length);

/* One transaction: what is put or removed between begin and commit is kept as a whole, or not at all. */
int32_t store_begin(struct store *store);
int32_t store_commit(struct store *store, int64_t now_ms); /* also removes what is expired, and the oldest if full */
void store_rollback(struct store *store);

/* Stores the concatenation of parts; expires_ms 0: never. GW_E2BIG if it is larger than the whole store may be. */
int32_t store_put(struct store *store, gw_slice key, const gw_slice *parts, uint32_t n_parts,
                  int64_t expires_ms);
/* GW_OK, or GW_MISS if there was none. */
int32_t store_remove(struct store *store, gw_slice key, int64_t now_ms);
/* Removes every entry whose key begins with prefix, and counts them. */
int32_t store_remove_prefix(struct store *store, gw_slice prefix, uint64_t *removed);

/* How many entries there are, and their bytes; and how many this handle has evicted. */
int32_t store_totals(struct store *store, uint64_t *items, uint64_t *bytes);
uint64_t store_evictions(const struct store *store);

/* What the last call that failed said. */
const char *store_message(const struct store *store);

#endif
