/* SPDX-License-Identifier: Apache-2.0
 *
 * BertNormalizer in one pass. Its four parts (clean, spaces around ideographs, NFD without
 * non-spacing marks, lower case) are defined one after the other over the whole text; each looks
 * at single characters only, but for the canonical order within NFD, which is kept by holding
 * back combining marks until the next starter. */
#include "base/utf8.h"
#include "nn/tokenizer/marks.h"
#include "nn/tokenizer/normalize.h"
#include "nn/tokenizer/unicode.h"

#define DROPPED 0xFF

static uint8_t ascii_becomes(const struct normalizer_step *step, uint8_t c)
{
    uint32_t class = unicode_class(c);
    if (step->bert.clean && (class & UNICODE_DROP))
        return DROPPED;
    if (step->bert.clean && (class & UNICODE_WHITE))
        return ' ';
    return step->bert.lower && c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
}

static bool parse(struct normalizer_step *step, const json_t *j, struct vz_error *err)
{
    bool clean = true, cjk = true, lower = true;
    if (!json_opt_bool(j, "clean_text", &clean, err) ||
        !json_opt_bool(j, "handle_chinese_chars", &cjk, err) ||
        !json_opt_bool(j, "lowercase", &lower, err))
        return false;
    bool strip = lower; // what null stands for
    if (!json_opt_bool(j, "strip_accents", &strip, err))
        return false;
    step->bert.clean = clean;
    step->bert.cjk = cjk;
    step->bert.strip = strip;
    step->bert.lower = lower;
    step->bert.care = (clean ? UNICODE_DROP | UNICODE_WHITE : 0) | (cjk ? UNICODE_CJK : 0) |
                      (lower ? UNICODE_UPPER : 0);
    if (strip)
        step->bert.care |= UNICODE_NONSPACING | UNICODE_DECOMPOSES | UNICODE_REORDERS;
    for (uint8_t c = 0; c < 128; c++)
        step->bert.ascii[c] = ascii_becomes(step, c);
    return true;
}

static void put_lower(const struct normalizer_step *step, uint32_t code, struct text *out)
{
    uint32_t small[UNICODE_LOWER_MAX] = { code };
    size_t n = step->bert.lower ? unicode_lower(code, small) : 1;
    text_reserve(out, UNICODE_LOWER_MAX * 4);
    for (size_t i = 0; i < n; i++)
        out->len += utf8_put(out->p + out->len, small[i]);
}

static void flush_marks(const struct normalizer_step *step, struct text *out,
                        struct tokenizer_scratch *s)
{
    if (s->marks_count == 0)
        return;
    marks_sort(s);
    for (size_t i = 0; i < s->marks_count; i++)
        put_lower(step, s->marks[i].code, out);
    s->marks_count = 0;
}

/* One character of a decomposition. A mark that is dropped need not wait for its place. */
static void put_stripped(const struct normalizer_step *step, uint32_t code, struct text *out,
                         struct tokenizer_scratch *s)
{
    uint32_t class = unicode_class(code);
    if (!(class & UNICODE_REORDERS))
        flush_marks(step, out, s);
    if (class & UNICODE_NONSPACING)
        return;
    if (class & UNICODE_REORDERS)
        marks_add(s, code, unicode_combining(code));
    else
        put_lower(step, code, out);
}

static void put_space(const struct normalizer_step *step, struct text *out,
                      struct tokenizer_scratch *s)
{
    flush_marks(step, out, s);
    text_reserve(out, 1);
    out->p[out->len++] = ' ';
}

static void put_char(const struct normalizer_step *step, uint32_t code, uint32_t class,
                     struct text *out, struct tokenizer_scratch *s)
{
    if (step->bert.clean && (class & (UNICODE_DROP | UNICODE_WHITE))) {
        if (!(class & UNICODE_DROP))
            put_space(step, out, s);
        return;
    }
    bool spaced = step->bert.cjk && (class & UNICODE_CJK);
    if (spaced)
        put_space(step, out, s);
    if (step->bert.strip) {
        uint32_t parts[UNICODE_DECOMPOSED_MAX];
        size_t n = unicode_decompose(code, false, parts);
        for (size_t i = 0; i < n; i++)
            put_stripped(step, parts[i], out, s);
    } else {
        put_lower(step, code, out);
    }
    if (spaced)
        put_space(step, out, s);
}

static const char *put_ascii(const uint8_t *becomes, const char *at, const char *end,
                             struct text *out)
{
    text_reserve(out, (size_t)(end - at));
    char *to = out->p + out->len;
    for (; at < end && (unsigned char)*at < 0x80; at++) {
        uint8_t c = becomes[(unsigned char)*at];
        *to = (char)c;
        to += c != DROPPED;
    }
    out->len = (size_t)(to - out->p);
    return at;
}

static void apply(const struct normalizer_step *step, struct str in, struct text *out,
                  struct tokenizer_scratch *s)
{
    const char *end = in.p + in.len;
    for (const char *at = in.p; at < end;) {
        if ((unsigned char)*at < 0x80) {
            // A dropped character does not end a run of marks, and comes the slow way then.
            if (s->marks_count == 0) {
                at = put_ascii(step->bert.ascii, at, end, out);
                continue;
            }
        }
        const char *from = at;
        uint32_t code = utf8_next(&at), class = unicode_class(code);
        if (class & step->bert.care) {
            put_char(step, code, class, out, s);
            continue;
        }
        flush_marks(step, out, s);
        text_add(out, (struct str){ from, (size_t)(at - from) });
    }
    flush_marks(step, out, s);
}

const struct normalizer_type normalizer_bert = {
    .name = "BertNormalizer",
    .growth = 3,
    .parse = parse,
    .apply = apply,
};
