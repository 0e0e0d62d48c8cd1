/* SPDX-License-Identifier: Apache-2.0
 *
 * UTF-8 as RFC 3629 has it: no surrogates, nothing over U+10FFFF, shortest forms only. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Bytes of the longest valid prefix; equal to s.len when all of it is valid. */
size_t utf8_valid_prefix(struct str s);

static inline bool utf8_is_valid(struct str s)
{
    return utf8_valid_prefix(s) == s.len;
}

/* Decodes one code point of valid text at *at and moves *at past it. */
static inline uint32_t utf8_next(const char **at)
{
    const unsigned char *p = (const unsigned char *)*at;
    if (p[0] < 0x80) {
        *at += 1;
        return p[0];
    }
    if (p[0] < 0xE0) {
        *at += 2;
        return (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3Fu);
    }
    if (p[0] < 0xF0) {
        *at += 3;
        return (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3Fu);
    }
    *at += 4;
    return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 |
           (uint32_t)(p[2] & 0x3F) << 6 | (p[3] & 0x3Fu);
}

/* Writes one code point (1 to 4 bytes) and returns how many. */
size_t utf8_put(char *to, uint32_t code);

/* White_Space of Unicode 15, and U+200B and U+FEFF, which look like it: a text of nothing else
 * is blank and gets no vector. UTF8_BLANKS is the same set for SQL's btrim. */
bool utf8_is_blank(struct str s);
#define UTF8_BLANKS                                                                                \
    "\t\n\v\f\r "                                                                                  \
    "\xc2\x85\xc2\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"           \
    "\u200a\u2028\u2029\u202f\u205f\u3000\u200b\ufeff"

#endif
