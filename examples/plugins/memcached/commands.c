/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int32_t fail(struct session *session, int32_t status, const char *what, const char *line) {
    snprintf(session->message, sizeof session->message, "%s%.120s", what, line);
    return status;
}

/* Why the connection failed. */
static int32_t broken(struct session *session, int32_t status) {
    const char *what = status == GW_ETIMEOUT ? "memcached does not answer in time"
        : status == GW_EPROTO                ? "what answers is no memcached"
                                             : "memcached has closed the connection";
    return fail(session, status, what, "");
}

/* What a line means that is none of the answers a command expects. */
static int32_t unexpected(struct session *session, const char *line) {
    if (strncmp(line, "SERVER_ERROR ", 13) == 0) return fail(session, GW_EUNAVAILABLE, "memcached says ", line);
    if (strcmp(line, "ERROR") == 0 || strncmp(line, "CLIENT_ERROR ", 13) == 0)
        return fail(session, GW_EPROTO, "memcached refuses a command: ", line);
    return fail(session, GW_EPROTO, "memcached answers what was not asked: ", line);
}

static int32_t send_text(struct session *session, const char *text) {
    struct iovec buffer = {(void *)text, strlen(text)};
    int32_t status = connection_send(session->connection, &buffer, 1, session->limit);
    return status == GW_OK ? GW_OK : broken(session, status);
}

static int32_t read_line(struct session *session, char **line) {
    int32_t status = connection_line(session->connection, line, session->limit);
    return status == GW_OK ? GW_OK : broken(session, status);
}

/* A key goes into a command as it is, so it must be one word (the host's keys are: gw_plugin.max_key). */
static int is_key(gw_slice key) {
    const unsigned char *bytes = key.p;
    if (key.n == 0 || key.n > MAX_KEY) return 0;
    for (uint64_t i = 0; i < key.n; i++)
        if (bytes[i] <= ' ' || bytes[i] == 127) return 0;
    return 1;
}

/* Reads a decimal number, and moves past it. */
static int read_number(const char **text, uint64_t *number) {
    const char *p = *text;
    *number = 0;
    for (; *p >= '0' && *p <= '9'; p++) {
        if (*number > (UINT64_MAX - 9) / 10) return 0;
        *number = *number * 10 + (uint64_t)(*p - '0');
    }
    int is_number = p != *text;
    *text = p;
    return is_number;
}

/* ---- Short commands ---------------------------------------------------------- */

int32_t command_version(struct session *session) {
    char *line;
    int32_t status = send_text(session, "version\r\n");
    if (status == GW_OK) status = read_line(session, &line);
    if (status != GW_OK) return status;
    return strncmp(line, "VERSION ", 8) == 0 ? GW_OK : unexpected(session, line);
}

int32_t command_item_limit(struct session *session, uint64_t *limit) {
    static const char name[] = "STAT item_size_max ";
    int32_t status = send_text(session, "stats settings\r\n");
    for (int lines = 0; status == GW_OK; lines++) {
        char *line;
        status = read_line(session, &line);
        if (status != GW_OK || strcmp(line, "END") == 0 || strcmp(line, "ERROR") == 0) break;
        if (strncmp(line, "STAT ", 5) != 0 || lines > 1000) return unexpected(session, line);
        const char *number = line + sizeof name - 1;
        uint64_t value;
        if (strncmp(line, name, sizeof name - 1) == 0 && read_number(&number, &value)) *limit = value;
    }
    return status;
}

/* ---- get ------------------------------------------------------------------------ */

static gw_result *result_at(const gw_get_op *op, uint32_t i) {
    return (gw_result *)((char *)op->results + (size_t)i * op->result_stride); /* rule L-2 */
}

/* A result as the host has preset it: an operation that fails gives no leases (rule V-4). */
static void clear_results(const gw_get_op *op) {
    for (uint32_t i = 0; i < op->n; i++) {
        gw_result *result = result_at(op, i);
        if (result->lease) free((void *)(uintptr_t)result->lease);
        result->status = GW_MISS;
        result->value = (gw_slice){NULL, 0};
        result->lease = 0;
    }
}

