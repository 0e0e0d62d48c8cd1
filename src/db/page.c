/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages by key. The LIMIT of each statement follows the size of the texts seen, so that little
 * is sent that a page has no room for. */
#include "db/page.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "db/conn.h"
#include "db/dialect.h"
#include "db/retry.h"
#include "db/sql.h"
#include "queries.h"

#define PAGE_ROWS 1000
#define PAGE_BYTES (4 * MIB)
#define FIRST_ROWS 64 /* before the size of a text is known */

struct page_reader {
    struct db *db;
    const struct target *target;
    struct page_options options;
    struct arena memory;       /* statements */
    const char *first, *after; /* from the first key on; after a given key. LIMIT is a parameter */
    struct arena cursor_memory;
    const char **cursor; /* NULL: at the first key */
    double mean_bytes;   /* of a row, as seen; 0: nothing was read yet */
    bool done;
};

/* A list of one piece for each key column. */
static const char *key_list(struct arena *arena, const struct target *t,
                            void (*put)(struct buf *b, const struct target *t, size_t i))
{
    struct buf b = buf_make(LIMIT_SQL_TEXT);
    for (size_t i = 0; i < t->n_keys; i++) {
        buf_puts(&b, i ? ", " : "");
        put(&b, t, i);
    }
    const char *ret = arena_strdup(arena, buf_str(&b));
    buf_free(&b);
    return ret;
}

static void put_key(struct buf *b, const struct target *t, size_t i)
{
    buf_printf(b, "%s.%s", t->table.ref, t->keys[i].sql);
}

static void put_key_text(struct buf *b, const struct target *t, size_t i)
{
    buf_printf(b, "%s.%s::text", t->table.ref, t->keys[i].sql);
}

static void put_parameter(struct buf *b, const struct target *t, size_t i)
{
    buf_printf(b, "$%zu::%s", i + 2, t->keys[i].type);
}

static const char *build(struct page_reader *r, const char *after)
{
    const struct target *t = r->target;
    const struct dialect *d = db_dialect(r->db);
    const char *where = r->options.where;
    bool old = r->options.follower_reads && d->has_follower_reads;
    return sql_build(
        &r->memory, &sql_page, d->kind,
        SQL_PARTS({ "key_texts", key_list(&r->memory, t, put_key_text) },
                  { "keys", key_list(&r->memory, t, put_key) }, { "table", t->table.sql },
                  { "ref", t->table.ref }, { "input", t->input.sql },
                  { "input_text", t->input.text }, { "vector", t->vector.sql },
                  { "as_of", old ? "AS OF SYSTEM TIME follower_read_timestamp()" : "" },
                  { "after", after },
                  { "where", where ? arena_printf(&r->memory, "AND (\n%s\n)", where) : "" },
                  { "limit", "$1::int8" }));
}

static void build_both(struct page_reader *r)
{
    const char *keys = key_list(&r->memory, r->target, put_key);
    const char *values = key_list(&r->memory, r->target, put_parameter);
    r->first = build(r, "");
    r->after = build(r, arena_printf(&r->memory, "AND (%s) > (%s)", keys, values));
}

/* Makes the planner walk the key's index: a page is then a range of it, however large the table
 * is and whatever the statistics say. Sorting or scanning the table for each page would make a
 * run quadratic. */
static bool set_planner(struct db *db, struct vz_error *err)
{
    static const char *const off[] = { "enable_seqscan", "enable_bitmapscan", "enable_sort",
                                       "enable_incremental_sort",
                                       "enable_partitionwise_aggregate" };
    if (db_dialect(db)->kind != DIALECT_POSTGRES)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(off) - 1; i++)
        if (!db_set(db, off[i], "off", err) && err->kind != VZ_DB)
            return false; // a setting that this version does not know is none to worry about
    return db_set(db, "max_parallel_workers_per_gather", "0", err);
}

bool page_reader_new(struct db *db, const struct target *target, const struct page_options *options,
                     struct page_reader **ret, struct vz_error *err)
{
    assert(target->vector.exists);
    if (!set_planner(db, err))
        return false;
    struct page_reader *r = xcalloc(1, sizeof *r);
    *r = (struct page_reader){
        .db = db,
        .target = target,
        .options = *options,
        .memory = arena_open(32 * LIMIT_SQL_TEXT),
        .cursor_memory = arena_open(2 * LIMIT_TEXT),
    };
    if (!r->options.rows)
        r->options.rows = PAGE_ROWS;
    if (!r->options.bytes)
        r->options.bytes = PAGE_BYTES;
    build_both(r);
    *ret = r;
    return true;
}

void page_reader_free(struct page_reader *r)
{
    if (!r)
        return;
    arena_close(&r->memory);
    arena_close(&r->cursor_memory);
    xfree(r);
}

void page_rewind(struct page_reader *r)
{
    r->cursor = NULL;
    r->done = false;
}

/* How many rows to ask for: what should fill the page and a little more. */
static size_t rows_to_ask(const struct page_reader *r)
{
    size_t want = FIRST_ROWS;
    if (r->mean_bytes > 0)
        want = (size_t)((double)r->options.bytes / r->mean_bytes * 1.1) + 4;
    return want < r->options.rows ? want : r->options.rows;
}

/* One attempt to read a page. */
struct attempt {
    struct page_reader *reader;
    struct page *page;
    size_t asked, size; /* rows asked for; bytes of keys and texts so far */
    bool full, too_large;
};

