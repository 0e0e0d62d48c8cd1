/* SPDX-License-Identifier: Apache-2.0
 *
 * An array of vectors in PostgreSQL's binary form, the one of its COPY and of libpq: a tenth of
 * the server's work that the same numbers take as text, and a third of the bytes.
 *
 *     vector_array_begin(&b, type_oid);
 *     for (…) fits = vector_array_add(&b, row, dim) && fits;
 *     vector_array_end(&b, n); */
#ifndef DB_VECTOR_ARRAY_H
#define DB_VECTOR_ARRAY_H

#include <stdint.h>

#include "base/buf.h"

/* `type` is pgvector's vector type, whose number differs from database to database. */
bool vector_array_begin(struct buf *b, uint32_t type) VZ_MUST_CHECK;
/* False past the buffer's cap. */
bool vector_array_add(struct buf *b, const float *vector, size_t dim) VZ_MUST_CHECK;
/* Once `n` vectors are in. */
void vector_array_end(struct buf *b, size_t n);

#endif
