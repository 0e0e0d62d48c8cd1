/* SPDX-License-Identifier: Apache-2.0
 *
 * Nearest rows. On CockroachDB a filter on NULL keeps the planner from the vector index, and
 * without it rows that have no vector come first when every row is compared. So the index is
 * forced without the filter; when the server refuses (42809), every row is compared with it. */
#include "db/nearest.h"

#include <assert.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "db/catalog_impl.h"
#include "db/dialect.h"
#include "db/reply.h"
#include "db/vector_text.h"
#include "queries.h"

/* What one statement needs; built twice at most. */
struct search {
    struct arena *arena;
    const struct target *target;
    struct nearest_query query;
    const char *columns, *params[2];
    const char *shape; // of the answer
    const char *sql;
    struct rows *rows; /* out */
};

static bool put_selected(struct buf *b, struct search *s, const struct columns *columns,
                         struct vz_error *err)
{
    const struct target *t = s->target;
    if (!s->query.n_select)
        buf_printf(b, ", %s", t->input.text);
    for (size_t i = 0; i < s->query.n_select; i++) {
        struct ident name;
        if (!ident_parse_column(s->arena, s->query.select[i], &name, err))
            return false;
        const struct column *c = columns_find(columns, &name);
        if (!c)
            return columns_fail(s->arena, columns, &t->table, s->query.select[i], err);
        const char *sql = ident_quote(s->arena, c->name);
        buf_printf(b, ", %s.%s::text AS %s", t->table.ref, sql, sql);
    }
    return true;
}

static bool list_columns(struct db *db, struct search *s, struct vz_error *err)
{
    const struct target *t = s->target;
    struct columns columns = { 0 };
    if (s->query.n_select && !columns_read(db, s->arena, &t->table, &columns, err))
        return false;
    struct buf b = buf_make(LIMIT_SQL_TEXT);
    for (size_t i = 0; i < t->n_keys; i++)
        buf_printf(&b, "%s%s.%s::text AS %s", i ? ", " : "", t->table.ref, t->keys[i].sql,
                   t->keys[i].sql);
    bool ok = put_selected(&b, s, &columns, err);
    s->columns = arena_strdup(s->arena, buf_str(&b));
    buf_clear(&b);
    buf_puts(&b, "F");
    for (size_t i = 0; i < t->n_keys; i++)
        buf_puts(&b, "t");
    for (size_t i = 0; i < (s->query.n_select ? s->query.n_select : 1); i++)
        buf_puts(&b, "T");
    s->shape = arena_strdup(s->arena, buf_str(&b));
    buf_free(&b);
    return ok;
}

static const char *operator_text(struct arena *arena, const struct dialect *d,
                                 const struct target *t, enum vz_metric metric)
{
    return t->vector_schema
               ? arena_printf(arena, "OPERATOR(%s.%s)", t->vector_schema, d->operator[metric])
               : d->operator[metric];
}

/* `from` names the table, hinted or not. not_null: leave out rows without a vector here. */
static void build(struct db *db, struct search *s, const char *from, bool not_null)
{
    const struct target *t = s->target;
    const struct nearest_query *q = &s->query;
    const struct dialect *d = db_dialect(db);
    // No WHERE at all rather than one that is always true: the index wants a bare search.
    const char *filter =
        not_null ? arena_printf(s->arena, "WHERE %s.%s IS NOT NULL", t->table.ref, t->vector.sql)
                 : "";
    if (q->exact) // else zero vectors could fill the limit; a scan can leave them out
        filter = arena_printf(s->arena, "%s AND (%s.%s %s $1::%s(%lld)) <> 'NaN'", filter,
                              t->table.ref, t->vector.sql, operator_text(s->arena, d, t, q->metric),
                              t->vector_type, (long long)t->vector.dim);
    if (q->where)
        filter =
            arena_printf(s->arena, "%s %s (\n%s\n)", filter, *filter ? "AND" : "WHERE", q->where);
    const char *as_of = q->follower_reads && d->has_follower_reads
                            ? "AS OF SYSTEM TIME follower_read_timestamp()"
                            : "";
    s->sql = sql_build(s->arena, &sql_nearest, d->kind,
                       SQL_PARTS({ "vector",
                                   arena_printf(s->arena, "%s.%s", t->table.ref, t->vector.sql) },
                                 { "operator", operator_text(s->arena, d, t, q->metric) },
                                 { "type", arena_printf(s->arena, "%s(%lld)", t->vector_type,
                                                        (long long)t->vector.dim) },
                                 { "columns", s->columns }, { "table", from }, { "as_of", as_of },
                                 { "where", filter }, { "exact", q->exact ? "+ 0" : "" }));
}

static bool run(struct db *db, struct search *s, struct vz_error *err)
{
    if (!catalog_run(db, &sql_nearest, s->sql, s->params, 2, &s->rows, err))
        return false;
    if (rows_check(s->rows, sql_nearest.name, s->shape, err))
        return true;
    rows_free(s->rows);
    s->rows = NULL;
    return false;
}

/* Candidates that the index keeps: what was asked for, or by the limit; in the server's range. */
static bool set_beam(struct db *db, const char *name, const struct nearest_query *q, size_t least,
                     struct vz_error *err)
{
    const struct dialect *d = db_dialect(db);
    char value[24];
    size_t want = q->beam ? q->beam : least < d->min_beam ? d->min_beam : least;
    snprintf(value, sizeof value, "%zu", want > d->max_beam ? d->max_beam : want);
    return db_set(db, name, value, err) || err->kind == VZ_DB; // a setting it may not know
}