static int32_t send_get(struct session *session, const gw_get_op *op, uint32_t *asked) {
    char command[8 + MAX_BATCH * (MAX_KEY + 1)];
    size_t length = 3;
    memcpy(command, "get", 3);
    *asked = 0;
    for (uint32_t i = 0; i < op->n; i++) {
        if (!is_key(op->keys[i])) {
            result_at(op, i)->status = GW_EINVAL;
            continue;
        }
        command[length++] = ' ';
        memcpy(command + length, op->keys[i].p, (size_t)op->keys[i].n);
        length += (size_t)op->keys[i].n;
        ++*asked;
    }
    command[length++] = '\r';
    command[length++] = '\n';
    if (*asked == 0) return GW_OK;
    struct iovec buffer = {command, length};
    int32_t status = connection_send(session->connection, &buffer, 1, session->limit);
    return status == GW_OK ? GW_OK : broken(session, status);
}

/* Reads "KEY FLAGS LENGTH" of an item's line. *next is the item that is looked for first: the server answers in the
 * order of the keys, and leaves out those that it does not have. */
static int read_item_line(const gw_get_op *op, const char *line, uint32_t *next, uint64_t *length) {
    const char *rest = strchr(line, ' ');
    uint64_t flags;
    if (!rest) return 0;
    size_t key_length = (size_t)(rest - line);
    rest++;
    if (!read_number(&rest, &flags) || *rest++ != ' ' || !read_number(&rest, length) || *rest != 0) return 0;
    while (*next < op->n) {
        gw_slice key = op->keys[*next];
        if (key.n == key_length && memcmp(key.p, line, key_length) == 0) return 1;
        ++*next;
    }
    return 0;
}

/* Reads the bytes of an item and what ends them. */
static int32_t read_value(struct session *session, gw_result *result, uint64_t length) {
    char end[2];
    int is_wanted = session->largest == 0 || length <= session->largest;
    void *block = is_wanted ? malloc(length ? (size_t)length : 1) : NULL;
    result->status = block ? GW_OK : is_wanted ? GW_ENOSPC : GW_E2BIG;
    result->value = (gw_slice){block, block ? length : 0};
    result->lease = (uint64_t)(uintptr_t)block;
    int32_t status = connection_bytes(session->connection, block, length, session->limit);
    if (status == GW_OK) status = connection_bytes(session->connection, end, 2, session->limit);
    if (status == GW_OK && memcmp(end, "\r\n", 2) != 0) status = GW_EPROTO;
    return status == GW_OK ? GW_OK : broken(session, status);
}

static int32_t read_items(struct session *session, const gw_get_op *op, uint64_t *hits) {
    for (uint32_t next = 0;; next++) {
        char *line;
        uint64_t length;
        int32_t status = read_line(session, &line);
        if (status != GW_OK) return status;
        if (strcmp(line, "END") == 0) return GW_OK;
        if (strncmp(line, "VALUE ", 6) != 0 || !read_item_line(op, line + 6, &next, &length))
            return unexpected(session, line);
        status = read_value(session, result_at(op, next), length);
        if (status != GW_OK) return status;
        if (result_at(op, next)->status == GW_OK) ++*hits;
    }
}

int32_t command_get(struct session *session, const gw_get_op *op, uint64_t *hits) {
    uint32_t asked;
    *hits = 0;
    int32_t status = send_get(session, op, &asked);
    if (status == GW_OK && asked > 0) status = read_items(session, op, hits);
    if (status != GW_OK) {
        clear_results(op);
        *hits = 0;
    }
    return status;
}

/* ---- set -------------------------------------------------------------------------- */

/* memcached counts in seconds, and takes what is more than thirty days for a time of the day. 0: never. */
static int64_t exptime(uint64_t ttl_ms, int64_t now_ms) {
    const uint64_t thirty_days = 30u * 24 * 60 * 60, for_ever = 1u << 31;
    if (ttl_ms == 0) return 0;
    uint64_t seconds = ttl_ms / 1000 + (ttl_ms % 1000 != 0);
    if (seconds <= thirty_days) return (int64_t)seconds;
    return seconds < for_ever ? now_ms / 1000 + (int64_t)seconds : 0;
}

static const gw_item *item_at(const gw_set_op *op, uint32_t i) {
    return (const gw_item *)((const char *)op->items + (size_t)i * op->item_stride); /* rule L-2 */
}

static uint64_t value_length(const gw_item *item) {
    uint64_t length = 0;
    for (uint32_t i = 0; i < item->n_parts; i++) length += item->parts[i].n;
    return length;
}

