/* SPDX-License-Identifier: Apache-2.0
 *
 * Which columns tell the rows of a table apart, in key order: the primary key, or a unique index
 * over plain NOT NULL columns. */
#include <fnmatch.h>

#include "db/catalog_impl.h"
#include "queries.h"

/* CockroachDB lists the computed column of a hash-sharded key: a function of the others. */
static bool is_shard(const struct column *c)
{
    return fnmatch("crdb_internal_*_shard_*", c->name, 0) == 0;
}

static const struct column *by_number(const struct columns *columns, int64_t attnum)
{
    for (size_t i = 0; i < columns->n; i++)
        if (columns->v[i].attnum == attnum)
            return &columns->v[i];
    return NULL;
}

static struct key_column key_column(struct arena *arena, const struct column *c)
{
    return (struct key_column){
        .name = c->name,
        .sql = ident_quote(arena, c->name),
        .type = c->type,
        // an array of arrays would come out of unnest as its elements
        .array_type =
            c->has_array && c->category != 'A' ? arena_printf(arena, "%s[]", c->type) : NULL,
    };
}

/* Reads "1 3" or "{1,3}"; false when the index has a column that may be NULL. */
static bool read_key(struct arena *arena, const struct columns *columns, const char *indkey,
                     size_t n_max, bool primary, struct target *ret)
{
    ret->keys = arena_new(arena, struct key_column, KEY_COLUMNS_MAX);
    ret->n_keys = 0;
    struct str rest = str_of(indkey);
    for (size_t i = 0; !n_max || i < n_max; i++) {
        while (rest.len && (*rest.p < '0' || *rest.p > '9'))
            rest = (struct str){ rest.p + 1, rest.len - 1 };
        if (!rest.len)
            break;
        const struct column *c = by_number(columns, str_take_int(&rest));
        if (!c || (!primary && !c->not_null) || ret->n_keys == KEY_COLUMNS_MAX)
            return false;
        if (!is_shard(c))
            ret->keys[ret->n_keys++] = key_column(arena, c);
    }
    return ret->n_keys > 0;
}

bool key_find(struct db *db, struct arena *arena, const struct columns *columns,
              struct target *target, struct vz_error *err)
{
    const char *oid = arena_printf(arena, "%u", target->table.oid);
    VZ_CLEANUP(rows_free_at) struct rows *rows = NULL;
    if (!catalog_query(db, arena, &sql_key, &oid, 1, &rows, err))
        return false;
    for (size_t i = 0; i < rows_count(rows); i++) {
        if (!read_key(arena, columns, rows_text(rows, i, 2), (size_t)rows_int(rows, i, 3),
                      rows_bool(rows, i, 1), target))
            continue;
        target->key_index = catalog_text(arena, rows, i, 0);
        return true;
    }
    vz_fail(err, VZ_DB, "table \"%s\" has no primary key", target->table.text);
    return vz_hint(err,
                   "Rows must be told apart to get their own vector. Add a primary key, or a "
                   "unique index over NOT NULL columns: ALTER TABLE %s ADD COLUMN id bigint "
                   "GENERATED ALWAYS AS IDENTITY PRIMARY KEY;",
                   target->table.sql);
}
