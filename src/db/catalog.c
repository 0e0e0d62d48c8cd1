/* SPDX-License-Identifier: Apache-2.0
 *
 * A table with its key, its input column and its vector column; everything that cannot work is
 * refused here. */
#include "db/catalog.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "db/catalog_impl.h"
#include "db/dialect.h"
#include "queries.h"

static bool is_text(const struct column *c)
{
    static const char *const others[] = { "json", "jsonb", "xml", "citext", "name" };
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (!strcmp(c->base, others[i]))
            return true;
    return c->category == 'S';
}

static bool find_input(struct arena *arena, const struct columns *columns, const char *typed,
                       struct target *ret, struct vz_error *err)
{
    struct ident name;
    if (!ident_parse_column(arena, typed, &name, err))
        return false;
    const struct column *c = columns_find(columns, &name);
    if (!c)
        return columns_fail(arena, columns, &ret->table, typed, err);
    if (!is_text(c)) {
        vz_fail(err, VZ_DB, "column \"%s\" of \"%s\" has type %s, which is no text", c->name,
                ret->table.text, c->type);
        return vz_hint(err,
                       "Accepted are text, varchar, char, citext, json, jsonb, xml and domains "
                       "over them. A generated column can turn others into text.");
    }
    const char *sql = ident_quote(arena, c->name);
    ret->input = (struct input_column){
        .name = c->name,
        .sql = sql,
        .type = c->type,
        .text = arena_printf(arena, "%s.%s::text", ret->table.ref, sql),
        .generated = c->generated,
    };
    return true;
}

static bool check_vector(const struct table *table, const struct column *c, struct vz_error *err)
{
    if (strcmp(c->base, "vector") != 0) {
        vz_fail(err, VZ_DB, "column \"%s\" of \"%s\" has type %s, not vector", c->name, table->text,
                c->type);
        return vz_hint(err, "Name another vector column with -o; it is added if it is not there.");
    }
    if (c->generated)
        return vz_fail(err, VZ_DB,
                       "vector column \"%s\" of \"%s\" is generated: nothing can be "
                       "written to it",
                       c->name, table->text);
    if (c->not_null) {
        vz_fail(err, VZ_DB,
                "vector column \"%s\" of \"%s\" is NOT NULL: rows that have no vector "
                "yet cannot be told from others",
                c->name, table->text);
        return vz_hint(err, "ALTER TABLE %s ALTER COLUMN … DROP NOT NULL;", table->sql);
    }
    return true;
}

static void set_vector(struct arena *arena, const struct column *c, struct target *ret)
{
    ret->vector = (struct vector_column){
        .name = c->name,
        .sql = ident_quote(arena, c->name),
        .exists = true,
        .dim = c->typmod > 0 ? c->typmod : 0,
        .comment = c->comment,
    };
    ret->vector.has_stamp = stamp_find(arena, c->comment, &ret->vector.stamp);
}

/* Takes the vector column `typed`, there or not. */
static bool find_vector(struct db *db, struct arena *arena, const struct columns *columns,
                        const char *typed, struct target *ret, struct vz_error *err)
{
    struct ident name;
    if (!ident_parse_column(arena, typed, &name, err))
        return false;
    const struct column *c = columns_find(columns, &name);
    if (c) {
        if (!check_vector(&ret->table, c, err))
            return false;
        set_vector(arena, c, ret);
        return vector_indexes_read(db, arena, c->attnum, ret, err);
    }
    if (strlen(name.name) > IDENT_MAX)
        return vz_fail(err, VZ_USAGE, "the name \"%s\" is longer than %d bytes", name.name,
                       IDENT_MAX);
    ret->vector = (struct vector_column){ .name = name.name, .sql = ident_quote(arena, name.name) };
    return true;
}

/* The only column of the table with a stamp. */
static bool only_stamped(struct arena *arena, const struct columns *columns,
                         const struct table *table, const char **ret, struct vz_error *err)
{
    struct stamp stamp;
    const char *found = NULL;
    for (size_t i = 0; i < columns->n; i++) {
        if (strcmp(columns->v[i].base, "vector") != 0 ||
            !stamp_find(arena, columns->v[i].comment, &stamp))
            continue;
        if (found) {
            vz_fail(err, VZ_USAGE, "table \"%s\" has more than one vector column: \"%s\", \"%s\"",
                    table->text, found, columns->v[i].name);
            return vz_hint(err, "Say which with -o, or the input column with -i.");
        }
        found = columns->v[i].name;
    }
    if (!found) {
        vz_fail(err, VZ_DB, "table \"%s\" has no vector column that was filled by this program",
                table->text);
        return vz_hint(err, "Run: vectorize embed -t %s -i COLUMN", table->text);
    }
    *ret = found;
    return true;
}

