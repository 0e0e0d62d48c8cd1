/* SPDX-License-Identifier: Apache-2.0
 *
 * Replace: every occurrence of a string or of a regular expression (PCRE2, in UTF mode) becomes a
 * fixed text. The reference uses Oniguruma: the two agree on what tokenizer files contain, not on
 * every exotic construct. A match that PCRE2 gives up (its limits on backtracking) ends the
 * replacing: the rest of the text stays as it was. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "nn/tokenizer/replace.h"

#include <pcre2.h>

#include "nn/tokenizer/normalize.h"

static bool parse_string(struct normalizer_step *step, const json_t *pattern, struct vz_error *err)
{
    step->replace.pattern_len = json_string_length(pattern);
    if (step->replace.pattern_len == 0)
        return vz_fail(err, VZ_FORMAT, "the pattern is empty");
    step->replace.pattern = xcalloc(step->replace.pattern_len, 1);
    memcpy(step->replace.pattern, json_string_value(pattern), step->replace.pattern_len);
    return true;
}

static bool parse_regex(struct normalizer_step *step, const json_t *pattern, struct vz_error *err)
{
    int code;
    PCRE2_SIZE at;
    pcre2_code *regex =
        pcre2_compile((PCRE2_SPTR)json_string_value(pattern), json_string_length(pattern),
                      PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &code, &at, NULL);
    if (!regex) {
        char why[128];
        pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof why);
        return vz_fail(err, VZ_FORMAT, "the regular expression is not valid at %zu: %s", at, why);
    }
    step->replace.regex = regex;
    return true;
}

static void done(struct normalizer_step *step)
{
    xfree(step->replace.pattern);
    xfree(step->replace.content);
    pcre2_code_free(step->replace.regex);
}

static bool parse_pattern(struct normalizer_step *step, const json_t *j, struct vz_error *err)
{
    json_t *pattern;
    if (!json_want_object(j, "pattern", &pattern, err))
        return false;
    const json_t *string = json_object_get(pattern, "String");
    const json_t *regex = json_object_get(pattern, "Regex");
    if (json_is_string(string))
        return parse_string(step, string, err);
    if (json_is_string(regex))
        return parse_regex(step, regex, err);
    return vz_fail(err, VZ_FORMAT, "the pattern is neither \"String\" nor \"Regex\"");
}

static bool parse(struct normalizer_step *step, const json_t *j, struct vz_error *err)
{
    const char *content;
    memset(&step->replace, 0, sizeof step->replace);
    if (!json_want_string(j, "content", &content, err) || !parse_pattern(step, j, err))
        return false;
    step->replace.content_len = json_string_length(json_object_get(j, "content"));
    step->replace.content = xcalloc(step->replace.content_len, 1);
    memcpy(step->replace.content, content, step->replace.content_len);
    // An expression may match between any two bytes.
    size_t matched = step->replace.regex ? 0 : step->replace.pattern_len;
    step->growth =
        matched ? 1 + step->replace.content_len / matched : 1 + step->replace.content_len;
    return true;
}

static void replace_string(const struct normalizer_step *step, struct str in, struct text *out)
{
    struct str content = { step->replace.content, step->replace.content_len };
    const char *at = in.p, *end = in.p + in.len;
    for (const char *hit; at < end; at = hit + step->replace.pattern_len) {
        hit = memmem(at, (size_t)(end - at), step->replace.pattern, step->replace.pattern_len);
        if (!hit)
            break;
        text_add(out, (struct str){ at, (size_t)(hit - at) });
        text_add(out, content);
    }
    text_add(out, (struct str){ at, (size_t)(end - at) });
}

static pcre2_match_data *match_data(struct tokenizer_scratch *scratch)
{
    if (!scratch->match)
        scratch->match = pcre2_match_data_create(1, NULL);
    if (!scratch->match)
        oom("pcre2_match_data_create");
    return scratch->match;
}

static size_t char_len(struct str in, size_t at)
{
    size_t n = 1;
    while (at + n < in.len && ((unsigned char)in.p[at + n] & 0xC0) == 0x80)
        n++;
    return n;
}

static void replace_regex(const struct normalizer_step *step, struct str in, struct text *out,
                          pcre2_match_data *match)
{
    struct str content = { step->replace.content, step->replace.content_len };
    size_t from = 0; // what stands before it is in `out` already
    bool matched = false;
    for (size_t at = 0; at <= in.len;) {
        int n = pcre2_match(step->replace.regex, (PCRE2_SPTR)in.p, in.len, at, PCRE2_NO_UTF_CHECK,
                            match, NULL);
        const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(match);
        if (n < 0 || ends[0] > ends[1] || ends[0] < from)
            break;
        bool empty = ends[0] == ends[1];
        // An empty match right after the one before is none; as the reference has it.
        if (!empty || !matched || ends[0] != from) {
            text_add(out, (struct str){ in.p + from, ends[0] - from });
            text_add(out, content);
            from = ends[1];
            matched = true;
        }
        at = empty ? ends[1] + (ends[1] < in.len ? char_len(in, ends[1]) : 1) : ends[1];
    }
    text_add(out, (struct str){ in.p + from, in.len - from });
}

static void apply(const struct normalizer_step *step, struct str in, struct text *out,
                  struct tokenizer_scratch *scratch)
{
    if (step->replace.regex)
        replace_regex(step, in, out, match_data(scratch));
    else
        replace_string(step, in, out);
}

void replace_scratch_done(struct tokenizer_scratch *scratch)
{
    pcre2_match_data_free(scratch->match);
    scratch->match = NULL;
}

const struct normalizer_type normalizer_replace = { "Replace", 1, parse, apply, done };
