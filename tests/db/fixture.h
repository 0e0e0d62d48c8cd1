/* SPDX-License-Identifier: Apache-2.0
 *
 * What the C tests over src/db/ share: a connection to the database of VECTORIZE_URL (made by
 * run-c.sh), short calls that must succeed, and an arena. */
#ifndef TESTS_DB_FIXTURE_H
#define TESTS_DB_FIXTURE_H

#include <stdlib.h>

#include "base/limits.h"
#include "db/catalog.h"
#include "db/conn.h"
#include "db/ddl.h"
#include "db/page.h"
#include "db/write.h"
#include "tests/lib/test.h"

#define DIM 3

static struct db *db;
static struct arena arena;

static inline struct db *open_db(void)
{
    struct vz_error err = { 0 };
    struct db *ret = NULL;
    struct db_settings settings = { .url = getenv("VECTORIZE_URL") };
    assert_ok(db_open(&settings, &ret, &err), &err);
    return ret;
}

static inline int open_fixture(void **state)
{
    (void)state;
    arena = arena_open(LIMIT_JOB_ARENA);
    db = open_db();
    return 0;
}

static inline int close_fixture(void **state)
{
    (void)state;
    db_close(db);
    arena_close(&arena);
    return 0;
}

static inline void run_sql(const char *sql)
{
    struct vz_error err = { 0 };
    if (!db_exec(db, sql, &err)) {
        print_error("%s\n%s\n", sql, err.message);
        fail();
    }
}

/* The first value of the first row, in the arena. */
static inline const char *value_of(const char *sql)
{
    struct vz_error err = { 0 };
    struct rows *rows = NULL;
    assert_ok(db_query(db, sql, NULL, 0, &rows, &err), &err);
    assert_true(rows_count(rows) > 0);
    const char *ret = rows_is_null(rows, 0, 0) ? NULL : arena_strdup(&arena, rows_str(rows, 0, 0));
    rows_free(rows);
    return ret;
}

static inline void resolve(const char *table, const char *input, struct target *ret)
{
    struct vz_error err = { 0 };
    struct target_names names = { .table = table, .input = input };
    assert_ok(catalog_resolve(db, &arena, &names, ret, &err), &err);
}

/* The same with its vector column of DIM components made. */
static inline void resolve_ready(const char *table, const char *input, struct target *ret)
{
    struct vz_error err = { 0 };
    resolve(table, input, ret);
    assert_ok(ddl_add_column(db, &arena, ret, DIM, &err), &err);
}

/* A vector that only this text has: so a test can tell whose a vector is. */
static inline void vector_for(struct str text, float *ret)
{
    unsigned h = 17;
    for (size_t i = 0; i < text.len; i++)
        h = h * 31 + (unsigned char)text.p[i];
    for (size_t i = 0; i < DIM; i++)
        ret[i] = (float)(h % (1000 + i)) / 7 + 0.1f;
}

/* Reads every page and writes every row back; returns how many rows were written. */
static inline size_t fill_table(const struct target *target, const struct page_options *options)
{
    struct vz_error err = { 0 };
    struct db *reading = open_db(), *writing = open_db();
    struct page_reader *reader = NULL;
    struct writer *writer = NULL;
    assert_ok(page_reader_new(reading, target, options, &reader, &err), &err);
    assert_ok(writer_new(writing, target, &writer, &err), &err);
    struct page *page = NULL;
    size_t total = 0;
    for (;;) {
        assert_ok(page_next(reader, &page, &err), &err);
        if (!page)
            break;
        struct write_item *items = calloc(page->n_rows, sizeof *items);
        float(*rows)[DIM] = calloc(page->n_rows, sizeof *rows);
        for (size_t i = 0; i < page->n_rows; i++) {
            vector_for(page->rows[i].text, rows[i]);
            items[i] =
                (struct write_item){ page->rows[i].keys, page->rows[i].hash, rows[i], false };
        }
        size_t written = 0;
        assert_ok(writer_write(writer, items, page->n_rows, &written, &err), &err);
        total += written;
        free(items);
        free(rows);
        page_free(page);
    }
    page_reader_free(reader);
    writer_free(writer);
    db_close(reading);
    db_close(writing);
    return total;
}

#endif
