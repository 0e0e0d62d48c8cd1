/* SPDX-License-Identifier: Apache-2.0
 *
 * Vectors as the servers write them: [0.25,-1,3.5e-05]. Printing gives the shortest digits that
 * read back as the same float; reading takes what either server prints. Independent of locale.
 *
 *     char *text = arena_alloc(a, 1, 1, vector_text_size(dim));
 *     size_t len = vector_text(row, dim, text);
 */
#ifndef DB_VECTOR_TEXT_H
#define DB_VECTOR_TEXT_H

#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

#define FLOAT_TEXT_MAX 16 /* "-1.17549435e-38" is 15 bytes */

/* Bytes that are enough for `dim` components, brackets and NUL. */
static inline size_t vector_text_size(size_t dim)
{
    return 3 + dim * (FLOAT_TEXT_MAX + 1);
}

/* One finite float, not NUL-terminated; returns its length, at most FLOAT_TEXT_MAX. */
size_t float_text(float value, char *to);

/* Finite components only. NUL-terminated; returns the length without the NUL. */
size_t vector_text(const float *row, size_t dim, char *to);

/* Reads a vector of exactly `dim` components into ret [dim]. VZ_FORMAT otherwise. */
bool vector_parse(struct str text, size_t dim, float *ret, struct vz_error *err) VZ_MUST_CHECK;

#endif
