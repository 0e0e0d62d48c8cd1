/* SPDX-License-Identifier: Apache-2.0
 *
 * The normalisers that look at one character at a time: Lowercase, StripAccents, Strip, Prepend. */
#include "base/utf8.h"
#include "nn/tokenizer/normalize.h"
#include "nn/tokenizer/unicode.h"

static void lowercase(const struct normalizer_step *step, struct str in, struct text *out,
                      struct tokenizer_scratch *scratch)
{
    (void)step, (void)scratch;
    for (const char *at = in.p, *end = in.p + in.len; at < end;) {
        uint32_t small[UNICODE_LOWER_MAX];
        size_t n = unicode_lower(utf8_next(&at), small);
        text_reserve(out, UNICODE_LOWER_MAX * 4);
        for (size_t i = 0; i < n; i++)
            out->len += utf8_put(out->p + out->len, small[i]);
    }
}

static void strip_accents(const struct normalizer_step *step, struct str in, struct text *out,
                          struct tokenizer_scratch *scratch)
{
    (void)step, (void)scratch;
    for (const char *at = in.p, *end = in.p + in.len; at < end;) {
        const char *from = at;
        if (!(unicode_class(utf8_next(&at)) & UNICODE_MARK))
            text_add(out, (struct str){ from, (size_t)(at - from) });
    }
}

static bool parse_strip(struct normalizer_step *step, const json_t *j, struct vz_error *err)
{
    step->strip.left = step->strip.right = true;
    bool left = true, right = true;
    if (!json_opt_bool(j, "strip_left", &left, err) ||
        !json_opt_bool(j, "strip_right", &right, err))
        return false;
    step->strip.left = left;
    step->strip.right = right;
    return true;
}

static void strip(const struct normalizer_step *step, struct str in, struct text *out,
                  struct tokenizer_scratch *scratch)
{
    (void)scratch;
    const char *first = NULL, *last = NULL; // of what is no white space
    for (const char *at = in.p, *end = in.p + in.len; at < end;) {
        const char *from = at;
        if (unicode_class(utf8_next(&at)) & UNICODE_WHITE)
            continue;
        first = first ? first : from;
        last = at;
    }
    if (!first && (step->strip.left || step->strip.right))
        return;
    const char *from = step->strip.left ? first : in.p;
    const char *to = step->strip.right ? last : in.p + in.len;
    text_add(out, (struct str){ from, (size_t)(to - from) });
}

static bool parse_prepend(struct normalizer_step *step, const json_t *j, struct vz_error *err)
{
    const char *prepend;
    if (!json_want_string(j, "prepend", &prepend, err))
        return false;
    step->replace.content_len = json_string_length(json_object_get(j, "prepend"));
    step->growth = 1 + step->replace.content_len; // a text may come in pieces of one byte
    step->replace.content = xcalloc(step->replace.content_len, 1);
    memcpy(step->replace.content, prepend, step->replace.content_len);
    return true;
}

static void prepend(const struct normalizer_step *step, struct str in, struct text *out,
                    struct tokenizer_scratch *scratch)
{
    (void)scratch;
    if (in.len > 0)
        text_add(out, (struct str){ step->replace.content, step->replace.content_len });
    text_add(out, in);
}

static void done_prepend(struct normalizer_step *step)
{
    xfree(step->replace.content);
}

const struct normalizer_type normalizer_lowercase = { "Lowercase", 2, NULL, lowercase, NULL };
const struct normalizer_type normalizer_strip_accents = { "StripAccents", 1, NULL, strip_accents,
                                                          NULL };
const struct normalizer_type normalizer_strip = { "Strip", 1, parse_strip, strip, NULL };
const struct normalizer_type normalizer_prepend = { "Prepend", 1, parse_prepend, prepend,
                                                    done_prepend };
