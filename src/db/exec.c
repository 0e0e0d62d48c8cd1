/* SPDX-License-Identifier: Apache-2.0
 *
 * Statements, without ever blocking in libpq: every wait looks at the cancel flag. */
#include "db/conn_impl.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"

#define WAIT_SLICE_MS 100          /* how soon a cancel is seen at the latest */
#define CANCEL_GRACE_NS 2000000000 /* for the server to answer after it was told to stop */
#define STREAM_REST_MAX (8 * MIB)  /* read past the last wanted row before hanging up instead */

static void tick(struct db *db)
{
    if (!db->tick || clock_ns() < db->next_tick_ns)
        return;
    db->tick(db->tick_arg);
    db->next_tick_ns = clock_ns() + TICK_MS * 1000000;
}

enum wait_result db_wait(struct db *db, short events, int64_t deadline_ns)
{
    for (;;) {
        if (db_is_cancelled(db))
            return WAIT_CANCELLED;
        if (deadline_ns && clock_ns() >= deadline_ns)
            return WAIT_TIMEOUT;
        tick(db);
        struct pollfd p = { .fd = PQsocket(db->conn), .events = events };
        if (p.fd < 0)
            return WAIT_FAILED;
        int n = poll(&p, 1, WAIT_SLICE_MS);
        if (n > 0)
            return WAIT_READY;
        if (n < 0 && errno != EINTR)
            return WAIT_FAILED;
    }
}

static void hang_up(struct db *db)
{
    PQfinish(db->conn);
    db->conn = NULL;
}

/* Tells the server to stop the statement and takes its answer; hangs up when none comes. */
static bool cancel_statement(struct db *db, struct vz_error *err)
{
    char message[256];
    PGcancel *c = PQgetCancel(db->conn);
    bool told = c && PQcancel(c, message, sizeof message);
    PQfreeCancel(c);
    int64_t deadline = clock_ns() + CANCEL_GRACE_NS;
    while (told && PQconsumeInput(db->conn)) {
        while (!PQisBusy(db->conn)) {
            PGresult *r = PQgetResult(db->conn);
            if (!r)
                return fault_cancelled(db, err);
            PQclear(r);
        }
        struct pollfd p = { .fd = PQsocket(db->conn), .events = POLLIN };
        if (clock_ns() >= deadline || poll(&p, 1, WAIT_SLICE_MS) < 0)
            break;
    }
    hang_up(db);
    return fault_cancelled(db, err);
}

static bool lost(struct db *db, struct vz_error *err)
{
    fault_statement(db, NULL, err);
    return false;
}

/* Sends what is queued; reads meanwhile, so that neither side waits for the other for ever. */
static bool flush(struct db *db, struct vz_error *err)
{
    int left;
    while ((left = PQflush(db->conn)) > 0) {
        switch (db_wait(db, POLLIN | POLLOUT, 0)) {
        case WAIT_CANCELLED:
            hang_up(db); // half a message is out: nothing else ends it
            return fault_cancelled(db, err);
        case WAIT_READY:
            if (PQconsumeInput(db->conn))
                continue;
            return lost(db, err);
        default:
            return lost(db, err);
        }
    }
    return left == 0 || lost(db, err);
}

static bool is_copy(const PGresult *r)
{
    ExecStatusType s = PQresultStatus(r);
    return s == PGRES_COPY_IN || s == PGRES_COPY_OUT || s == PGRES_COPY_BOTH;
}

/* The next result, NULL when the statement is over. Not for use after a failure. */
static bool next_result(struct db *db, PGresult **ret, struct vz_error *err)
{
    while (PQisBusy(db->conn)) {
        switch (db_wait(db, POLLIN, 0)) {
        case WAIT_CANCELLED:
            return cancel_statement(db, err);
        case WAIT_READY:
            if (PQconsumeInput(db->conn))
                continue;
            return lost(db, err);
        default:
            return lost(db, err);
        }
    }
    *ret = PQgetResult(db->conn);
    if (!*ret || !is_copy(*ret))
        return true;
    PQclear(*ret);
    hang_up(db); // it would wait for data that nobody sends
    return vz_fail(err, VZ_DB, "the server took a query for COPY");
}

/* With `params` NULL the simple protocol is used: one message, for statements of our own. */
static bool start(struct db *db, const char *sql, const struct db_params *params,
                  struct vz_error *err)
{
    if (db_is_cancelled(db))
        return fault_cancelled(db, err);
    if (db_is_lost(db))
        return lost(db, err);
    int sent = params ? PQsendQueryParams(db->conn, sql, (int)params->n, NULL, params->values,
                                          params->lengths, params->binary, 0)
                      : PQsendQuery(db->conn, sql);
    return sent ? true : lost(db, err);
}

static bool is_success(const PGresult *r)
{
    ExecStatusType s = PQresultStatus(r);
    return s == PGRES_TUPLES_OK || s == PGRES_COMMAND_OK || s == PGRES_SINGLE_TUPLE ||
           s == PGRES_EMPTY_QUERY;
}

