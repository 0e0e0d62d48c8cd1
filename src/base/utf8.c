/* SPDX-License-Identifier: Apache-2.0
 *
 * Validation (RFC 3629, section 4) and blank texts. */
#include "base/utf8.h"

/* Length of the valid sequence at p, or 0. */
static size_t sequence(const unsigned char *p, size_t left)
{
    if (p[0] < 0x80)
        return 1;
    // The second byte's range depends on the first: it keeps out overlong forms and surrogates.
    unsigned char low = 0x80, high = 0xBF;
    size_t n;
    if (p[0] >= 0xC2 && p[0] <= 0xDF)
        n = 2;
    else if (p[0] >= 0xE0 && p[0] <= 0xEF)
        n = 3;
    else if (p[0] >= 0xF0 && p[0] <= 0xF4)
        n = 4;
    else
        return 0;
    if (p[0] == 0xE0)
        low = 0xA0;
    else if (p[0] == 0xED)
        high = 0x9F;
    else if (p[0] == 0xF0)
        low = 0x90;
    else if (p[0] == 0xF4)
        high = 0x8F;
    if (n > left || p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return n;
}

size_t utf8_valid_prefix(struct str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    size_t at = 0;
    while (at < s.len) {
        uint64_t word;
        if (s.len - at >= sizeof word) { // eight bytes of ASCII at a time
            memcpy(&word, p + at, sizeof word);
            if (!(word & 0x8080808080808080u)) {
                at += sizeof word;
                continue;
            }
        }
        size_t n = sequence(p + at, s.len - at);
        if (n == 0)
            break;
        at += n;
    }
    return at;
}

size_t utf8_put(char *to, uint32_t code)
{
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        to[0] = (char)(0xC0 | code >> 6);
        to[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        to[0] = (char)(0xE0 | code >> 12);
        to[1] = (char)(0x80 | (code >> 6 & 0x3F));
        to[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    to[0] = (char)(0xF0 | code >> 18);
    to[1] = (char)(0x80 | (code >> 12 & 0x3F));
    to[2] = (char)(0x80 | (code >> 6 & 0x3F));
    to[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

bool utf8_is_blank(struct str s)
{
    const char *end = s.p + s.len;
    for (const char *at = s.p; at < end;) {
        char c[5] = { 0 };
        const char *from = at;
        if (*at == '\0' || ((unsigned char)*at > ' ' && (unsigned char)*at < 0x80))
            return false; // the usual first byte; NUL is no blank, and would end the search below
        utf8_next(&at);
        memcpy(c, from, (size_t)(at - from));
        if (!strstr(UTF8_BLANKS, c))
            return false;
    }
    return true;
}
