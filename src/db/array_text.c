/* SPDX-License-Identifier: Apache-2.0
 *
 * Array constants. */
#include "db/array_text.h"

#include <string.h>

bool array_begin(struct buf *b)
{
    return buf_putc(b, '{');
}

bool array_add(struct buf *b, const char *element)
{
    size_t len = element ? strlen(element) : 4;
    if (!buf_reserve(b, 2 * len + 3)) // every character escaped, two quotes, a comma
        return false;
    char *to = b->p + b->len;
    if (b->len > 1)
        *to++ = ',';
    if (!element) {
        memcpy(to, "NULL", 4);
        to += 4;
    } else {
        *to++ = '"';
        for (; *element; element++) {
            if (*element == '"' || *element == '\\')
                *to++ = '\\';
            *to++ = *element;
        }
        *to++ = '"';
    }
    *to = '\0';
    b->len = (size_t)(to - b->p);
    return true;
}

bool array_end(struct buf *b)
{
    return buf_putc(b, '}');
}
