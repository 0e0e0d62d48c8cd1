/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading added tokens and finding them: leftmost, then longest. */
#include "nn/tokenizer/added.h"

#include "base/utf8.h"
#include "nn/tokenizer/unicode.h"

static bool parse_token(struct added_token *t, const json_t *j, struct vz_error *err)
{
    const char *content;
    t->normalized = true;
    if (!json_want_string(j, "content", &content, err) ||
        !json_opt_bool(j, "single_word", &t->single_word, err) ||
        !json_opt_bool(j, "lstrip", &t->lstrip, err) ||
        !json_opt_bool(j, "rstrip", &t->rstrip, err) ||
        !json_opt_bool(j, "normalized", &t->normalized, err))
        return false;
    t->content_len = json_string_length(json_object_get(j, "content"));
    t->content = xcalloc(t->content_len + 1, 1);
    memcpy(t->content, content, t->content_len);
    return true;
}

static void free_token(struct added_token *t)
{
    xfree(t->content);
    xfree(t->pattern);
    *t = (struct added_token){ 0 };
}

static void make_pattern(struct added_token *t, const struct normalizer *normalizer,
                         struct tokenizer_scratch *scratch)
{
    struct str pattern = { t->content, t->content_len };
    if (t->normalized)
        pattern = normalizer_apply(normalizer, pattern, scratch);
    t->pattern = xcalloc(pattern.len + 1, 1);
    t->pattern_len = pattern.len;
    if (pattern.len)
        memcpy(t->pattern, pattern.p, pattern.len);
}

/* The library gives ids anew: the model's own id for that string, else the next free one; what
 * the file says under "id" is only a wish. Ours must agree, or the file is not consistent. */
static bool give_id(struct added_token *t, const struct token_model *model, int64_t wanted,
                    int32_t *next, struct vz_error *err)
{
    t->id = trie_find(&model->vocab, (struct str){ t->content, t->content_len });
    if (t->id < 0)
        t->id = (*next)++;
    if (t->id != wanted)
        return vz_fail(err, VZ_FORMAT, "it has id %lld, but its place in the vocabulary is %d",
                       (long long)wanted, (int)t->id);
    return true;
}

static bool build_set(const struct added_tokens *a, bool normalized, struct added_set *ret,
                      struct vz_error *err)
{
    struct trie_entry *entries = xcalloc(a->count, sizeof *entries);
    size_t n = 0;
    for (size_t i = 0; i < a->count; i++) {
        const struct added_token *t = &a->tokens[i];
        if (t->normalized != normalized)
            continue;
        entries[n++] = (struct trie_entry){ { t->pattern, t->pattern_len }, (int32_t)i };
        ret->starts[(unsigned char)t->pattern[0]] = 1;
    }
    struct str twice;
    bool ok = trie_build(&ret->trie, entries, n, &twice);
    xfree(entries);
    if (!ok)
        return vz_fail(err, VZ_FORMAT, "two added tokens are looked for as \"%.*s\"",
                       (int)(twice.len < 64 ? twice.len : 64), twice.p);
    return true;
}

static bool parse_all(struct added_tokens *a, const json_t *j, const struct token_model *model,
                      const struct normalizer *normalizer, struct tokenizer_scratch *scratch,
                      struct vz_error *err)
{
    int32_t next = (int32_t)model->vocab_count;
    for (size_t i = 0; i < json_array_size(j); i++) {
        struct added_token *t = &a->tokens[a->count++];
        int64_t id;
        if (!parse_token(t, json_array_get(j, i), err) ||
            !json_want_int(json_array_get(j, i), "id", 0, INT32_MAX - 1, &id, err))
            return vz_context(err, "added token %zu", i);
        if (t->content_len == 0) { // the library passes over it as well
            free_token(t);
            a->count--;
            continue;
        }
        if (!give_id(t, model, id, &next, err))
            return vz_context(err, "added token \"%.64s\"", t->content);
        make_pattern(t, normalizer, scratch);
        if (t->pattern_len == 0)
            return vz_fail(err, VZ_FORMAT,
                           "nothing is left of added token \"%.64s\" by the "
                           "normalizer",
                           t->content);
    }
    return build_set(a, false, &a->raw, err) && build_set(a, true, &a->normalized, err);
}

