/* SPDX-License-Identifier: Apache-2.0
 *
 * NFC, NFD, NFKC, NFKD (UAX #15). */
#include "base/utf8.h"
#include "nn/tokenizer/marks.h"
#include "nn/tokenizer/normalize.h"
#include "nn/tokenizer/unicode.h"

static size_t ascii_prefix(struct str s)
{
    size_t n = 0;
    while (n < s.len && (unsigned char)s.p[n] < 0x80)
        n++;
    return n;
}

static void put_code(struct tokenizer_scratch *s, size_t *count, uint32_t code)
{
    if (*count == s->codes_room) {
        s->codes_room = s->codes_room ? s->codes_room * 2 : 256;
        s->codes = xrealloc(s->codes, s->codes_room, sizeof *s->codes);
    }
    s->codes[(*count)++] = code;
}

static void flush_marks(struct tokenizer_scratch *s, size_t *count)
{
    marks_sort(s);
    for (size_t i = 0; i < s->marks_count; i++)
        put_code(s, count, s->marks[i].code);
    s->marks_count = 0;
}

/* The text in canonical order, fully decomposed, as s->codes[0, result). */
static size_t decompose(struct str in, bool compatibility, struct tokenizer_scratch *s)
{
    size_t count = 0;
    for (const char *at = in.p, *end = in.p + in.len; at < end;) {
        uint32_t parts[UNICODE_DECOMPOSED_MAX];
        size_t n = unicode_decompose(utf8_next(&at), compatibility, parts);
        for (size_t i = 0; i < n; i++) {
            uint8_t combining = unicode_combining(parts[i]);
            if (combining) {
                marks_add(s, parts[i], combining);
                continue;
            }
            flush_marks(s, &count);
            put_code(s, &count, parts[i]);
        }
    }
    flush_marks(s, &count);
    return count;
}

#define FIRST_SECOND 0x300 /* nothing below composes with what stands before it */

static size_t compose(uint32_t *codes, size_t count)
{
    size_t kept = 0, starter = SIZE_MAX;
    int last = -1; // class of what stands between the starter and here; -1: nothing does
    for (size_t i = 0; i < count; i++) {
        uint32_t code = codes[i];
        int combining = unicode_combining(code);
        if (starter != SIZE_MAX && last < combining && code >= FIRST_SECOND) {
            uint32_t both = unicode_compose(codes[starter], code);
            if (both) {
                codes[starter] = both;
                continue;
            }
        }
        if (combining == 0)
            starter = kept;
        last = combining == 0 ? -1 : combining;
        codes[kept++] = code;
    }
    return kept;
}

static void apply(const struct normalizer_step *step, struct str in, struct text *out,
                  struct tokenizer_scratch *s)
{
    if (ascii_prefix(in) == in.len) {
        text_add(out, in);
        return;
    }
    size_t count = decompose(in, step->form.compatibility, s);
    if (step->form.compose)
        count = compose(s->codes, count);
    text_reserve(out, count * 4);
    for (size_t i = 0; i < count; i++)
        out->len += utf8_put(out->p + out->len, s->codes[i]);
}

static bool parse_nfc(struct normalizer_step *step, const json_t *j, struct vz_error *err)
{
    (void)j, (void)err;
    step->form.compose = true;
    return true;
}

static bool parse_nfkc(struct normalizer_step *step, const json_t *j, struct vz_error *err)
{
    step->form.compatibility = true;
    return parse_nfc(step, j, err);
}

static bool parse_nfkd(struct normalizer_step *step, const json_t *j, struct vz_error *err)
{
    (void)j, (void)err;
    step->form.compatibility = true;
    return true;
}

const struct normalizer_type normalizer_nfc = { "NFC", 3, parse_nfc, apply, NULL };
const struct normalizer_type normalizer_nfd = { "NFD", 3, NULL, apply, NULL };
const struct normalizer_type normalizer_nfkc = { "NFKC", 11, parse_nfkc, apply, NULL };
const struct normalizer_type normalizer_nfkd = { "NFKD", 11, parse_nfkd, apply, NULL };
