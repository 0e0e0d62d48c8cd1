/* SPDX-License-Identifier: Apache-2.0
 *
 * From the table a user typed to the one that is meant, and its columns. */
#include "db/catalog_impl.h"

#include <stdlib.h>

#include "base/option.h"
#include "db/reply.h"
#include "db/retry.h"
#include "queries.h"

struct look {
    const struct sql_query *query;
    const char *sql;
    const char *const *params;
    size_t n_params;
    struct rows **ret;
};

/* May be repeated: it only reads. */
static bool look(struct db *db, void *arg, struct vz_error *err)
{
    const struct look *l = arg;
    return db_ask(db, l->query, l->sql, l->params, l->n_params, l->ret, err);
}

bool catalog_run(struct db *db, const struct sql_query *query, const char *sql,
                 const char *const *params, size_t n_params, struct rows **ret,
                 struct vz_error *err)
{
    struct look l = { query, sql, params, n_params, ret };
    return retry_run(db, look, &l, err);
}

bool catalog_query(struct db *db, struct arena *arena, const struct sql_query *query,
                   const char *const *params, size_t n_params, struct rows **ret,
                   struct vz_error *err)
{
    const char *sql = sql_build(arena, query, db_dialect(db)->kind, NULL);
    return catalog_run(db, query, sql, params, n_params, ret, err);
}

const char *catalog_text(struct arena *arena, const struct rows *rows, size_t row, size_t column)
{
    return rows_is_null(rows, row, column) ? NULL
                                           : arena_strdup(arena, rows_str(rows, row, column));
}

/* A name in three parts must be in this database: a connection sees no other. */
static bool check_database(struct db *db, struct arena *arena, const struct ident *name,
                           struct vz_error *err)
{
    VZ_CLEANUP(rows_free_at) struct rows *rows = NULL;
    if (!catalog_run(db, NULL, "SELECT current_database()", NULL, 0, &rows, err))
        return false;
    const char *here = catalog_text(arena, rows, 0, 0);
    if (here && (!strcmp(here, name->name) || !strcmp(here, name->exact)))
        return true;
    vz_fail(err, VZ_USAGE, "the connection is to database \"%s\", not to \"%s\"", here ? here : "",
            name->exact);
    return vz_hint(err, "Name the database in the URL.");
}

static bool fail_missing(struct db *db, struct arena *arena, const struct ident_path *path,
                         const struct rows *elsewhere, struct vz_error *err)
{
    const char *typed = path->part[path->n - 1].exact;
    vz_fail(err, VZ_DB, "there is no table \"%s\"%s", typed,
            path->n == 1 ? " in the search path" : " in that schema");
    if (rows_count(elsewhere))
        return vz_hint(err, "There is %s.%s: say -t %s.%s.", rows_text(elsewhere, 0, 1),
                       rows_text(elsewhere, 0, 2), rows_text(elsewhere, 0, 1),
                       rows_text(elsewhere, 0, 2));
    struct vz_error ignored;
    VZ_CLEANUP(rows_free_at) struct rows *rows = NULL;
    if (!catalog_query(db, arena, &sql_table_names, NULL, 0, &rows, &ignored))
        return false;
    size_t n = rows_count(rows);
    if (n == 0)
        return vz_hint(err, "The database %s holds no table: is it the one that is meant?",
                       db_name(db));
    const char **names = arena_new(arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++)
        names[i] = rows_text(rows, i, 0);
    const char *nearest = option_nearest(names, n, typed);
    if (nearest)
        return vz_hint(err, "Do you mean \"%s\"?", nearest);
    return vz_hint(
        err,
        "Is %s the database that is meant? It has \"%s\", for one. A table outside of the "
        "search path takes its schema: -t SCHEMA.TABLE.",
        db_name(db), names[0]);
}

static bool check_kind(const struct table *t, char kind, struct vz_error *err)
{
    static const struct {
        char kind;
        const char *what, *hint;
    } refused[] = {
        { 'v', "a view", "Name the table behind it: vectors are stored in tables." },
        { 'm', "a materialized view", "Name the table behind it: vectors are stored in tables." },
        { 'f', "a foreign table", "Connect to the server that holds it." },
        { 'S', "a sequence", "Name a table." },
    };
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        if (refused[i].kind != kind)
            continue;
        vz_fail(err, VZ_DB, "\"%s\" is %s, not a table", t->text, refused[i].what);
        return vz_hint(err, "%s", refused[i].hint);
    }
    return true;
}

