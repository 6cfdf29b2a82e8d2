/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In the write-ahead log, a transaction is either wholly in the file or not at all, whenever the process is killed.
 * The totals are kept by triggers, so that they belong to the same transaction. */
static const char schema[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = NORMAL;"
    "PRAGMA journal_size_limit = 16777216;"
    "PRAGMA cache_size = -4096;"
    "CREATE TABLE IF NOT EXISTS entries(id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, expires_ms INTEGER NOT NULL,"
    " size INTEGER NOT NULL, checksum INTEGER NOT NULL, value BLOB NOT NULL);"
    "CREATE INDEX IF NOT EXISTS by_expiry ON entries(expires_ms) WHERE expires_ms > 0;"
    "CREATE TABLE IF NOT EXISTS totals(items INTEGER NOT NULL, bytes INTEGER NOT NULL);"
    "INSERT INTO totals SELECT 0, 0 WHERE NOT EXISTS (SELECT 1 FROM totals);"
    "CREATE TRIGGER IF NOT EXISTS added AFTER INSERT ON entries BEGIN"
    " UPDATE totals SET items = items + 1, bytes = bytes + new.size; END;"
    "CREATE TRIGGER IF NOT EXISTS removed AFTER DELETE ON entries BEGIN"
    " UPDATE totals SET items = items - 1, bytes = bytes - old.size; END;";

enum statement { GET, PUT, REMOVE, REMOVE_PREFIX, REMOVE_EXPIRED, REMOVE_OLDEST, TOTALS, BEGIN, COMMIT, ROLLBACK, COUNT };

static const char *const texts[COUNT] = {
    [GET] = "SELECT expires_ms, size, checksum, value FROM entries WHERE key = ?1",
    [PUT] = "INSERT INTO entries(key, expires_ms, size, checksum, value) VALUES(?1, ?2, ?3, ?4, ?5)",
    [REMOVE] = "DELETE FROM entries WHERE key = ?1 RETURNING expires_ms",
    [REMOVE_PREFIX] = "DELETE FROM entries WHERE key >= ?1 AND substr(key, 1, ?2) = ?1",
    [REMOVE_EXPIRED] = "DELETE FROM entries WHERE id IN"
                       " (SELECT id FROM entries WHERE expires_ms > 0 AND expires_ms <= ?1 LIMIT 64)",
    /* Ids grow, so that the least is the one that was stored the longest ago. */
    [REMOVE_OLDEST] = "DELETE FROM entries WHERE id IN (SELECT id FROM entries ORDER BY id LIMIT 1)",
    [TOTALS] = "SELECT items, bytes FROM totals",
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
};

struct store {
    sqlite3 *database;
    sqlite3_stmt *statements[COUNT];
    uint64_t max_size;
    uint64_t evictions;
    store_is_late is_late;
    void *context;
    char message[200];
};

/* ---- SQLite's results ---------------------------------------------------- */

static int32_t status_of(int code) {
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE: return GW_OK;
    case SQLITE_INTERRUPT:
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return GW_ETIMEOUT;
    case SQLITE_FULL:
    case SQLITE_NOMEM: return GW_ENOSPC;
    case SQLITE_TOOBIG: return GW_E2BIG;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return GW_ECORRUPT;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR: return GW_EUNAVAILABLE;
    default: return GW_EINTERNAL;
    }
}

static int32_t failed(struct store *store, int code) {
    snprintf(store->message, sizeof store->message, "SQLite: %s", sqlite3_errmsg(store->database));
    return status_of(code);
}

/* Runs a statement that gives no rows, and makes it ready for its next use. */
static int32_t run(struct store *store, enum statement which) {
    sqlite3_stmt *statement = store->statements[which];
    int code = sqlite3_step(statement);
    while (code == SQLITE_ROW) code = sqlite3_step(statement);
    int32_t status = code == SQLITE_DONE ? GW_OK : failed(store, code);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return status;
}

/* SQLite asks while it works, and while it waits for another writer. */
static int on_progress(void *data) {
    struct store *store = data;
    return store->is_late && store->is_late(store->context);
}

static int on_busy(void *data, int times) {
    (void)times;
    if (on_progress(data)) return 0;
    usleep(1000);
    return 1;
}

/* ---- Opening ------------------------------------------------------------- */

/* Makes an empty file that only this user may read; SQLite gives its other files the same mode. A file that is there is
 * not opened: closing it would release the locks that SQLite holds on it in this process. */
static void make_private(const char *path) {
    int file = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0) close(file);
}

