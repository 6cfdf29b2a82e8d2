/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memcached's text protocol: each function is one round trip, whatever the number of items. They return the status of
 * the operation as a whole; after an error the connection is to be closed.
 */
#ifndef MEMCACHED_COMMANDS_H
#define MEMCACHED_COMMANDS_H

#include "connection.h"

#define MAX_KEY 250 /* the protocol's */
#define MAX_BATCH 32

struct session {
    struct connection *connection;
    struct limit limit;
    uint64_t largest; /* the largest value that is read; a larger one is skipped, and GW_E2BIG */
    uint64_t item_limit; /* the largest item that the server stores; 0: not known */
    char message[200];   /* why the operation failed */
};

/* Asks for the version. */
int32_t command_version(struct session *session);

/* Asks how large an item may be. A server that does not tell leaves *limit as it is. */
int32_t command_item_limit(struct session *session, uint64_t *limit);

/* Fills in the results. Each lease is a block of malloc. An operation that fails gives none. */
int32_t command_get(struct session *session, const gw_get_op *op, uint64_t *hits);

/* Stores items, and fills in their statuses. now_ms is the clock of the day. */
int32_t command_set(struct session *session, const gw_set_op *op, int64_t now_ms);

/* Removes keys, and fills in their statuses. */
int32_t command_delete(struct session *session, const gw_del_op *op);

#endif