/* The row to take: in the search path (or the schema asked for), the folded name before the
 * exact one, as the server reads an unquoted name. rows_count when there is none. */
static size_t choose(const struct rows *rows, const struct ident_path *path)
{
    const struct ident *name = &path->part[path->n - 1];
    const char *wanted[] = { name->name, name->exact };
    for (size_t w = 0; w < ARRAY_LEN(wanted); w++)
        for (size_t i = 0; i < rows_count(rows); i++)
            if (!strcmp(rows_text(rows, i, 2), wanted[w]) &&
                (path->n > 1 || !rows_is_null(rows, i, 5)))
                return i;
    return rows_count(rows);
}

bool table_find(struct db *db, struct arena *arena, const char *text, struct table *ret,
                struct vz_error *err)
{
    struct ident_path path;
    if (!ident_parse(arena, text, &path, err))
        return false;
    if (path.n == 3 && !check_database(db, arena, &path.part[0], err))
        return false;
    const struct ident *name = &path.part[path.n - 1];
    const struct ident *schema = path.n > 1 ? &path.part[path.n - 2] : NULL;
    const char *params[] = { name->name, name->exact, schema ? schema->name : NULL,
                             schema ? schema->exact : NULL };
    VZ_CLEANUP(rows_free_at) struct rows *rows = NULL;
    if (!catalog_query(db, arena, &sql_table_by_name, params, 4, &rows, err))
        return false;
    size_t row = choose(rows, &path);
    if (row == rows_count(rows))
        return fail_missing(db, arena, &path, rows, err);

    const char *kind = rows_text(rows, row, 3);
    *ret = (struct table){
        .oid = (uint32_t)rows_int(rows, row, 0),
        .schema = catalog_text(arena, rows, row, 1),
        .name = catalog_text(arena, rows, row, 2),
        .rows_estimate = rows_is_null(rows, row, 4) ? -1 : rows_int(rows, row, 4),
        .partitioned = *kind == 'p',
    };
    ret->sql = ident_quote_pair(arena, ret->schema, ret->name);
    ret->ref = ident_quote(arena, ret->name);
    ret->text = arena_printf(arena, "%s.%s", ret->schema, ret->name);
    return check_kind(ret, *kind, err);
}

bool columns_read(struct db *db, struct arena *arena, const struct table *table,
                  struct columns *ret, struct vz_error *err)
{
    const char *oid = arena_printf(arena, "%u", table->oid);
    VZ_CLEANUP(rows_free_at) struct rows *rows = NULL;
    if (!catalog_query(db, arena, &sql_columns, &oid, 1, &rows, err))
        return false;
    ret->n = rows_count(rows);
    ret->v = arena_new(arena, struct column, ret->n);
    for (size_t i = 0; i < ret->n; i++) {
        const char *category = rows_text(rows, i, 4);
        ret->v[i] = (struct column){
            .attnum = (int)rows_int(rows, i, 0),
            .name = catalog_text(arena, rows, i, 1),
            .type = catalog_text(arena, rows, i, 2),
            .base = catalog_text(arena, rows, i, 3),
            .category = category ? *category : 'U',
            .typmod = (int)rows_int(rows, i, 5),
            .not_null = rows_bool(rows, i, 6),
            .generated = rows_bool(rows, i, 7),
            .has_array = rows_bool(rows, i, 8),
            .comment = catalog_text(arena, rows, i, 9),
        };
    }
    return true;
}

const struct column *columns_find(const struct columns *columns, const struct ident *name)
{
    const char *wanted[] = { name->name, name->exact };
    for (size_t w = 0; w < ARRAY_LEN(wanted); w++)
        for (size_t i = 0; i < columns->n; i++)
            if (!strcmp(columns->v[i].name, wanted[w]))
                return &columns->v[i];
    return NULL;
}

bool columns_fail(struct arena *arena, const struct columns *columns, const struct table *table,
                  const char *typed, struct vz_error *err)
{
    const char **names = arena_new(arena, const char *, columns->n + 1);
    for (size_t i = 0; i < columns->n; i++)
        names[i] = columns->v[i].name;
    vz_fail(err, VZ_DB, "table \"%s\" has no column \"%s\"", table->text, typed);
    const char *nearest = option_nearest(names, columns->n, typed);
    return nearest ? vz_hint(err, "Do you mean \"%s\"?", nearest) : false;
}
