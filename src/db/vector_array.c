/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything is big-endian: number of dimensions, whether there are NULLs, type of the elements,
 * their number, index of the first; then each with its length before it. A vector is its
 * dimension and an unused field in 16 bits each, then floats. */
#include "db/vector_array.h"

#include <endian.h>
#include <string.h>

#define COUNT_AT 12 /* where the number of elements stands */

static char *put16(char *to, uint16_t v)
{
    v = htobe16(v);
    memcpy(to, &v, sizeof v);
    return to + sizeof v;
}

static char *put32(char *to, uint32_t v)
{
    v = htobe32(v);
    memcpy(to, &v, sizeof v);
    return to + sizeof v;
}

bool vector_array_begin(struct buf *b, uint32_t type)
{
    char head[20], *at = head;
    const uint32_t fields[] = { 1, 0, type, 0, 1 };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        at = put32(at, fields[i]);
    buf_clear(b);
    return buf_add(b, head, sizeof head);
}

bool vector_array_add(struct buf *b, const float *vector, size_t dim)
{
    size_t size = 4 + 4 * dim;
    if (!buf_reserve(b, 4 + size))
        return false;
    char *at = put32(b->p + b->len, (uint32_t)size);
    at = put16(at, (uint16_t)dim);
    at = put16(at, 0);
    for (size_t i = 0; i < dim; i++) {
        uint32_t bits;
        memcpy(&bits, &vector[i], sizeof bits);
        at = put32(at, bits);
    }
    *at = '\0';
    b->len += 4 + size;
    return true;
}

void vector_array_end(struct buf *b, size_t n)
{
    put32(b->p + COUNT_AT, (uint32_t)n);
}