/* Why an item is not sent, or GW_OK. */
static int32_t refusal(const struct session *session, const gw_item *item) {
    if (!is_key(item->key)) return GW_EINVAL;
    return session->item_limit && value_length(item) > session->item_limit ? GW_E2BIG : GW_OK;
}

/* Describes the command for an item: its line, the parts as the host has them, and an end of line. */
static int describe(const gw_item *item, int64_t now_ms, char *line, size_t room, struct iovec *buffers) {
    int count = 0;
    int length = snprintf(line, room, "set %.*s 0 %" PRId64 " %" PRIu64 "\r\n", (int)item->key.n,
                          (const char *)item->key.p, exptime(item->ttl_ms, now_ms), value_length(item));
    buffers[count++] = (struct iovec){line, (size_t)length};
    for (uint32_t i = 0; i < item->n_parts; i++)
        if (item->parts[i].n > 0) buffers[count++] = (struct iovec){(void *)item->parts[i].p, (size_t)item->parts[i].n};
    buffers[count++] = (struct iovec){(void *)"\r\n", 2};
    return count;
}

static int32_t send_items(struct session *session, const gw_set_op *op, int64_t now_ms) {
    size_t n_parts = 0;
    for (uint32_t i = 0; i < op->n; i++) n_parts += item_at(op, i)->n_parts;
    struct iovec *buffers = calloc(n_parts + 2 * (size_t)op->n, sizeof *buffers);
    char(*lines)[MAX_KEY + 64] = calloc(op->n, sizeof *lines);
    int count = 0;
    int32_t status = buffers && lines ? GW_OK : GW_ENOSPC;
    for (uint32_t i = 0; i < op->n && status == GW_OK; i++) {
        op->statuses[i] = refusal(session, item_at(op, i));
        if (op->statuses[i] == GW_OK)
            count += describe(item_at(op, i), now_ms, lines[i], sizeof lines[i], buffers + count);
    }
    if (status == GW_OK) status = connection_send(session->connection, buffers, count, session->limit);
    free(buffers);
    free(lines);
    if (status == GW_ENOSPC) return fail(session, status, "there is no memory", "");
    return status == GW_OK ? GW_OK : broken(session, status);
}

int32_t command_set(struct session *session, const gw_set_op *op, int64_t now_ms) {
    int32_t status = send_items(session, op, now_ms);
    for (uint32_t i = 0; i < op->n && status == GW_OK; i++) {
        char *line;
        if (op->statuses[i] != GW_OK) continue; /* it was not sent */
        status = read_line(session, &line);
        if (status != GW_OK) break;
        if (strcmp(line, "STORED") == 0) continue;
        /* After these the server has read the value, and goes on with the next command. */
        if (strcmp(line, "SERVER_ERROR object too large for cache") == 0) op->statuses[i] = GW_E2BIG;
        else if (strncmp(line, "SERVER_ERROR out of memory", 26) == 0) op->statuses[i] = GW_ENOSPC;
        else status = unexpected(session, line);
    }
    return status;
}

/* ---- delete ------------------------------------------------------------------------- */

int32_t command_delete(struct session *session, const gw_del_op *op) {
    static const char verb[] = "delete ";
    struct iovec buffers[3 * MAX_BATCH];
    int count = 0;
    for (uint32_t i = 0; i < op->n; i++) {
        op->statuses[i] = is_key(op->keys[i]) ? GW_OK : GW_EINVAL;
        if (op->statuses[i] != GW_OK) continue;
        buffers[count++] = (struct iovec){(void *)verb, sizeof verb - 1};
        buffers[count++] = (struct iovec){(void *)op->keys[i].p, (size_t)op->keys[i].n};
        buffers[count++] = (struct iovec){(void *)"\r\n", 2};
    }
    int32_t status = connection_send(session->connection, buffers, count, session->limit);
    if (status != GW_OK) return broken(session, status);
    for (uint32_t i = 0; i < op->n; i++) {
        char *line;
        if (op->statuses[i] != GW_OK) continue;
        status = read_line(session, &line);
        if (status != GW_OK) return status;
        if (strcmp(line, "NOT_FOUND") == 0) op->statuses[i] = GW_MISS;
        else if (strcmp(line, "DELETED") != 0) return unexpected(session, line);
    }
    return GW_OK;
}
