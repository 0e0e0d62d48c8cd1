/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing vectors back. One batch is one UPDATE that takes a row only if its vector is still
 * NULL and its text still has the hash that was read: a vector can never meet another text.
 *
 *     struct writer *w = NULL;
 *     if (!writer_new(db, &target, &w, err)) …
 *     struct write_item items[n] = { { row->keys, row->hash, vector }, … };
 *     if (!writer_write(w, items, n, &written, err)) …   // items[i].written says which
 *
 * Passing faults are repeated inside: a batch may be written twice without harm, because the
 * second time finds no NULL; rows written by an attempt whose answer was lost are counted as
 * written by reading them back. One writer a connection, one connection a thread. */
#ifndef DB_WRITE_H
#define DB_WRITE_H

#include "base/limits.h"
#include "db/catalog.h"

struct db;
struct writer;

#define WRITE_BYTES_MAX (4 * MIB) /* parameters of one statement; larger batches are split */

struct write_item {
    const char *const *keys; /* as page_row has them */
    const char *hash;        /* of the text that was encoded */
    const float *vector;     /* target->vector.dim components, finite */
    bool written;            /* out. false: the row was changed, filled or deleted meanwhile */
};

/* Both borrowed until free; the connection gets planner settings of its own. target->vector must
 * exist with a width. */
bool writer_new(struct db *db, const struct target *target, struct writer **ret,
                struct vz_error *err) VZ_MUST_CHECK;
void writer_free(struct writer *w); /* NULL is allowed */

/* Keys of one call are distinct. On failure nothing is known about .written; VZ_DB may be the
 * fault of a single row: the caller bisects. */
bool writer_write(struct writer *w, struct write_item *items, size_t n, size_t *ret_written,
                  struct vz_error *err) VZ_MUST_CHECK;

#endif
