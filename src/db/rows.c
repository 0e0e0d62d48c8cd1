/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows that a statement gave. */
#include "db/conn_impl.h"

#include <assert.h>

#include "base/arena.h"

struct rows {
    PGresult *result;
    size_t first, count; // what rows_trim left
};

struct rows *rows_new(PGresult *result)
{
    struct rows *r = xcalloc(1, sizeof *r);
    *r = (struct rows){ .result = result, .count = (size_t)PQntuples(result) };
    return r;
}

size_t rows_count(const struct rows *r)
{
    return r->count;
}

size_t rows_columns(const struct rows *r)
{
    return (size_t)PQnfields(r->result);
}

size_t rows_bytes(const struct rows *r)
{
    return PQresultMemorySize(r->result);
}

const char *rows_name(const struct rows *r, size_t column)
{
    return PQfname(r->result, (int)column);
}

bool rows_is_null(const struct rows *r, size_t row, size_t column)
{
    return PQgetisnull(r->result, (int)(r->first + row), (int)column);
}

const char *rows_text(const struct rows *r, size_t row, size_t column)
{
    return rows_is_null(r, row, column) ? NULL
                                        : PQgetvalue(r->result, (int)(r->first + row), (int)column);
}

struct str rows_str(const struct rows *r, size_t row, size_t column)
{
    const char *p = rows_text(r, row, column);
    return (struct str){ p, p ? (size_t)PQgetlength(r->result, (int)(r->first + row), (int)column)
                              : 0 };
}

int64_t rows_int(const struct rows *r, size_t row, size_t column)
{
    struct str s = rows_str(r, row, column);
    return str_take_int(&s);
}

bool rows_bool(const struct rows *r, size_t row, size_t column)
{
    const char *p = rows_text(r, row, column);
    return p && *p == 't';
}

void rows_trim(struct rows *r, size_t first, size_t count)
{
    assert(first + count <= r->count);
    r->first += first;
    r->count = count;
}

void rows_free(struct rows *r)
{
    if (r)
        PQclear(r->result);
    xfree(r);
}

void rows_free_at(struct rows **r)
{
    rows_free(*r);
}
