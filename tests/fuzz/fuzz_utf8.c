/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as UTF-8, held against the definition: a sequence is valid when it is what its own
 * code point is written as, and that is no surrogate and not past U+10FFFF. */
#include "fuzz.h"

#include <string.h>

#include "base/utf8.h"

/* Length of the valid sequence at the start of `s`, or 0, found by writing every candidate. */
static size_t valid_length(struct str s, uint32_t *ret_code)
{
    static const unsigned char keep[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
    for (size_t n = 1; n <= 4 && n <= s.len; n++) {
        uint32_t code = (unsigned char)s.p[0] & keep[n];
        for (size_t i = 1; i < n; i++)
            code = code << 6 | ((unsigned char)s.p[i] & 0x3F);
        char written[4];
        bool fits = code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
        if (fits && utf8_put(written, code) == n && memcmp(written, s.p, n) == 0) {
            *ret_code = code;
            return n;
        }
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str s = { (const char *)data, size };
    size_t prefix = utf8_valid_prefix(s), at = 0, n;
    fuzz_check(prefix <= size);
    fuzz_check(utf8_is_valid(s) == (prefix == size));
    for (uint32_t code = 0; at < size; at += n) {
        n = valid_length((struct str){ s.p + at, size - at }, &code);
        if (n == 0)
            break;
        const char *next = s.p + at;
        fuzz_check(at + n > prefix || (utf8_next(&next) == code && next == s.p + at + n));
    }
    fuzz_check(at == prefix);
    if (prefix > 0 && s.p[0] > ' ')
        fuzz_check(!utf8_is_blank((struct str){ s.p, prefix }));
    else
        utf8_is_blank((struct str){ s.p, prefix });
    return 0;
}
