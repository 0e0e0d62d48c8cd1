/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading what is still to do: rows with a text and no vector, in key order, in pages bounded by
 * rows and by bytes.
 *
 *     struct page_reader *r = NULL;
 *     if (!page_reader_new(db, &target, &(struct page_options){ .rows = 1024 }, &r, err)) …
 *     struct page *page = NULL;
 *     while (page_next(r, &page, err) && page) { … page_free(page); }
 *
 * Each page is one statement `key > last key ORDER BY key LIMIT n`: nothing is held open on the
 * server, a row is offered once a pass, and rows that came or changed behind the cursor are the
 * next pass's. Passing faults are repeated inside. A page owns its memory and may go to another
 * thread. */
#ifndef DB_PAGE_H
#define DB_PAGE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/str.h"
#include "db/catalog.h"

struct db;
struct page_reader;

struct page_options {
    size_t rows;         /* most rows of a page; 0: 1000 */
    size_t bytes;        /* a page ends after the row that reaches this; 0: 4 MiB */
    const char *where;   /* the user's own SQL condition, executed as it is; or NULL */
    bool follower_reads; /* CockroachDB: read slightly old data from the nearest replica; goes
                          * back to present data when the table is younger than that */
};

struct page_row {
    const char *const *keys;  /* n_keys texts, NUL-terminated */
    struct str text;          /* NUL-terminated too; not checked for UTF-8 */
    char hash[HASH_HEX_SIZE]; /* of the text as it was read: goes to write_batch with the vector */
};

struct page {
    struct arena memory; /* holds everything below */
    struct page_row *rows;
    size_t n_rows;
    size_t bytes; /* of all texts */
    bool last;    /* nothing was left after it */
};

/* `db` and `target` are borrowed until free; the connection gets the planner settings that keep
 * every page an index range, so use it for nothing else. */
bool page_reader_new(struct db *db, const struct target *target, const struct page_options *options,
                     struct page_reader **ret, struct vz_error *err) VZ_MUST_CHECK;
void page_reader_free(struct page_reader *r); /* NULL is allowed */

/* The next page, owned by the caller; *ret is NULL after the last. A page may hold rows whose
 * text is blank: the caller passes over them. */
bool page_next(struct page_reader *r, struct page **ret, struct vz_error *err) VZ_MUST_CHECK;
void page_rewind(struct page_reader *r); /* a new pass from the first key */
void page_free(struct page *page);       /* NULL is allowed */

/* The key for messages: (1, "x y"). In arena. Keys may be private: only on the user's wish. */
const char *page_row_key(struct arena *arena, const struct target *target,
                         const struct page_row *row);

#endif
