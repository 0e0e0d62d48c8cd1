/* SPDX-License-Identifier: Apache-2.0
 *
 * Stamped columns, found by the mark in their comments. */
#include "db/stamped.h"

#include "db/conn.h"
#include "db/dialect.h"
#include "db/reply.h"
#include "db/retry.h"
#include "db/sql.h"
#include "queries.h"

struct list_arg {
    struct arena *arena;
    struct rows *rows;
};

static bool list_comments(struct db *db, void *arg, struct vz_error *err)
{
    struct list_arg *a = arg; // reads only: may be repeated
    const char *sql = sql_build(a->arena, &sql_stamped, db_dialect(db)->kind, NULL);
    return db_ask(db, &sql_stamped, sql, (const char *[]){ STAMP_MARK }, 1, &a->rows, err);
}

bool stamped_list(struct db *db, struct arena *arena, struct stamped_column **ret,
                  size_t *ret_count, struct vz_error *err)
{
    struct list_arg a = { .arena = arena };
    if (!retry_run(db, list_comments, &a, err))
        return false;
    struct stamped_column *list = arena_new(arena, struct stamped_column, rows_count(a.rows));
    size_t n = 0;
    for (size_t i = 0; i < rows_count(a.rows); i++) {
        struct stamped_column *c = &list[n];
        if (!stamp_find(arena, rows_text(a.rows, i, 3), &c->stamp))
            continue; // somebody only mentions the word
        c->table = arena_printf(arena, "%s.%s", rows_text(a.rows, i, 0), rows_text(a.rows, i, 1));
        c->column = arena_strdup(arena, rows_str(a.rows, i, 2));
        n++;
    }
    rows_free(a.rows);
    *ret = list;
    *ret_count = n;
    return true;
}