/* As a name that ident_parse_column reads back as it is. */
static const char *as_typed(struct arena *arena, const char *name)
{
    return ident_quote(arena, name);
}

static bool find_both(struct db *db, struct arena *arena, const struct columns *columns,
                      const struct target_names *names, struct target *ret, struct vz_error *err)
{
    const char *input = names->input, *vector = names->vector;
    if (input) {
        if (!find_input(arena, columns, input, ret, err))
            return false;
        if (!vector)
            vector = as_typed(arena, ident_join(arena, ret->input.name, "_vector"));
        return find_vector(db, arena, columns, vector, ret, err);
    }
    if (!vector) {
        if (!only_stamped(arena, columns, &ret->table, &vector, err))
            return false;
        vector = as_typed(arena, vector);
    }
    if (!find_vector(db, arena, columns, vector, ret, err))
        return false;
    if (!ret->vector.exists)
        return columns_fail(arena, columns, &ret->table, vector, err);
    if (!ret->vector.has_stamp || !*ret->vector.stamp.input) {
        vz_fail(err, VZ_USAGE, "nothing says which text column \"%s\" of \"%s\" belongs to",
                ret->vector.name, ret->table.text);
        return vz_hint(err, "Name it with -i.");
    }
    return find_input(arena, columns, as_typed(arena, ret->vector.stamp.input), ret, err);
}

/* Where the type and its operators are. Without the extension there is no vector column yet, and
 * ddl_ensure_vector_type comes before everything that needs the type. */
static bool find_type(struct db *db, struct arena *arena, struct target *ret, struct vz_error *err)
{
    ret->vector_type = "vector";
    ret->vector_schema = NULL;
    ret->vector_oid = 0;
    if (db_dialect(db)->has_vector_type)
        return true;
    VZ_CLEANUP(rows_free_at) struct rows *rows = NULL;
    if (!catalog_query(db, arena, &sql_vector_type, NULL, 0, &rows, err))
        return false;
    ret->vector_oid = rows_count(rows) ? (uint32_t)rows_int(rows, 0, 3) : 0;
    if (rows_count(rows) && !rows_bool(rows, 0, 1)) {
        ret->vector_schema = catalog_text(arena, rows, 0, 0);
        ret->vector_type = arena_printf(arena, "%s.vector", ret->vector_schema);
    }
    return true;
}

bool catalog_resolve(struct db *db, struct arena *arena, const struct target_names *names,
                     struct target *ret, struct vz_error *err)
{
    *ret = (struct target){ 0 };
    struct columns columns;
    return table_find(db, arena, names->table, &ret->table, err) &&
           columns_read(db, arena, &ret->table, &columns, err) &&
           key_find(db, arena, &columns, ret, err) && find_type(db, arena, ret, err) &&
           find_both(db, arena, &columns, names, ret, err);
}

bool catalog_refresh_vector(struct db *db, struct arena *arena, struct target *target,
                            struct vz_error *err)
{
    struct columns columns;
    return columns_read(db, arena, &target->table, &columns, err) &&
           find_type(db, arena, target, err) &&
           find_vector(db, arena, &columns, as_typed(arena, target->vector.name), target, err);
}

bool catalog_count(struct db *db, const struct target *target, const char *where,
                   struct counts *ret, struct vz_error *err)
{
    struct arena arena = arena_open(16 * LIMIT_SQL_TEXT);
    const char *sql =
        sql_build(&arena, &sql_count, db_dialect(db)->kind,
                  SQL_PARTS({ "table", target->table.sql }, { "input_text", target->input.text },
                            { "vector", target->vector.exists ? target->vector.sql : "NULL" },
                            { "where", where ? arena_printf(&arena, "(\n%s\n)", where) : "true" }));
    const char *blanks = UTF8_BLANKS;
    struct rows *rows = NULL;
    bool ok = catalog_run(db, &sql_count, sql, &blanks, 1, &rows, err);
    if (ok && rows_count(rows) != 1)
        ok = vz_fail(err, VZ_DB, "the server counted the rows of \"%s\" %zu times",
                     target->table.text, rows_count(rows));
    if (ok) {
        int64_t *fields[] = { &ret->rows,      &ret->embedded,   &ret->missing,
                              &ret->null_text, &ret->blank_text, &ret->stale_blank };
        for (size_t i = 0; i < ARRAY_LEN(fields); i++)
            *fields[i] = rows_int(rows, 0, i);
    }
    rows_free(rows);
    arena_close(&arena);
    return ok;
}
