/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers, held against what was asked for. */
#include "db/reply.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

static bool is_whole(struct str s)
{
    if (s.len && *s.p == '-')
        s = (struct str){ s.p + 1, s.len - 1 };
    if (!s.len || s.len > 19) // what an int64 has
        return false;
    for (; s.len; s.p++, s.len--)
        if (*s.p < '0' || *s.p > '9')
            return false;
    return true;
}

static bool is_number(struct str s)
{
    char *end = NULL;
    strtod(s.p, &end); // a value ends with a NUL
    return s.len && end == s.p + s.len;
}

static bool fits(struct str value, char kind)
{
    switch (kind) {
    case 'i':
        return is_whole(value);
    case 'f':
        return is_number(value);
    case 'b':
        return str_is(value, "t") || str_is(value, "f");
    default:
        return strlen(value.p) == value.len;
    }
}

static const char *kind_name(char kind)
{
    return kind == 'i' ? "whole number" : kind == 'f' ? "number" : kind == 'b' ? "boolean" : "text";
}

bool rows_check(const struct rows *rows, const char *query, const char *shape, struct vz_error *err)
{
    size_t n = strlen(shape);
    if (rows_bytes(rows) > LIMIT_REPLY)
        return vz_fail(err, VZ_DB, "the server's answer to \"%s\" is larger than %zu MiB", query,
                       LIMIT_REPLY / MIB);
    if (rows_columns(rows) != n)
        return vz_fail(err, VZ_DB, "the server's answer to \"%s\" has %zu columns, not %zu", query,
                       rows_columns(rows), n);
    for (size_t i = 0; i < rows_count(rows); i++) {
        for (size_t c = 0; c < n; c++) {
            bool nullable = shape[c] >= 'A' && shape[c] <= 'Z';
            char kind = nullable ? (char)(shape[c] - 'A' + 'a') : shape[c];
            bool null = rows_is_null(rows, i, c);
            if (null ? !nullable : !fits(rows_str(rows, i, c), kind))
                return vz_fail(err, VZ_DB,
                               "the server's answer to \"%s\" makes no sense: column %zu of row "
                               "%zu is %s%s",
                               query, c + 1, i + 1, null ? "NULL" : "no ",
                               null ? "" : kind_name(kind));
        }
    }
    return true;
}

bool db_ask(struct db *db, const struct sql_query *query, const char *sql,
            const char *const *params, size_t n_params, struct rows **ret, struct vz_error *err)
{
    struct rows *rows = NULL;
    if (!db_query(db, sql, params, n_params, &rows, err))
        return false;
    if (query && query->shape && !rows_check(rows, query->name, query->shape, err)) {
        rows_free(rows);
        return false;
    }
    *ret = rows;
    return true;
}
