/* SPDX-License-Identifier: Apache-2.0
 *
 * The capped buffer. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"

bool buf_reserve(struct buf *b, size_t more)
{
    if (more > b->cap || b->len > b->cap - more)
        return false;
    size_t need = b->len + more + 1;
    if (need <= b->room)
        return true;
    size_t room = b->room ? b->room * 2 : 64;
    if (room < need)
        room = need;
    if (room > b->cap + 1)
        room = b->cap + 1;
    b->p = xrealloc(b->p, room, 1);
    b->room = room;
    return true;
}

bool buf_add(struct buf *b, const void *p, size_t len)
{
    if (!buf_reserve(b, len))
        return false;
    if (len)
        memcpy(b->p + b->len, p, len);
    b->len += len;
    b->p[b->len] = '\0';
    return true;
}

bool buf_puts(struct buf *b, const char *c)
{
    return buf_add(b, c, strlen(c));
}

bool buf_putc(struct buf *b, char c)
{
    return buf_add(b, &c, 1);
}

bool buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    bool ok = n >= 0 && buf_reserve(b, (size_t)n);
    if (ok) {
        vsnprintf(b->p + b->len, (size_t)n + 1, fmt, again);
        b->len += (size_t)n;
    }
    va_end(again);
    return ok;
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    if (b->p)
        b->p[0] = '\0';
}

void buf_free(struct buf *b)
{
    xfree(b->p);
    *b = (struct buf){ .cap = b->cap };
}