static bool take_row(void *arg, const struct str *values, size_t n_values)
{
    struct attempt *a = arg;
    struct page *page = a->page;
    size_t n_keys = a->reader->target->n_keys, size = 0;
    for (size_t i = 0; i < n_values; i++)
        size += values[i].len;
    assert(n_values == n_keys + 1);
    a->full = page->n_rows && a->size + size > a->reader->options.bytes;
    a->too_large = size > LIMIT_TEXT;
    if (a->full || a->too_large)
        return false;

    struct page_row *row = &page->rows[page->n_rows++];
    const char **keys = arena_new(&page->memory, const char *, n_keys);
    for (size_t i = 0; i < n_keys; i++)
        keys[i] = arena_strdup(&page->memory, values[i]);
    row->keys = keys;
    row->text = (struct str){ arena_strdup(&page->memory, values[n_keys]), values[n_keys].len };
    hash_str(row->text, row->hash);
    a->size += size;
    page->bytes += row->text.len;
    return a->size < a->reader->options.bytes;
}

static struct page *page_new(const struct page_reader *r, size_t rows)
{
    size_t fixed = rows * (sizeof(struct page_row) + r->target->n_keys * 32 + 64);
    struct arena memory = arena_open(fixed + r->options.bytes + LIMIT_TEXT + MIB);
    struct page *page = arena_new(&memory, struct page, 1);
    page->rows = arena_new(&memory, struct page_row, rows);
    page->memory = memory;
    return page;
}

void page_free(struct page *page)
{
    if (!page)
        return;
    struct arena memory = page->memory; // it holds the page itself
    arena_close(&memory);
}

/* A table or column that was not there yet at the time that a follower read looks at. */
static bool is_too_young(const struct page_reader *r, const struct vz_error *err)
{
    return r->options.follower_reads && db_dialect(r->db)->has_follower_reads &&
           (!strcmp(err->sqlstate, "42P01") || !strcmp(err->sqlstate, "42703") ||
            !strcmp(err->sqlstate, "3D000"));
}

static bool read_page(struct db *db, void *arg, struct vz_error *err)
{
    struct attempt *a = arg;
    struct page_reader *r = a->reader;
    *a = (struct attempt){ .reader = r, .asked = rows_to_ask(r) };
    a->page = page_new(r, a->asked);
    const char *params[1 + KEY_COLUMNS_MAX] = { 0 };
    char limit[24];
    snprintf(limit, sizeof limit, "%zu", a->asked);
    params[0] = limit;
    size_t n = 1;
    for (size_t i = 0; r->cursor && i < r->target->n_keys; i++)
        params[n++] = r->cursor[i];
    bool ok = db_stream(db, r->cursor ? r->after : r->first, params, n, r->target->n_keys + 1,
                        take_row, a, err);
    if (ok && a->too_large && !a->page->n_rows) {
        ok = vz_fail(err, VZ_DB, "a text in column \"%s\" of \"%s\" is longer than %zu MiB",
                     r->target->input.name, r->target->table.text, LIMIT_TEXT / MIB);
        vz_hint(err, "Leave such rows out with --where \"octet_length(%s) < %zu\".",
                r->target->input.name, LIMIT_TEXT);
    }
    if (!ok)
        page_free(a->page);
    if (!ok && is_too_young(r, err)) {
        r->options.follower_reads = false;
        build_both(r);
        vz_fail(err, VZ_RETRY, "the table is younger than follower reads");
    }
    return ok;
}

/* A server that gives again what was asked to be left out would be read for ever. */
static bool moves_on(const struct page_reader *r, const struct page *page, struct vz_error *err)
{
    size_t same = 0;
    for (size_t i = 0; r->cursor && i < r->target->n_keys; i++)
        same += !strcmp(r->cursor[i], page->rows[0].keys[i]);
    return !same || same < r->target->n_keys ||
           vz_fail(err, VZ_DB, "the server gives the same rows of \"%s\" again and again",
                   r->target->table.text);
}

static void move_cursor(struct page_reader *r, const struct page *page)
{
    const struct page_row *last = &page->rows[page->n_rows - 1];
    arena_reset(&r->cursor_memory, MIB);
    r->cursor = arena_new(&r->cursor_memory, const char *, r->target->n_keys);
    for (size_t i = 0; i < r->target->n_keys; i++)
        r->cursor[i] = arena_strdup(&r->cursor_memory, str_of(last->keys[i]));
}

bool page_next(struct page_reader *r, struct page **ret, struct vz_error *err)
{
    *ret = NULL;
    if (r->done)
        return true;
    struct attempt a = { .reader = r };
    if (!retry_run(r->db, read_page, &a, err))
        return false;
    struct page *page = a.page;
    if (!page->n_rows) {
        r->done = true;
        page_free(page);
        return true;
    }
    if (!moves_on(r, page, err)) {
        page_free(page);
        return false;
    }
    // Fewer rows than asked for, all of them kept: there are no more.
    bool cut = a.full || a.too_large || a.size >= r->options.bytes;
    page->last = r->done = !cut && page->n_rows < a.asked;
    r->mean_bytes = (double)a.size / (double)page->n_rows + 1;
    move_cursor(r, page);
    *ret = page;
    return true;
}

const char *page_row_key(struct arena *arena, const struct target *target,
                         const struct page_row *row)
{
    if (target->n_keys == 1)
        return arena_strdup(arena, str_of(row->keys[0]));
    struct buf b = buf_make(2 * LIMIT_TEXT);
    for (size_t i = 0; i < target->n_keys; i++)
        buf_printf(&b, "%s%s", i ? ", " : "(", row->keys[i]);
    buf_putc(&b, ')');
    const char *ret = arena_strdup(arena, buf_str(&b));
    buf_free(&b);
    return ret;
}