static int prepare(struct store *store) {
    int code = sqlite3_exec(store->database, schema, NULL, NULL, NULL);
    for (int i = 0; i < COUNT && code == SQLITE_OK; i++)
        code = sqlite3_prepare_v3(store->database, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &store->statements[i], NULL);
    return code;
}

int32_t store_open(const char *path, uint64_t max_size, struct store **out, char *message, size_t room) {
    struct store *store = calloc(1, sizeof *store);
    if (!store) return GW_ENOSPC;
    store->max_size = max_size;
    make_private(path);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(path, &store->database, flags, NULL);
    if (code == SQLITE_OK) {
        sqlite3_busy_timeout(store->database, 2000);
        code = prepare(store);
    }
    if (code != SQLITE_OK) {
        snprintf(message, room, "%s cannot be used: %s", path, sqlite3_errmsg(store->database));
        store_close(store);
        return status_of(code);
    }
    sqlite3_progress_handler(store->database, 4000, on_progress, store);
    sqlite3_busy_handler(store->database, on_busy, store);
    *out = store;
    return GW_OK;
}

void store_close(struct store *store) {
    if (!store) return;
    for (int i = 0; i < COUNT; i++) sqlite3_finalize(store->statements[i]);
    sqlite3_close(store->database);
    free(store);
}

void store_limit(struct store *store, store_is_late is_late, void *context) {
    store->is_late = is_late;
    store->context = context;
}

/* ---- Entries -------------------------------------------------------------- */

#define CHECKSUM_START 14695981039346656037u

/* FNV-1a over eight bytes at a time. It notices damage, not malice. */
static uint64_t checksum_add(uint64_t sum, const void *p, uint64_t n) {
    const unsigned char *bytes = p;
    for (; n >= 8; bytes += 8, n -= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        sum = (sum ^ word) * 1099511628211u;
        sum ^= sum >> 32;
    }
    for (; n > 0; bytes++, n--) sum = (sum ^ *bytes) * 1099511628211u;
    return sum;
}

static uint64_t checksum(gw_slice key, int64_t expires_ms, const void *value, uint64_t length) {
    uint64_t sum = checksum_add(CHECKSUM_START, key.p, key.n);
    sum = checksum_add(sum, &expires_ms, sizeof expires_ms);
    return checksum_add(sum, value, length);
}

/* The entry's share of the file: the row and the key's index, too. */
static uint64_t entry_size(uint64_t key, uint64_t value) { return value + 2 * key + 64; }

static void bind_bytes(sqlite3_stmt *statement, int index, const void *p, uint64_t n) {
    sqlite3_bind_blob64(statement, index, n ? p : "", n, SQLITE_STATIC);
}

/* Copies the value of the row that GET has found. */
static int32_t copy_row(struct store *store, gw_slice key, uint64_t largest, void **value, uint64_t *length) {
    sqlite3_stmt *row = store->statements[GET];
    uint64_t size = (uint64_t)sqlite3_column_int64(row, 1);
    uint64_t least = entry_size(key.n, 0);
    /* The size comes before the value, so that too large a value is not read. */
    if (largest && size > least && size - least > largest) return GW_E2BIG;
    const void *bytes = sqlite3_column_blob(row, 3);
    uint64_t n = (uint64_t)sqlite3_column_bytes(row, 3);
    int is_whole = size == entry_size(key.n, n) && (bytes || n == 0);
    if (!is_whole || checksum(key, sqlite3_column_int64(row, 0), bytes, n) != (uint64_t)sqlite3_column_int64(row, 2)) {
        snprintf(store->message, sizeof store->message, "the checksum of an entry is wrong");
        return GW_ECORRUPT;
    }
    *value = malloc(n ? (size_t)n : 1);
    if (!*value) return GW_ENOSPC;
    if (n) memcpy(*value, bytes, (size_t)n);
    *length = n;
    return GW_OK;
}

