/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of a connection, shared by the files that make one up: conn.c (opening), exec.c
 * (statements), rows.c (results), fault.c (errors), retry.c. Nobody else includes this. */
#ifndef DB_CONN_IMPL_H
#define DB_CONN_IMPL_H

#include <libpq-fe.h>

#include "db/conn.h"
#include "db/dialect.h"
#include "db/retry.h"

#define DB_SETTINGS_MAX 16
#define DB_NAME_SIZE 256
#define TICK_MS 1000

struct setting {
    char name[64], value[64];
};

struct db {
    PGconn *conn; /* NULL while there is none */
    const char *url, *application;
    const atomic_bool *cancel, *stop;
    bool ignores_cancel;
    struct dialect dialect;
    struct server_version version;
    char name[DB_NAME_SIZE];
    char job[32], taken_job[32]; /* from the last notice; what db_take_job gave */
    struct setting settings[DB_SETTINGS_MAX];
    size_t n_settings;
    retry_note_fn *note;
    void *note_arg;
    int64_t retry_total_ms;
    void (*tick)(void *arg); /* called every TICK_MS while a statement runs; or NULL */
    void *tick_arg;
    int64_t next_tick_ns;
};

/* Waits until the socket is ready for `events` (of poll), the deadline (clock_ns; 0: none) is
 * over or the connection is cancelled. */
enum wait_result { WAIT_READY, WAIT_TIMEOUT, WAIT_CANCELLED, WAIT_FAILED };
enum wait_result db_wait(struct db *db, short events, int64_t deadline_ns);

/* Statements without rows that do not depend on each other, in one round trip. One that the server
 * refuses (VZ_DB) is passed over where optional[i] says so; the first other failure counts. */
bool db_exec_all(struct db *db, const char *const *sql, const bool *optional, size_t n,
                 struct vz_error *err) VZ_MUST_CHECK;

struct rows *rows_new(PGresult *result); /* takes the result over */

/* Fills *err from a failed result (NULL: the connection itself failed). Returns false. */
bool fault_statement(const struct db *db, const PGresult *result, struct vz_error *err);
/* The same for a connection that could not be opened; first: nothing was connected before. */
bool fault_connect(const struct db *db, const char *message, bool first, struct vz_error *err);
/* Whether a statement was refused because a vector index is being built. */
bool fault_is_build(const char *state, const char *message);
/* A message of libpq with whatever stands between quotes taken out. */
void fault_scrub(const char *message, char *ret, size_t size);
bool fault_cancelled(const struct db *db, struct vz_error *err);

#endif
