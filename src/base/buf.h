/* SPDX-License-Identifier: Apache-2.0
 *
 * A growing byte buffer with a largest size given at birth. What comes from outside can fill it
 * and no more: buf_add and friends return false past the cap and leave the content as it was.
 *
 *     struct buf b = buf_make(LIMIT_SQL_TEXT);
 *     if (!buf_printf(&b, "SELECT %s", name)) …
 *     buf_free(&b);
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/str.h"

struct buf {
    char *p; /* always NUL-terminated once something was added */
    size_t len, room, cap;
};

static inline struct buf buf_make(size_t cap)
{
    return (struct buf){ .cap = cap };
}

bool buf_reserve(struct buf *b, size_t more) VZ_MUST_CHECK; /* room for `more` bytes + NUL */
bool buf_add(struct buf *b, const void *p, size_t len);
bool buf_puts(struct buf *b, const char *c);
bool buf_putc(struct buf *b, char c);
bool buf_printf(struct buf *b, const char *fmt, ...) VZ_PRINTF(2, 3);
void buf_clear(struct buf *b); /* keeps the memory */
void buf_free(struct buf *b);

static inline struct str buf_str(const struct buf *b)
{
    return (struct str){ b->p ? b->p : "", b->len };
}

#endif