/* Reads to the end of a statement; the first failure or else the last result counts. */
static bool finish(struct db *db, PGresult **ret, struct vz_error *err)
{
    PGresult *kept = NULL, *r = NULL;
    for (;;) {
        if (!next_result(db, &r, err)) {
            PQclear(kept);
            return false;
        }
        if (!r)
            break;
        if (kept && !is_success(kept)) {
            PQclear(r);
            continue;
        }
        PQclear(kept);
        kept = r;
    }
    if (!kept || !is_success(kept)) {
        fault_statement(db, kept, err);
        PQclear(kept);
        return false;
    }
    *ret = kept;
    return true;
}

/* Nothing is asked for in binary: what comes so was meant for somebody else. */
static bool is_readable(const PGresult *r, struct vz_error *err)
{
    for (int c = 0; c < PQnfields(r); c++)
        if (PQfformat(r, c) != 0)
            return vz_fail(err, VZ_DB, "the server answered in binary, which nobody asked for");
    return true;
}

bool db_query_binary(struct db *db, const char *sql, const struct db_params *params,
                     struct rows **ret, struct vz_error *err)
{
    PGresult *result;
    if (!start(db, sql, params, err) || !flush(db, err) || !finish(db, &result, err))
        return false;
    if (!is_readable(result, err)) {
        PQclear(result);
        return false;
    }
    *ret = rows_new(result);
    return true;
}

bool db_query(struct db *db, const char *sql, const char *const *params, size_t n_params,
              struct rows **ret, struct vz_error *err)
{
    return db_query_binary(db, sql, &(struct db_params){ .values = params, .n = n_params }, ret,
                           err);
}

bool db_exec(struct db *db, const char *sql, struct vz_error *err)
{
    PGresult *result;
    if (!start(db, sql, NULL, err) || !flush(db, err) || !finish(db, &result, err))
        return false;
    PQclear(result);
    return true;
}

/* What one statement of a pipeline gave, up to its synchronisation point. */
static bool finish_one(struct db *db, bool optional, struct vz_error *err)
{
    PGresult *r = NULL;
    struct vz_error first = { 0 };
    for (bool synced = false; !synced; PQclear(r)) {
        if (!next_result(db, &r, err))
            return false;
        synced = r && PQresultStatus(r) == PGRES_PIPELINE_SYNC;
        if (PQstatus(db->conn) != CONNECTION_OK &&
            (!r || !PQresultErrorField(r, PG_DIAG_SQLSTATE))) {
            PQclear(r);
            return lost(db, err);
        }
        if (r && !synced && !is_success(r) && !first.kind)
            fault_statement(db, r, &first);
    }
    if (!first.kind || (optional && first.kind == VZ_DB))
        return true;
    *err = first;
    return false;
}

bool db_exec_all(struct db *db, const char *const *sql, const bool *optional, size_t n,
                 struct vz_error *err)
{
    if (db_is_lost(db) || !PQenterPipelineMode(db->conn))
        return lost(db, err);
    for (size_t i = 0; i < n; i++)
        if (!PQsendQueryParams(db->conn, sql[i], 0, NULL, NULL, NULL, NULL, 0) ||
            !PQpipelineSync(db->conn))
            return lost(db, err);
    if (!flush(db, err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!finish_one(db, optional[i], err))
            return false; // connection and answers to come are given up with it
    return PQexitPipelineMode(db->conn) || lost(db, err);
}

/* A row as values; `values` has room for n. */
static bool row_values(const PGresult *r, size_t n, struct str *values, size_t *ret_bytes,
                       struct vz_error *err)
{
    if ((size_t)PQnfields(r) != n)
        return vz_fail(err, VZ_DB, "the server's rows have %d columns, not %zu", PQnfields(r), n);
    if (!is_readable(r, err))
        return false;
    *ret_bytes = 0;
    for (int c = 0; c < (int)n; c++) {
        if (PQgetisnull(r, 0, c))
            return vz_fail(err, VZ_DB, "the server's row has NULL in column %d, which was left out",
                           c + 1);
        values[c] = (struct str){ PQgetvalue(r, 0, c), (size_t)PQgetlength(r, 0, c) };
        *ret_bytes += values[c].len;
    }
    return true;
}

bool db_stream(struct db *db, const char *sql, const char *const *params, size_t n_params,
               size_t n_columns, db_row_fn *each, void *arg, struct vz_error *err)
{
    if (!start(db, sql, &(struct db_params){ .values = params, .n = n_params }, err))
        return false;
    if (!PQsetSingleRowMode(db->conn))
        return lost(db, err);
    if (!flush(db, err))
        return false;

    struct str values[64];
    assert(n_columns <= ARRAY_LEN(values));
    bool ok = true, more = true;
    size_t rest = 0, bytes = 0;
    PGresult *r = NULL;
    for (;;) {
        if (!next_result(db, &r, err))
            return false;
        if (!r)
            return ok;
        if (!is_success(r)) {
            if (ok)
                ok = fault_statement(db, r, err);
        } else if (PQntuples(r) == 1 && ok) {
            ok = row_values(r, n_columns, values, &bytes, err);
            more = ok && more && each(arg, values, n_columns);
            rest += more ? 0 : bytes;
        }
        PQclear(r);
        if (rest > STREAM_REST_MAX) {
            hang_up(db); // cheaper than reading on; the next statement reconnects
            return ok;
        }
    }
}
