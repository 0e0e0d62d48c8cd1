/* SPDX-License-Identifier: Apache-2.0
 *
 * One UPDATE a batch, from arrays. They are texts, the form that both servers take, but for the
 * vectors where the server has arrays of them: CockroachDB has not. */
#include "db/write.h"

#include <assert.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/hash.h"
#include "db/array_text.h"
#include "db/conn.h"
#include "db/dialect.h"
#include "db/reply.h"
#include "db/retry.h"
#include "db/sql.h"
#include "db/vector_array.h"
#include "db/vector_text.h"
#include "queries.h"

enum { VECTORS, HASHES, ORDINALS, N_EXTRA }; /* the arrays after the key's */

struct writer {
    struct db *db;
    const struct target *target;
    struct arena memory; /* statements and scratch */
    const char *write_sql, *written_sql;
    size_t n_arrays;
    struct buf *arrays;  /* n_arrays */
    const char **values; /* n_arrays, and so the next two */
    int *lengths, *binary;
    uint32_t vector_oid; /* 0: vectors go as text */
    char *vector;        /* text of one */
};

/* $1::bigint[], $2::text[], … An array of arrays cannot be: such keys come as text. */
static const char *array_list(struct arena *arena, const struct target *t)
{
    const char *const extra[N_EXTRA] = { t->vector_oid ? arena_printf(arena, "%s[]", t->vector_type)
                                                       : "text[]",
                                         "text[]", "int4[]" };
    struct buf b = buf_make(LIMIT_SQL_TEXT);
    for (size_t i = 0; i < t->n_keys; i++)
        buf_printf(&b, "$%zu::%s, ", i + 1,
                   t->keys[i].array_type ? t->keys[i].array_type : "text[]");
    for (size_t i = 0; i < N_EXTRA; i++)
        buf_printf(&b, "$%zu::%s%s", t->n_keys + i + 1, extra[i], i + 1 < N_EXTRA ? ", " : "");
    const char *ret = arena_strdup(arena, buf_str(&b));
    buf_free(&b);
    return ret;
}

static const char *name_list(struct arena *arena, const struct target *t)
{
    struct buf b = buf_make(LIMIT_SQL_TEXT);
    for (size_t i = 0; i < t->n_keys; i++)
        buf_printf(&b, "%svz_key_%zu", i ? ", " : "", i + 1);
    const char *ret = arena_strdup(arena, buf_str(&b));
    buf_free(&b);
    return ret;
}

/* What the arrays are called beside the table. */
static const char *batch_name(const struct target *t)
{
    return strcmp(t->table.name, "vz_batch") == 0 ? "vz_rows" : "vz_batch";
}

static const char *match(struct arena *arena, const struct target *t)
{
    struct buf b = buf_make(LIMIT_SQL_TEXT);
    for (size_t i = 0; i < t->n_keys; i++) {
        const struct key_column *k = &t->keys[i];
        buf_printf(&b, "%s%s.%s = %s.vz_key_%zu", i ? " AND " : "", t->table.ref, k->sql,
                   batch_name(t), i + 1);
        if (!k->array_type)
            buf_printf(&b, "::%s", k->type);
    }
    const char *ret = arena_strdup(arena, buf_str(&b));
    buf_free(&b);
    return ret;
}

static const char *build(struct writer *w, const struct sql_query *query)
{
    struct arena *a = &w->memory;
    const struct target *t = w->target;
    const char *equals =
        t->vector_schema ? arena_printf(a, "OPERATOR(%s.=)", t->vector_schema) : "=";
    return sql_build(
        a, query, db_dialect(w->db)->kind,
        SQL_PARTS({ "table", t->table.sql }, { "ref", t->table.ref }, { "vector", t->vector.sql },
                  { "type", arena_printf(a, "%s(%lld)", t->vector_type, (long long)t->vector.dim) },
                  { "input_text", t->input.text }, { "arrays", array_list(a, t) },
                  { "names", name_list(a, t) }, { "match", match(a, t) }, { "equals", equals },
                  { "batch", batch_name(t) }));
}

/* Row by row through the key's index: the planner may not read a large table for a batch. */
static bool set_planner(struct db *db, struct vz_error *err)
{
    static const char *const off[] = { "enable_seqscan", "enable_hashjoin", "enable_mergejoin" };
    if (db_dialect(db)->kind != DIALECT_POSTGRES)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(off); i++)
        if (!db_set(db, off[i], "off", err))
            return false;
    return true;
}

