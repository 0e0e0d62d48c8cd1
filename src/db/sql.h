/* SPDX-License-Identifier: Apache-2.0
 *
 * From a query file (db/sql/, made into C by tools/sql2c) to a statement: `:name` stands for a
 * piece of SQL that the caller made, usually a quoted name. Values never come this way; they are
 * parameters. */
#ifndef DB_SQL_H
#define DB_SQL_H

#include "base/arena.h"
#include "db/dialect.h"

struct sql_query {
    const char *name;
    const char *shape;               /* of the answer, for rows_check; NULL: the caller knows it */
    const char *text[DIALECT_COUNT]; /* NULL: not for this server */
};

struct sql_part {
    const char *name, *text;
};

#define SQL_PARTS(...) ((const struct sql_part[]){ __VA_ARGS__, { 0 } })

/* In arena. Every `:name` must be among the parts (NULL: there are none in the query). */
const char *sql_build(struct arena *arena, const struct sql_query *query, enum dialect_kind kind,
                      const struct sql_part *parts);

#endif
