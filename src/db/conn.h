/* SPDX-License-Identifier: Apache-2.0
 *
 * One connection to a server, and rows that came from it. A caller sees rows and errors, never
 * anything of libpq.
 *
 *     struct db_settings s = { .url = url, .cancel = &second_ctrl_c };
 *     struct db *db = NULL;
 *     if (!db_open(&s, &db, err)) …
 *     struct rows *rows = NULL;
 *     if (!db_query(db, "SELECT $1::text", (const char *[]){ "x" }, 1, &rows, err)) …
 *     puts(rows_text(rows, 0, 0));
 *     rows_free(rows);
 *     db_close(db);
 *
 * A connection belongs to one thread at a time. Statements run outside transactions, one a
 * call. A fault that may pass has kind VZ_RETRY and is repeated only by db/retry.h; a
 * connection that was lost is opened again there. The URL goes to libpq unread and comes back in
 * no message: messages name db_name(). */
#ifndef DB_CONN_H
#define DB_CONN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

struct db;
struct rows;
struct dialect;

struct db_settings {
    const char *url;           /* URL or conninfo; NULL or "": libpq's own environment. Borrowed */
    const char *application;   /* application_name; NULL: "vectorize" */
    const atomic_bool *cancel; /* ends running statements and waits at once; or NULL. Borrowed */
    const atomic_bool *stop;   /* ends only waits between attempts (retry.h); or NULL. Borrowed */
    bool known; /* the server was there a moment ago: if it is not, it is waited for */
};

/* Connects, finds out the server and sets up the session. The error says which of no server,
 * wrong password, refused TLS, missing database it was, with a hint. */
bool db_open(const struct db_settings *settings, struct db **ret,
             struct vz_error *err) VZ_MUST_CHECK;
void db_close(struct db *db); /* NULL is allowed */
/* A second connection to the same place, for looking on while the first is busy. */
bool db_open_beside(const struct db *db, struct db **ret, struct vz_error *err) VZ_MUST_CHECK;
/* Calls `tick` about once a second while a statement of this connection runs; NULL: no more. */
void db_set_tick(struct db *db, void (*tick)(void *arg), void *arg);

/* Drops the connection and opens it anew, session settings included. One attempt. */
bool db_reconnect(struct db *db, struct vz_error *err) VZ_MUST_CHECK;
bool db_is_lost(const struct db *db);
bool db_is_cancelled(const struct db *db); /* .cancel is set */
bool db_is_stopping(const struct db *db);  /* .cancel or .stop is set */
/* Whether statements heed .cancel; at first they do. Not for the few whose answer is wanted after
 * the user has asked to stop. */
void db_heed_cancel(struct db *db, bool heed);

const struct dialect *db_dialect(const struct db *db);
const char *db_name(const struct db *db); /* "shop on db.example:5432": holds no secret */
/* The schema-change job that the server named last in a notice, "" without one; asking
 * forgets it. Valid until the next call. */
const char *db_take_job(struct db *db);

/* Runs one statement. Parameters are NUL-terminated text; NULL is NULL. Rows are owned by the
 * caller. */
bool db_query(struct db *db, const char *sql, const char *const *params, size_t n_params,
              struct rows **ret, struct vz_error *err) VZ_MUST_CHECK;
/* The same, with some of the parameters in the server's binary form of their type. */
struct db_params {
    const char *const *values;
    const int *lengths; /* looked at where binary */
    const int *binary;  /* 0 or 1 for each */
    size_t n;
};
bool db_query_binary(struct db *db, const char *sql, const struct db_params *params,
                     struct rows **ret, struct vz_error *err) VZ_MUST_CHECK;
/* The same, for statements without parameters whose rows nobody wants: settings, schema changes.
 * Never for SQL that a user gave: several statements would be taken. */
bool db_exec(struct db *db, const char *sql, struct vz_error *err) VZ_MUST_CHECK;

/* Takes rows one at a time as they arrive; `each` returns false to have no more of them, and the
 * rest is thrown away. Values are borrowed for the call. An answer with another number of columns
 * (at most 64), or with a NULL in it, is an error. */
typedef bool db_row_fn(void *arg, const struct str *values, size_t n_values);
bool db_stream(struct db *db, const char *sql, const char *const *params, size_t n_params,
               size_t n_columns, db_row_fn *each, void *arg, struct vz_error *err) VZ_MUST_CHECK;

/* A session setting that lasts over reconnects ("enable_seqscan", "off"); at most 16 of them.
 * Passing faults are repeated inside. */
bool db_set(struct db *db, const char *name, const char *value, struct vz_error *err) VZ_MUST_CHECK;

size_t rows_count(const struct rows *r);
size_t rows_columns(const struct rows *r);
size_t rows_bytes(const struct rows *r); /* of memory */
const char *rows_name(const struct rows *r, size_t column);
/* NUL-terminated, valid until rows_free; NULL for NULL. */
const char *rows_text(const struct rows *r, size_t row, size_t column);
struct str rows_str(const struct rows *r, size_t row, size_t column);
bool rows_is_null(const struct rows *r, size_t row, size_t column);
int64_t rows_int(const struct rows *r, size_t row, size_t column); /* 0 for NULL */
bool rows_bool(const struct rows *r, size_t row, size_t column);   /* false for NULL */
/* Keeps `count` rows from `first` on. */
void rows_trim(struct rows *r, size_t first, size_t count);
void rows_free(struct rows *r);     /* NULL is allowed */
void rows_free_at(struct rows **r); /* for VZ_CLEANUP */

#endif