int32_t store_get(struct store *store, gw_slice key, int64_t now_ms, uint64_t largest, void **value,
                  uint64_t *length) {
    sqlite3_stmt *statement = store->statements[GET];
    bind_bytes(statement, 1, key.p, key.n);
    int code = sqlite3_step(statement);
    int32_t status = GW_MISS;
    if (code == SQLITE_ROW) {
        int64_t expires_ms = sqlite3_column_int64(statement, 0);
        if (expires_ms == 0 || expires_ms > now_ms) status = copy_row(store, key, largest, value, length);
    } else if (code != SQLITE_DONE) {
        status = failed(store, code);
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return status;
}

static void *concatenate(const gw_slice *parts, uint32_t n_parts, uint64_t length) {
    unsigned char *value = malloc(length ? (size_t)length : 1);
    uint64_t offset = 0;
    for (uint32_t i = 0; value && i < n_parts; i++) {
        if (parts[i].n == 0) continue;
        memcpy(value + offset, parts[i].p, (size_t)parts[i].n);
        offset += parts[i].n;
    }
    return value;
}

int32_t store_put(struct store *store, gw_slice key, const gw_slice *parts, uint32_t n_parts,
                  int64_t expires_ms) {
    uint64_t length = 0;
    for (uint32_t i = 0; i < n_parts; i++) length += parts[i].n;
    if (entry_size(key.n, length) > store->max_size) return GW_E2BIG;
    void *value = concatenate(parts, n_parts, length);
    if (!value) return GW_ENOSPC;
    /* Not REPLACE, which would not call the trigger that subtracts the old entry. */
    bind_bytes(store->statements[REMOVE], 1, key.p, key.n);
    int32_t status = run(store, REMOVE);
    if (status == GW_OK) {
        sqlite3_stmt *statement = store->statements[PUT];
        bind_bytes(statement, 1, key.p, key.n);
        sqlite3_bind_int64(statement, 2, expires_ms);
        sqlite3_bind_int64(statement, 3, (int64_t)entry_size(key.n, length));
        sqlite3_bind_int64(statement, 4, (int64_t)checksum(key, expires_ms, value, length));
        bind_bytes(statement, 5, value, length);
        status = run(store, PUT);
    }
    free(value);
    return status;
}

int32_t store_remove(struct store *store, gw_slice key, int64_t now_ms) {
    sqlite3_stmt *statement = store->statements[REMOVE];
    bind_bytes(statement, 1, key.p, key.n);
    int code = sqlite3_step(statement);
    int32_t status = GW_MISS;
    if (code == SQLITE_ROW) {
        int64_t expires_ms = sqlite3_column_int64(statement, 0);
        if (expires_ms == 0 || expires_ms > now_ms) status = GW_OK;
        code = sqlite3_step(statement);
    }
    if (code != SQLITE_DONE) status = failed(store, code);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return status;
}

int32_t store_remove_prefix(struct store *store, gw_slice prefix, uint64_t *removed) {
    sqlite3_stmt *statement = store->statements[REMOVE_PREFIX];
    bind_bytes(statement, 1, prefix.p, prefix.n);
    sqlite3_bind_int64(statement, 2, (int64_t)prefix.n);
    int32_t status = run(store, REMOVE_PREFIX);
    if (status == GW_OK) *removed = (uint64_t)sqlite3_changes64(store->database);
    return status;
}

int32_t store_totals(struct store *store, uint64_t *items, uint64_t *bytes) {
    sqlite3_stmt *statement = store->statements[TOTALS];
    int code = sqlite3_step(statement);
    int32_t status = GW_OK;
    if (code == SQLITE_ROW) {
        *items = (uint64_t)sqlite3_column_int64(statement, 0);
        *bytes = (uint64_t)sqlite3_column_int64(statement, 1);
    } else {
        status = failed(store, code);
    }
    sqlite3_reset(statement);
    return status;
}

uint64_t store_evictions(const struct store *store) { return store->evictions; }

const char *store_message(const struct store *store) { return store->message; }

/* ---- Transactions --------------------------------------------------------- */

int32_t store_begin(struct store *store) { return run(store, BEGIN); }

/* Makes room within the transaction, so that the file never holds more than it may. */
static int32_t make_room(struct store *store, int64_t now_ms) {
    sqlite3_bind_int64(store->statements[REMOVE_EXPIRED], 1, now_ms);
    int32_t status = run(store, REMOVE_EXPIRED);
    uint64_t items = 0, bytes = 0;
    if (status == GW_OK) status = store_totals(store, &items, &bytes);
    while (status == GW_OK && bytes > store->max_size && items > 0) {
        status = run(store, REMOVE_OLDEST);
        if (status != GW_OK) break;
        store->evictions += (uint64_t)sqlite3_changes64(store->database);
        status = store_totals(store, &items, &bytes);
    }
    return status;
}

int32_t store_commit(struct store *store, int64_t now_ms) {
    int32_t status = make_room(store, now_ms);
    return status == GW_OK ? run(store, COMMIT) : status;
}

/* Also where SQLite has rolled back already; then it says so, and that is no failure. */
void store_rollback(struct store *store) {
    store_limit(store, NULL, NULL);
    if (!sqlite3_get_autocommit(store->database)) run(store, ROLLBACK);
}
