/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of pre-tokeniser types. All of them look at the class of one character at a time. */
#include "nn/tokenizer/split.h"

#include "base/utf8.h"
#include "nn/tokenizer/unicode.h"

#define SEQUENCE_DEPTH 8

static struct str between(const char *from, const char *to)
{
    return (struct str){ from, (size_t)(to - from) };
}

/* Words between white space, punctuation for itself. */
static void split_bert(const struct splitter *s, struct str piece, const struct split_run *run)
{
    (void)s;
    const char *word = piece.p, *end = piece.p + piece.len;
    for (const char *at = piece.p; at < end;) {
        const char *from = at;
        uint32_t class = unicode_class(utf8_next(&at));
        if (!(class & (UNICODE_WHITE | UNICODE_PUNCT)))
            continue;
        split_piece(run, between(word, from));
        if (!(class & UNICODE_WHITE))
            split_piece(run, between(from, at));
        word = at;
    }
    split_piece(run, between(word, end));
}

/* Runs of \w and runs of neither \w nor white space. */
static void split_whitespace(const struct splitter *s, struct str piece,
                             const struct split_run *run)
{
    (void)s;
    const char *word = piece.p, *end = piece.p + piece.len;
    uint32_t last = UNICODE_WHITE;
    for (const char *at = piece.p; at < end;) {
        const char *from = at;
        uint32_t class = unicode_class(utf8_next(&at)) & (UNICODE_WHITE | UNICODE_WORD);
        if (class == last)
            continue;
        if (last != UNICODE_WHITE)
            split_piece(run, between(word, from));
        word = from;
        last = class;
    }
    if (last != UNICODE_WHITE)
        split_piece(run, between(word, end));
}

/* Whether the delimiter that starts here begins a piece of its own, and whether what follows a
 * delimiter does. */
struct cut {
    bool before, after;
};

static struct cut cut_at(enum split_behaviour behaviour, bool after_delimiter)
{
    switch (behaviour) {
    case SPLIT_MERGED_PREVIOUS:
        return (struct cut){ .before = after_delimiter, .after = true };
    case SPLIT_MERGED_NEXT:
        return (struct cut){ .before = true, .after = false };
    case SPLIT_CONTIGUOUS:
        return (struct cut){ .before = !after_delimiter, .after = false };
    case SPLIT_REMOVED:
    case SPLIT_ISOLATED:
        break;
    }
    return (struct cut){ true, true };
}

static void split_delimited(const struct splitter *s, struct str piece, const struct split_run *run)
{
    const char *word = piece.p, *end = piece.p + piece.len;
    bool after_delimiter = false;
    for (const char *at = piece.p; at < end;) {
        const char *from = at;
        bool delimiter = unicode_class(utf8_next(&at)) & s->type->delimiter;
        struct cut cut = cut_at(s->behaviour, after_delimiter);
        if (!delimiter) {
            if (after_delimiter && s->behaviour == SPLIT_CONTIGUOUS) {
                split_piece(run, between(word, from));
                word = from;
            }
            after_delimiter = false;
            continue;
        }
        if (cut.before) {
            split_piece(run, between(word, from));
            word = from;
        }
        if (cut.after) {
            if (s->behaviour != SPLIT_REMOVED)
                split_piece(run, between(word, at));
            word = at;
        }
        after_delimiter = true;
    }
    split_piece(run, between(word, end));
}

static bool parse_removed(struct splitter *s, const json_t *j, struct vz_error *err)
{
    (void)j, (void)err;
    s->behaviour = SPLIT_REMOVED;
    return true;
}

static bool parse_punctuation(struct splitter *s, const json_t *j, struct vz_error *err)
{
    static const char *const names[] = {
        [SPLIT_REMOVED] = "Removed",
        [SPLIT_ISOLATED] = "Isolated",
        [SPLIT_MERGED_PREVIOUS] = "MergedWithPrevious",
        [SPLIT_MERGED_NEXT] = "MergedWithNext",
        [SPLIT_CONTIGUOUS] = "Contiguous",
    };
    const char *name = "Isolated";
    if (!json_opt_string(j, "behavior", &name, err))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strcmp(names[i], name) == 0) {
            s->behaviour = (enum split_behaviour)i;
            return true;
        }
    }
    return vz_fail(err, VZ_FORMAT, "behavior \"%s\" is not supported", name);
}

static bool parse_digits(struct splitter *s, const json_t *j, struct vz_error *err)
{
    bool individual = false;
    if (!json_opt_bool(j, "individual_digits", &individual, err))
        return false;
    s->behaviour = individual ? SPLIT_ISOLATED : SPLIT_CONTIGUOUS;
    return true;
}

static const struct splitter_type types[] = {
    { "BertPreTokenizer", NULL, split_bert, 0 },
    { "Whitespace", NULL, split_whitespace, 0 },
    { "WhitespaceSplit", parse_removed, split_delimited, UNICODE_WHITE },
    { "Punctuation", parse_punctuation, split_delimited, UNICODE_PUNCT },
    { "Digits", parse_digits, split_delimited, UNICODE_NUMERIC },
};

static bool add(struct split_chain *c, const json_t *j, int depth, struct vz_error *err);

static bool add_sequence(struct split_chain *c, const json_t *j, int depth, struct vz_error *err)
{
    json_t *list;
    if (depth == SEQUENCE_DEPTH)
        return vz_fail(err, VZ_FORMAT, "pre_tokenizer sequences are nested too deeply");
    if (!json_want_array(j, "pretokenizers", &list, err))
        return vz_context(err, "pre_tokenizer \"Sequence\"");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!add(c, json_array_get(list, i), depth + 1, err))
            return false;
    return true;
}

static bool add(struct split_chain *c, const json_t *j, int depth, struct vz_error *err)
{
    const char *name;
    if (!json_want_string(j, "type", &name, err))
        return vz_context(err, "pre_tokenizer");
    if (strcmp(name, "Sequence") == 0)
        return add_sequence(c, j, depth, err);
    if (c->count == SPLITTERS)
        return vz_fail(err, VZ_FORMAT, "more than %d pre_tokenizers", SPLITTERS);
    struct splitter *s = &c->steps[c->count];
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (strcmp(types[i].name, name) != 0)
            continue;
        s->type = &types[i];
        if (s->type->parse && !s->type->parse(s, j, err))
            return vz_context(err, "pre_tokenizer \"%s\"", name);
        c->count++;
        return true;
    }
    return vz_fail(err, VZ_FORMAT, "pre_tokenizer type \"%s\" is not supported", name);
}

bool split_parse(struct split_chain *ret, const json_t *j, struct vz_error *err)
{
    *ret = (struct split_chain){ 0 };
    return !j || json_is_null(j) || add(ret, j, 0, err);
}
