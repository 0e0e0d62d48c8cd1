/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether an answer has the form that was asked for. A proxy that mixes answers up, another kind
 * of server, or one that is broken must end in an error, so everything that is read from rows is
 * looked at here before. One letter a column:
 *
 *     t text   i whole number   f number   b true or false     capital: may be NULL
 *
 *     if (!rows_check(rows, "key", "tBtI", err)) … */
#ifndef DB_REPLY_H
#define DB_REPLY_H

#include "db/conn.h"
#include "db/sql.h"

/* VZ_DB: the answer has another number of columns, or a value does not fit. No value is named. */
bool rows_check(const struct rows *rows, const char *query, const char *shape,
                struct vz_error *err) VZ_MUST_CHECK;

/* db_query, checked. `sql` is what sql_build made of the query; NULL: it was made of none. */
bool db_ask(struct db *db, const struct sql_query *query, const char *sql,
            const char *const *params, size_t n_params, struct rows **ret,
            struct vz_error *err) VZ_MUST_CHECK;

#endif