/* Session settings for an index search; their absence (an old pgvector) is no error. */
static bool tune_postgres(struct db *db, const struct nearest_query *q, struct vz_error *err)
{
    if (!set_beam(db, "hnsw.ef_search", q, 2 * q->limit, err))
        return false;
    if (!db_set(db, "hnsw.iterative_scan", "strict_order", err) && err->kind != VZ_DB)
        return false;
    return true;
}

/* Asks the planner whether it takes the index: comparing all rows of a small table is quicker. */
static bool uses_index(struct db *db, const struct search *s, const struct vector_index *index,
                       const char **ret, struct vz_error *err)
{
    VZ_CLEANUP(rows_free_at) struct rows *rows = NULL;
    const char *sql = arena_printf(s->arena, "EXPLAIN %s", s->sql);
    if (!catalog_run(db, NULL, sql, s->params, 2, &rows, err) ||
        !rows_check(rows, "explain", "t", err))
        return false;
    for (size_t i = 0; i < rows_count(rows); i++)
        if (strstr(rows_text(rows, i, 0), index->name))
            *ret = index->name;
    return true;
}

static bool search_postgres(struct db *db, struct search *s, const struct vector_index *index,
                            struct nearest_info *info, struct vz_error *err)
{
    bool exact = s->query.exact || !index;
    if (!exact && !tune_postgres(db, &s->query, err))
        return false;
    build(db, s, s->target->table.sql, true);
    if (!exact && !uses_index(db, s, index, &info->index, err))
        return false;
    return run(db, s, err);
}

static bool is_refused(const struct vz_error *err)
{
    return !strcmp(err->sqlstate, "42809") || !strcmp(err->sqlstate, "42704") ||
           !strcmp(err->sqlstate, "42P01") || !strcmp(err->sqlstate, "XXUUU");
}

static bool search_cockroach(struct db *db, struct search *s, const struct vector_index *index,
                             struct nearest_info *info, struct vz_error *err)
{
    const char *table = s->target->table.sql;
    if (index && !s->query.exact) {
        if (!set_beam(db, "vector_search_beam_size", &s->query, s->query.limit, err))
            return false;
        build(db, s,
              arena_printf(s->arena, "%s@{FORCE_INDEX=%s}", table,
                           ident_quote(s->arena, index->name)),
              index->partial);
        info->index = index->name;
        if (run(db, s, err))
            return true;
        if (!is_refused(err))
            return false;
        info->note = arena_printf(s->arena,
                                  "The server cannot use index \"%s\" for this search "
                                  "(%s): every row was compared.",
                                  index->name, s->query.where ? "because of --where" : "now");
    }
    info->index = NULL;
    build(db, s, table, true);
    return run(db, s, err);
}

/* The distance to a zero vector is NaN by cosine; one server sorts that first, the other last. */
static void drop_nan(struct rows *rows)
{
    size_t n = rows_count(rows), from = 0;
    while (from < n && str_is(rows_str(rows, from, 0), "NaN"))
        from++;
    while (n > from && str_is(rows_str(rows, n - 1, 0), "NaN"))
        n--;
    rows_trim(rows, from, n - from);
}

static const char *why_exact(const struct nearest_query *q, const struct vector_index *index)
{
    if (q->exact || index)
        return "";
    return "There is no vector index for this metric: every row was compared.";
}

static bool search(struct db *db, struct search *s, const struct vector_index *index,
                   struct nearest_info *info, struct vz_error *err)
{
    if (db_dialect(db)->kind == DIALECT_POSTGRES)
        return search_postgres(db, s, index, info, err);
    if (search_cockroach(db, s, index, info, err))
        return true;
    // In the past that was to be read, there is no such column or table yet.
    if (!s->query.follower_reads ||
        (strcmp(err->sqlstate, "42703") != 0 && strcmp(err->sqlstate, "42P01") != 0))
        return false;
    s->query.follower_reads = false;
    if (!search_cockroach(db, s, index, info, err))
        return false;
    info->note = arena_printf(s->arena,
                              "%s%sThe column is younger than what followers have: the "
                              "present was read.",
                              info->note, *info->note ? " " : "");
    return true;
}

bool nearest_rows(struct db *db, struct arena *arena, const struct target *target,
                  const struct nearest_query *query, struct rows **ret, struct nearest_info *info,
                  struct vz_error *err)
{
    assert(target->vector.exists);
    size_t dim = (size_t)target->vector.dim;
    char *vector = arena_new(arena, char, vector_text_size(dim));
    vector_text(query->vector, dim, vector);
    if (query->follower_reads && !db_dialect(db)->has_follower_reads)
        return vz_fail(err, VZ_USAGE, "%s has no follower reads: CockroachDB has",
                       db_dialect(db)->name);
    struct search s = {
        .arena = arena,
        .target = target,
        .query = *query,
        .params = { vector, arena_printf(arena, "%zu", query->limit) },
    };
    if (!list_columns(db, &s, err))
        return false;
    const struct vector_index *index = catalog_index_for(target, query->metric);
    *info = (struct nearest_info){ .note = why_exact(query, index) };
    if (!search(db, &s, index, info, err))
        return false;
    drop_nan(s.rows);
    *ret = s.rows;
    return true;
}