bool writer_new(struct db *db, const struct target *target, struct writer **ret,
                struct vz_error *err)
{
    assert(target->vector.exists && target->vector.dim > 0);
    if (!set_planner(db, err))
        return false;
    struct writer *w = xcalloc(1, sizeof *w);
    w->db = db;
    w->target = target;
    w->memory = arena_open(32 * LIMIT_SQL_TEXT);
    w->n_arrays = target->n_keys + N_EXTRA;
    w->arrays = arena_new(&w->memory, struct buf, w->n_arrays);
    w->values = arena_new(&w->memory, const char *, w->n_arrays);
    w->lengths = arena_new(&w->memory, int, w->n_arrays);
    w->binary = arena_new(&w->memory, int, w->n_arrays);
    w->vector_oid = target->vector_oid;
    w->binary[target->n_keys + VECTORS] = w->vector_oid != 0;
    for (size_t i = 0; i < w->n_arrays; i++)
        w->arrays[i] = buf_make(2 * LIMIT_TEXT);
    w->vector = arena_new(&w->memory, char, vector_text_size((size_t)target->vector.dim));
    w->write_sql = build(w, &sql_write);
    w->written_sql = build(w, &sql_written);
    *ret = w;
    return true;
}

void writer_free(struct writer *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < w->n_arrays; i++)
        buf_free(&w->arrays[i]);
    arena_close(&w->memory);
    xfree(w);
}

static size_t size_of(const struct writer *w)
{
    size_t size = 0;
    for (size_t i = 0; i < w->n_arrays; i++)
        size += w->arrays[i].len;
    return size;
}

static bool add_vector(struct writer *w, const float *vector)
{
    struct buf *array = &w->arrays[w->target->n_keys + VECTORS];
    size_t dim = (size_t)w->target->vector.dim;
    if (w->vector_oid)
        return vector_array_add(array, vector, dim);
    vector_text(vector, dim, w->vector);
    return array_add(array, w->vector);
}

static bool add_item(struct writer *w, const struct write_item *item, size_t ordinal)
{
    size_t n_keys = w->target->n_keys;
    bool fits = true;
    for (size_t i = 0; i < n_keys; i++)
        fits = fits && array_add(&w->arrays[i], item->keys[i]);
    char number[24];
    snprintf(number, sizeof number, "%zu", ordinal);
    return fits && add_vector(w, item->vector) &&
           array_add(&w->arrays[n_keys + HASHES], item->hash) &&
           array_add(&w->arrays[n_keys + ORDINALS], number);
}

/* Turns as many items as one statement takes into its parameters; 0 when a key is too large. */
static size_t fill(struct writer *w, const struct write_item *items, size_t n)
{
    bool fits = true;
    size_t done = 0;
    for (size_t i = 0; i < w->n_arrays; i++) {
        buf_clear(&w->arrays[i]);
        fits = (w->binary[i] ? vector_array_begin(&w->arrays[i], w->vector_oid)
                             : array_begin(&w->arrays[i])) &&
               fits;
    }
    while (fits && done < n && (done == 0 || size_of(w) < WRITE_BYTES_MAX)) {
        fits = add_item(w, &items[done], done);
        done++;
    }
    for (size_t i = 0; i < w->n_arrays; i++) {
        if (w->binary[i])
            vector_array_end(&w->arrays[i], done);
        else
            fits = array_end(&w->arrays[i]) && fits;
        w->values[i] = w->arrays[i].p;
        w->lengths[i] = (int)w->arrays[i].len;
    }
    return fits ? done : 0;
}

struct batch {
    struct writer *writer;
    struct write_item *items;
    size_t n;
    int attempts;
};

static bool mark(struct batch *b, const struct sql_query *query, const char *sql,
                 struct vz_error *err)
{
    VZ_CLEANUP(rows_free_at) struct rows *rows = NULL;
    struct writer *w = b->writer;
    struct db_params params = { w->values, w->lengths, w->binary, w->n_arrays };
    if (!db_query_binary(w->db, sql, &params, &rows, err) ||
        !rows_check(rows, query->name, query->shape, err))
        return false;
    for (size_t i = 0; i < rows_count(rows); i++) {
        int64_t ordinal = rows_int(rows, i, 0);
        if (ordinal < 0 || (uint64_t)ordinal >= b->n)
            return vz_fail(err, VZ_DB, "the server gave back row %lld of a batch of %zu",
                           (long long)ordinal, b->n);
        b->items[ordinal].written = true;
    }
    return true;
}

/* May be repeated: what an earlier attempt wrote is not NULL any more and stays as it is. */
static bool write_batch(struct db *db, void *arg, struct vz_error *err)
{
    (void)db;
    struct batch *b = arg;
    b->attempts++;
    if (!mark(b, &sql_write, b->writer->write_sql, err))
        return false;
    return b->attempts == 1 || mark(b, &sql_written, b->writer->written_sql, err);
}

bool writer_write(struct writer *w, struct write_item *items, size_t n, size_t *ret_written,
                  struct vz_error *err)
{
    for (size_t i = 0; i < n; i++)
        items[i].written = false;
    for (size_t at = 0; at < n;) {
        struct batch b = { .writer = w, .items = items + at };
        b.n = fill(w, items + at, n - at);
        if (!b.n)
            return vz_fail(err, VZ_DB, "a key of \"%s\" is too large", w->target->table.text);
        if (!retry_run(w->db, write_batch, &b, err))
            return false;
        at += b.n;
    }
    size_t written = 0;
    for (size_t i = 0; i < n; i++)
        written += items[i].written;
    *ret_written = written;
    return true;
}
