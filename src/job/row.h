/* SPDX-License-Identifier: Apache-2.0
 *
 * One row on its way from the table to its vector: key, text and, once encoded, vector travel in
 * one object, so that no stage can mix rows up. A row has one owner at a time: the stage or the
 * queue that holds it.
 *
 *     struct job_row *row = row_new(page_row->keys, n_keys, page_row->text, page_row->hash);
 *     row_set_vector(row, vector, dim);
 *     row_free(row);
 */
#ifndef JOB_ROW_H
#define JOB_ROW_H

#include <stddef.h>

#include "base/hash.h"
#include "base/str.h"

struct job_row {
    struct job_row *next; /* in a queue or a list */
    struct str text;
    char hash[HASH_HEX_SIZE]; /* of the text as it was read; guards the write */
    float *vector;            /* NULL until it is encoded */
    size_t size;              /* bytes that the row takes, for the bounds of queues */
    size_t n_keys;
    const char *keys[]; /* in key order, as the server writes them, NUL-terminated */
};

/* Copies all it is given; owned by the caller. */
struct job_row *row_new(const char *const *keys, size_t n_keys, struct str text, const char *hash);
void row_free(struct job_row *row);
void row_free_list(struct job_row *row);

/* Copies `dim` floats into the row and lets go of the text, which nobody needs any more. */
void row_set_vector(struct job_row *row, const float *vector, size_t dim);

/* The key for people: `7`, or `(eu, 7)`; cut to fit. Returns `to`. */
const char *row_key_text(const struct job_row *row, char *to, size_t size);

#endif