bool added_parse(struct added_tokens *ret, const json_t *j, const struct token_model *model,
                 const struct normalizer *normalizer, struct vz_error *err)
{
    *ret = (struct added_tokens){ 0 };
    if (!j || json_is_null(j))
        return true;
    if (!json_is_array(j))
        return vz_fail(err, VZ_FORMAT, "\"added_tokens\" is not an array");
    ret->tokens = xcalloc(json_array_size(j), sizeof *ret->tokens);
    struct tokens holder = { 0 }; // lends the scratch
    struct tokenizer_scratch *scratch = tokens_scratch(&holder);
    bool ok = parse_all(ret, j, model, normalizer, scratch, err);
    tokens_free(&holder);
    if (!ok)
        added_done(ret);
    return ok;
}

void added_done(struct added_tokens *a)
{
    for (size_t i = 0; i < a->count; i++)
        free_token(&a->tokens[i]);
    xfree(a->tokens);
    trie_done(&a->raw.trie);
    trie_done(&a->normalized.trie);
    *a = (struct added_tokens){ 0 };
}

/* The character that ends at `at`, which is not the text's beginning. */
static const char *char_before(const char *at)
{
    do
        at--;
    while (((unsigned char)*at & 0xC0) == 0x80);
    return at;
}

static bool has_class_before(struct str text, const char *at, uint32_t class)
{
    if (at == text.p)
        return false;
    const char *last = char_before(at);
    return unicode_class(utf8_next(&last)) & class;
}

static bool has_class_at(struct str text, const char *at, uint32_t class)
{
    return at < text.p + text.len && (unicode_class(utf8_next(&at)) & class);
}

struct match {
    const char *from, *to;
    const struct added_token *token;
};

/* The next match at or after `at`; false for none. */
static bool find_match(const struct added_tokens *a, const struct added_set *set, struct str text,
                       const char *at, struct match *ret)
{
    for (const char *end = text.p + text.len; at < end; at++) {
        if (!set->starts[(unsigned char)*at])
            continue;
        size_t len = 0;
        int32_t i =
            trie_longest(&set->trie, TRIE_ROOT, (struct str){ at, (size_t)(end - at) }, &len);
        if (i < 0)
            continue;
        *ret = (struct match){ at, at + len, &a->tokens[i] };
        return true;
    }
    return false;
}

void added_split(const struct added_tokens *a, const struct added_set *set, struct str text,
                 added_piece *piece, void *arg)
{
    const char *from = text.p, *end = text.p + text.len; // `from`: what is not handed on yet
    struct match m;
    for (const char *at = text.p; set->trie.count && find_match(a, set, text, at, &m);) {
        at = m.to; // also past a match that does not count
        if (m.token->single_word && (has_class_before(text, m.from, UNICODE_WORD) ||
                                     has_class_at(text, m.to, UNICODE_WORD)))
            continue;
        while (m.token->lstrip && m.from > from && has_class_before(text, m.from, UNICODE_WHITE))
            m.from = char_before(m.from);
        if (m.token->rstrip && m.to < from) // inside the spaces that the last one took
            m.to = from;
        while (m.token->rstrip && has_class_at(text, m.to, UNICODE_WHITE))
            utf8_next(&m.to);
        if (from < m.from)
            piece(arg, (struct str){ from, (size_t)(m.from - from) }, -1);
        piece(arg, (struct str){ m.from, (size_t)(m.to - m.from) }, m.token->id);
        from = m.to;
    }
    if (from != end)
        piece(arg, (struct str){ from, (size_t)(end - from) }, -1);
}
