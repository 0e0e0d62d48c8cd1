/* SPDX-License-Identifier: Apache-2.0
 *
 * Strings inside the program: a pointer and a length, borrowed from somebody else's memory.
 * C strings stand only at the borders (libpq, argv, file names). */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *p; /* not NUL-terminated */
    size_t len;
};

/* For printf's "%.*s". */
#define STR_ARGS(s) (int)(s).len, (s).p
#define STR_LIT(lit) ((struct str){ (lit), sizeof(lit) - 1 })

static inline struct str str_of(const char *c)
{
    return (struct str){ c, c ? strlen(c) : 0 };
}

static inline bool str_equal(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static inline bool str_is(struct str a, const char *c)
{
    return str_equal(a, str_of(c));
}

static inline bool str_starts(struct str a, const char *prefix)
{
    size_t n = strlen(prefix);
    return a.len >= n && memcmp(a.p, prefix, n) == 0;
}

static inline bool str_ends(struct str a, const char *suffix)
{
    size_t n = strlen(suffix);
    return a.len >= n && memcmp(a.p + a.len - n, suffix, n) == 0;
}

/* The decimal number that `s` starts with, '-' in front allowed; *s moves past it. 0 without one,
 * the nearest end of the range when it does not fit. */
static inline int64_t str_take_int(struct str *s)
{
    bool minus = s->len && *s->p == '-';
    if (minus)
        *s = (struct str){ s->p + 1, s->len - 1 };
    int64_t n = 0;
    bool fits = true;
    for (; s->len && *s->p >= '0' && *s->p <= '9'; s->p++, s->len--) {
        int64_t digit = minus ? '0' - *s->p : *s->p - '0';
        fits = fits && !__builtin_mul_overflow(n, 10, &n) && !__builtin_add_overflow(n, digit, &n);
    }
    return fits ? n : minus ? INT64_MIN : INT64_MAX;
}

/* What stands before and after the first `sep`; ok is false (and head the whole) without one. */
struct str_cut {
    struct str head, tail;
    bool ok;
};

static inline struct str_cut str_cut(struct str s, char sep)
{
    const char *at = s.len ? memchr(s.p, sep, s.len) : NULL;
    if (!at)
        return (struct str_cut){ .head = s };
    size_t n = (size_t)(at - s.p);
    return (struct str_cut){ { s.p, n }, { at + 1, s.len - n - 1 }, true };
}

#endif
