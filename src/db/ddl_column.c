/* SPDX-License-Identifier: Apache-2.0
 *
 * The vector type, the vector column and its stamp. */
#include "db/catalog_impl.h"
#include "db/ddl.h"
#include "db/ddl_impl.h"
#include "db/dialect.h"
#include "queries.h"

static bool has_vector_type(struct db *db, struct arena *arena, bool *ret, struct vz_error *err)
{
    VZ_CLEANUP(rows_free_at) struct rows *rows = NULL;
    if (!catalog_query(db, arena, &sql_vector_type, NULL, 0, &rows, err))
        return false;
    *ret = rows_count(rows) > 0;
    return true;
}

bool ddl_ensure_vector_type(struct db *db, struct arena *arena, struct vz_error *err)
{
    bool has = db_dialect(db)->has_vector_type;
    if (!has && !has_vector_type(db, arena, &has, err))
        return false;
    if (has || db_exec(db, "CREATE EXTENSION IF NOT EXISTS vector", err))
        return true;
    if (err->kind != VZ_DB)
        return false;
    if (!strcmp(err->sqlstate, "42501")) {
        vz_context(err, "the database has no vector type");
        return vz_hint(err, "Ask an administrator to run in this database: "
                            "CREATE EXTENSION vector;");
    }
    if (!strcmp(err->sqlstate, "0A000") || !strcmp(err->sqlstate, "58P01")) {
        vz_fail(err, VZ_DB, "the server does not have pgvector installed");
        return vz_hint(err, "Install it on the server (Debian: postgresql-NN-pgvector), then run "
                            "in this database: CREATE EXTENSION vector;");
    }
    return vz_context(err, "could not create the extension \"vector\"");
}

bool ddl_fail(const struct target *target, struct vz_error *err)
{
    if (!strcmp(err->sqlstate, "57000") && strstr(err->message, "is locked"))
        vz_hint(err,
                "The table's schema is locked. Run: ALTER TABLE %s SET (schema_locked = "
                "false); then this command again, then set it back to true.",
                target->table.sql);
    return vz_context(err, "table \"%s\"", target->table.text);
}

static bool check_width(const struct target *target, int64_t dim, struct vz_error *err)
{
    const struct vector_column *v = &target->vector;
    if (v->dim == dim)
        return true;
    if (!v->dim) {
        vz_fail(err, VZ_DB, "vector column \"%s\" of \"%s\" has no fixed width", v->name,
                target->table.text);
        return vz_hint(err, "ALTER TABLE %s ALTER COLUMN %s TYPE %s(%lld);", target->table.sql,
                       v->sql, target->vector_type, (long long)dim);
    }
    vz_fail(err, VZ_DB,
            "vector column \"%s\" of \"%s\" holds %lld components, the model makes %lld", v->name,
            target->table.text, (long long)v->dim, (long long)dim);
    return vz_hint(err, "Name another vector column with -o (it is added if it is not there), or "
                        "use the model that fits.");
}

bool ddl_add_column(struct db *db, struct arena *arena, struct target *target, int64_t dim,
                    struct vz_error *err)
{
    if (!target->vector.exists) {
        const char *sql = arena_printf(arena, "ALTER TABLE %s ADD COLUMN IF NOT EXISTS %s %s(%lld)",
                                       target->table.sql, target->vector.sql, target->vector_type,
                                       (long long)dim);
        if (!db_exec(db, sql, err))
            return err->kind == VZ_RETRY || err->kind == VZ_CANCELLED ? false
                                                                      : ddl_fail(target, err);
        if (!catalog_refresh_vector(db, arena, target, err))
            return false;
        if (!target->vector.exists)
            return vz_fail(err, VZ_RETRY, "column \"%s\" of \"%s\" is not there yet",
                           target->vector.name, target->table.text);
    }
    return check_width(target, dim, err);
}

bool ddl_stamp(struct db *db, struct arena *arena, struct target *target, const struct stamp *stamp,
               struct vz_error *err)
{
    const char *comment = stamp_merge(arena, target->vector.comment, stamp);
    if (target->vector.comment && !strcmp(comment, target->vector.comment))
        return true;
    const char *sql = arena_printf(arena, "COMMENT ON COLUMN %s.%s IS %s", target->table.sql,
                                   target->vector.sql, ident_literal(arena, comment));
    if (!db_exec(db, sql, err))
        return err->kind == VZ_RETRY || err->kind == VZ_CANCELLED ? false : ddl_fail(target, err);
    return catalog_refresh_vector(db, arena, target, err);
}
