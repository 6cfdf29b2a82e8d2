/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection to a server, for one thread at a time. Every function ends by the limit it is given. One that fails
 * leaves the connection useless: what the server still sends would be taken for the answer to the next command, so the
 * caller closes it.
 */
#ifndef MEMCACHED_CONNECTION_H
#define MEMCACHED_CONNECTION_H

#include <gateway_cache_plugin.h>
#include <sys/uio.h>

struct connection;

/* The time by which to end, on the host's clock. */
struct limit {
    const gw_host *host;
    uint64_t end_ns;
};

/* GW_OK, GW_ETIMEOUT or GW_EUNAVAILABLE, with a sentence for the operator in message. */
int32_t connection_open(const char *server, const char *port, struct limit limit, struct connection **out,
                        char *message, size_t room);
void connection_close(struct connection *connection);

/* Sends all of the buffers, whose descriptions it changes. */
int32_t connection_send(struct connection *connection, struct iovec *buffers, int count, struct limit limit);

/* Reads a line that ends with CR LF, without them and with a NUL at its end. It is valid until the next call. */
int32_t connection_line(struct connection *connection, char **line, struct limit limit);

/* Reads n bytes to a place, or skips them where it is NULL. */
int32_t connection_bytes(struct connection *connection, void *place, uint64_t n, struct limit limit);

/* Whether the server has sent anything since the last command was sent. */
int connection_has_answered(const struct connection *connection);

#endif
