/* SPDX-License-Identifier: Apache-2.0
 *
 * The vector indexes of a column, and what each is good for. PostgreSQL says so in its
 * catalogue; CockroachDB only in the text of the definition. */
#include <stdlib.h>
#include <strings.h>

#include "db/catalog_impl.h"
#include "db/dialect.h"
#include "queries.h"

static bool metric_of_class(const struct dialect *d, struct str name, enum vz_metric *ret)
{
    for (size_t m = 0; m < ARRAY_LEN(d->operator_class); m++) {
        if (str_is(name, d->operator_class[m])) {
            *ret = (enum vz_metric)m;
            return true;
        }
    }
    return false;
}

/* What a partial index covers: whether that is all rows with a vector. */
static bool is_not_null(struct arena *arena, const char *predicate, const char *column)
{
    const char *forms[] = { arena_printf(arena, "(%s IS NOT NULL)", column),
                            arena_printf(arena, "(%s IS NOT NULL)", ident_quote(arena, column)),
                            arena_printf(arena, "%s IS NOT NULL", column),
                            arena_printf(arena, "%s IS NOT NULL", ident_quote(arena, column)) };
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        if (!strcmp(predicate, forms[i]))
            return true;
    return false;
}

static void read_postgres(struct arena *arena, const struct dialect *d, const struct rows *rows,
                          size_t row, const char *column, struct vector_index *x)
{
    const char *predicate = rows_text(rows, row, 7);
    x->partial = predicate != NULL;
    x->partial_not_null = predicate && is_not_null(arena, predicate, column);
    bool expression = rows_bool(rows, row, 9);
    x->expression = expression ? x->definition : NULL;
    x->usable = !expression && rows_int(rows, row, 8) == 1 &&
                metric_of_class(d, rows_str(rows, row, 6), &x->metric) &&
                (!x->partial || x->partial_not_null);
}

static struct str trim(struct str s)
{
    for (; s.len && *s.p == ' '; s.p++)
        s.len--;
    while (s.len && s.p[s.len - 1] == ' ')
        s.len--;
    return s;
}

/* `… USING cspann (prefix, "col" vector_cosine_ops) [WITH (…)] [WHERE …]`: the last element of
 * the list is the vector column. True when it is `column`. */
static bool read_cockroach(struct arena *arena, const struct dialect *d, const char *column,
                           struct vector_index *x)
{
    const char *open = strstr(x->definition, "USING cspann (");
    if (!open)
        return false;
    open += strlen("USING cspann (");
    size_t len = 0, start = 0, n = 1;
    bool quoted = false;
    for (; open[len] && (quoted || open[len] != ')'); len++) {
        if (open[len] == '"') {
            quoted = !quoted;
        } else if (open[len] == ',' && !quoted) {
            start = len + 1;
            n++;
        }
    }
    struct str last = trim((struct str){ open + start, len - start });
    const char *names[] = { ident_quote(arena, column), column };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        size_t name_len = strlen(names[i]);
        if (!str_starts(last, names[i]) || (last.len > name_len && last.p[name_len] != ' '))
            continue;
        struct str class = trim((struct str){ last.p + name_len, last.len - name_len });
        x->metric = VZ_L2; // without an operator class
        bool known = !class.len || metric_of_class(d, class, &x->metric);
        const char *where = strstr(open + len, " WHERE ");
        x->partial = where != NULL;
        x->partial_not_null = where && is_not_null(arena, where + strlen(" WHERE "), column);
        x->usable = known && n == 1 && (!x->partial || x->partial_not_null);
        return true;
    }
    return false;
}

bool vector_indexes_read(struct db *db, struct arena *arena, int attnum, struct target *target,
                         struct vz_error *err)
{
    const struct dialect *d = db_dialect(db);
    bool cockroach = d->kind == DIALECT_COCKROACH;
    const char *params[2] = { target->table.schema, target->table.name };
    if (!cockroach) {
        params[0] = arena_printf(arena, "%u", target->table.oid);
        params[1] = arena_printf(arena, "%d", attnum);
    }
    VZ_CLEANUP(rows_free_at) struct rows *rows = NULL;
    if (!catalog_query(db, arena, &sql_vector_indexes, params, 2, &rows, err))
        return false;
    struct vector_column *v = &target->vector;
    v->indexes = arena_new(arena, struct vector_index, rows_count(rows));
    v->n_indexes = 0;
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct vector_index x = {
            .name = catalog_text(arena, rows, i, 1),
            .definition = catalog_text(arena, rows, i, 2),
            .valid = rows_bool(rows, i, 3),
            .building = rows_bool(rows, i, 4),
        };
        x.sql = cockroach
                    ? arena_printf(arena, "%s@%s", target->table.sql, ident_quote(arena, x.name))
                    : ident_quote_pair(arena, rows_text(rows, i, 0), x.name);
        if (!cockroach)
            read_postgres(arena, d, rows, i, v->name, &x);
        else if (!read_cockroach(arena, d, v->name, &x))
            continue; // another column's
        v->indexes[v->n_indexes++] = x;
    }
    return true;
}

const struct vector_index *catalog_index_for(const struct target *target, enum vz_metric metric)
{
    for (size_t i = 0; i < target->vector.n_indexes; i++) {
        const struct vector_index *x = &target->vector.indexes[i];
        if (x->valid && x->usable && x->metric == metric)
            return x;
    }
    return NULL;
}
