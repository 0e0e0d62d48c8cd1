/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows: keys in one allocation with the row, text and vector one each, because a row has only
 * one of the two for most of its life. */
#include "job/row.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"

struct job_row *row_new(const char *const *keys, size_t n_keys, struct str text, const char *hash)
{
    size_t head = sizeof(struct job_row) + n_keys * sizeof(char *);
    size_t size = head;
    for (size_t i = 0; i < n_keys; i++)
        size += strlen(keys[i]) + 1;

    struct job_row *row = xcalloc(1, size);
    char *at = (char *)row + head;
    row->n_keys = n_keys;
    for (size_t i = 0; i < n_keys; i++) {
        size_t len = strlen(keys[i]) + 1;
        memcpy(at, keys[i], len);
        row->keys[i] = at;
        at += len;
    }
    snprintf(row->hash, sizeof row->hash, "%s", hash);

    char *copy = xcalloc(text.len + 1, 1);
    if (text.len)
        memcpy(copy, text.p, text.len);
    row->text = (struct str){ copy, text.len };
    row->size = size + text.len + 1;
    return row;
}

static void drop_text(struct job_row *row)
{
    if (!row->text.p)
        return;
    row->size -= row->text.len + 1;
    xfree((void *)(uintptr_t)row->text.p);
    row->text = (struct str){ 0 };
}

void row_free(struct job_row *row)
{
    if (!row)
        return;
    drop_text(row);
    xfree(row->vector);
    xfree(row);
}

void row_free_list(struct job_row *row)
{
    while (row) {
        struct job_row *next = row->next;
        row_free(row);
        row = next;
    }
}

void row_set_vector(struct job_row *row, const float *vector, size_t dim)
{
    drop_text(row);
    row->vector = xcalloc(dim, sizeof(float));
    row->size += dim * sizeof(float);
    memcpy(row->vector, vector, dim * sizeof(float));
}

const char *row_key_text(const struct job_row *row, char *to, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < row->n_keys && used < size; i++) {
        int n = snprintf(to + used, size - used, "%s%s",
                         i                 ? ", "
                         : row->n_keys > 1 ? "("
                                           : "",
                         row->keys[i]);
        used += n > 0 ? (size_t)n : 0;
    }
    if (row->n_keys > 1 && used < size)
        snprintf(to + used, size - used, ")");
    return to;
}
