/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "connection.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct connection {
    int socket;
    int has_answered;
    size_t begin, end; /* what is received and not read yet */
    char buffer[16384];
};

/* Waits until the socket is ready. A stopped clock of the host does not make it wait longer. */
static int32_t await(int socket, short events, struct limit limit) {
    for (;;) {
        uint64_t now = limit.host->now_monotonic_ns(limit.host);
        if (now >= limit.end_ns) return GW_ETIMEOUT;
        uint64_t left_ms = (limit.end_ns - now + 999999u) / 1000000u;
        struct pollfd descriptor = {.fd = socket, .events = events};
        int ready = poll(&descriptor, 1, left_ms > 60000 ? 60000 : (int)left_ms);
        if (ready > 0) return GW_OK;
        if (ready == 0) return GW_ETIMEOUT;
        if (errno != EINTR) return GW_EUNAVAILABLE;
    }
}

/* ---- Opening --------------------------------------------------------------- */

static int32_t connect_to(const struct addrinfo *address, struct limit limit, int *out) {
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return GW_EUNAVAILABLE;
    int32_t status = GW_OK;
    if (connect(fd, address->ai_addr, address->ai_addrlen) != 0) {
        int error = errno;
        socklen_t size = sizeof error;
        status = error == EINPROGRESS ? await(fd, POLLOUT, limit) : GW_EUNAVAILABLE;
        if (status == GW_OK && (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0))
            status = GW_EUNAVAILABLE;
        if (status == GW_EUNAVAILABLE) errno = error;
    }
    if (status != GW_OK) {
        int error = errno;
        close(fd);
        errno = error;
        return status;
    }
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    *out = fd;
    return GW_OK;
}

int32_t connection_open(const char *server, const char *port, struct limit limit, struct connection **out,
                        char *message, size_t room) {
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *addresses = NULL;
    int code = getaddrinfo(server, port, &hints, &addresses);
    if (code != 0) {
        snprintf(message, room, "the address of %.200s is not known: %s", server, gai_strerror(code));
        return GW_EUNAVAILABLE;
    }
    int fd = -1;
    int32_t status = GW_EUNAVAILABLE;
    for (const struct addrinfo *address = addresses; address && fd < 0 && status != GW_ETIMEOUT; address = address->ai_next)
        status = connect_to(address, limit, &fd);
    const char *reason = status == GW_ETIMEOUT ? "it does not answer in time" : strerror(errno);
    freeaddrinfo(addresses);
    struct connection *connection = status == GW_OK ? malloc(sizeof *connection) : NULL;
    if (!connection) {
        if (fd >= 0) close(fd);
        snprintf(message, room, "memcached at %.200s:%s cannot be reached: %s", server, port, reason);
        return status == GW_OK ? GW_ENOSPC : status;
    }
    connection->socket = fd;
    connection->has_answered = 0;
    connection->begin = connection->end = 0;
    *out = connection;
    return GW_OK;
}

void connection_close(struct connection *connection) {
    if (!connection) return;
    close(connection->socket);
    free(connection);
}

/* ---- Sending ---------------------------------------------------------------- */

/* Drops the first n bytes of the buffers. */
static void skip_sent(struct iovec **buffers, int *count, size_t n) {
    while (*count > 0 && n >= (*buffers)->iov_len) {
        n -= (*buffers)->iov_len;
        ++*buffers;
        --*count;
    }
    if (*count == 0) return;
    (*buffers)->iov_base = (char *)(*buffers)->iov_base + n;
    (*buffers)->iov_len -= n;
}

int32_t connection_send(struct connection *connection, struct iovec *buffers, int count, struct limit limit) {
    connection->has_answered = 0;
    if (connection->begin != connection->end) return GW_EPROTO; /* more than the last command asked for */
    skip_sent(&buffers, &count, 0);
    while (count > 0) {
        struct msghdr message = {.msg_iov = buffers, .msg_iovlen = (size_t)(count < 512 ? count : 512)};
        ssize_t sent = sendmsg(connection->socket, &message, MSG_NOSIGNAL); /* no SIGPIPE: rule P-2 */
        if (sent >= 0) {
            skip_sent(&buffers, &count, (size_t)sent);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            int32_t status = await(connection->socket, POLLOUT, limit);
            if (status != GW_OK) return status;
        } else if (errno != EINTR) {
            return GW_EUNAVAILABLE;
        }
    }
    return GW_OK;
}

/* ---- Receiving --------------------------------------------------------------- */

/* Receives at least one byte to a place. */
static int32_t receive(struct connection *connection, void *place, size_t room, size_t *n, struct limit limit) {
    for (;;) {
        ssize_t received = recv(connection->socket, place, room, 0);
        if (received > 0) {
            connection->has_answered = 1;
            *n = (size_t)received;
            return GW_OK;
        }
        if (received == 0) return GW_EUNAVAILABLE;
        if (errno == EINTR) continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) return GW_EUNAVAILABLE;
        int32_t status = await(connection->socket, POLLIN, limit);
        if (status != GW_OK) return status;
    }
}

/* Receives more into the buffer. A line that does not fit is none of memcached's. */
static int32_t fill(struct connection *connection, struct limit limit) {
    memmove(connection->buffer, connection->buffer + connection->begin, connection->end - connection->begin);
    connection->end -= connection->begin;
    connection->begin = 0;
    size_t n = 0, room = sizeof connection->buffer - connection->end;
    if (room == 0) return GW_EPROTO;
    int32_t status = receive(connection, connection->buffer + connection->end, room, &n, limit);
    connection->end += n;
    return status;
}

int32_t connection_line(struct connection *connection, char **line, struct limit limit) {
    size_t searched = 0;
    for (;;) {
        char *start = connection->buffer + connection->begin;
        size_t length = connection->end - connection->begin;
        char *end = memchr(start + searched, '\n', length - searched);
        if (end && (end == start || end[-1] != '\r')) return GW_EPROTO;
        if (end) {
            end[-1] = 0;
            connection->begin += (size_t)(end + 1 - start);
            *line = start;
            return memchr(start, 0, (size_t)(end - 1 - start)) ? GW_EPROTO : GW_OK;
        }
        searched = length;
        int32_t status = fill(connection, limit);
        if (status != GW_OK) return status;
    }
}

int32_t connection_bytes(struct connection *connection, void *place, uint64_t n, struct limit limit) {
    char *to = place, scratch[16384];
    size_t ready = connection->end - connection->begin;
    if (ready > n) ready = (size_t)n;
    if (to) memcpy(to, connection->buffer + connection->begin, ready);
    connection->begin += ready;
    uint64_t done = ready;
    while (done < n) {
        uint64_t left = n - done;
        size_t got = 0, room = to ? (size_t)left : sizeof scratch;
        if (room > left) room = (size_t)left;
        int32_t status = receive(connection, to ? to + done : scratch, room, &got, limit);
        if (status != GW_OK) return status;
        done += got;
    }
    return GW_OK;
}

int connection_has_answered(const struct connection *connection) { return connection->has_answered; }
