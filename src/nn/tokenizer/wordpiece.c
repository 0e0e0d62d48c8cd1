/* SPDX-License-Identifier: Apache-2.0
 *
 * WordPiece: a word is the longest token that it starts with, then the longest one marked as a
 * continuation ("##…"), and so on. When that fails anywhere, or the word is too long, the whole
 * word is the unknown token.
 *
 * Continuations stand in the vocabulary with their prefix, so walking the trie from the prefix's
 * node is the same as putting the prefix in front of the text. */
#include "nn/tokenizer/model.h"

static bool parse(struct token_model *m, const json_t *j, struct vz_error *err)
{
    const char *unknown, *prefix;
    int64_t max_chars;
    json_t *vocab;
    if (!json_want_string(j, "unk_token", &unknown, err) ||
        !json_want_string(j, "continuing_subword_prefix", &prefix, err) ||
        !json_want_int(j, "max_input_chars_per_word", 0, INT32_MAX, &max_chars, err) ||
        !json_want_object(j, "vocab", &vocab, err) || !token_model_vocab(m, vocab, err))
        return false;
    size_t unknown_len = json_string_length(json_object_get(j, "unk_token"));
    size_t prefix_len = json_string_length(json_object_get(j, "continuing_subword_prefix"));
    m->wordpiece.unknown = trie_find(&m->vocab, (struct str){ unknown, unknown_len });
    if (m->wordpiece.unknown < 0)
        return vz_fail(err, VZ_FORMAT, "\"unk_token\" \"%.64s\" is not in the vocabulary", unknown);
    m->wordpiece.inside = trie_walk(&m->vocab, TRIE_ROOT, (struct str){ prefix, prefix_len });
    m->wordpiece.max_chars = (size_t)max_chars;
    return true;
}

static size_t count_chars(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return n;
}

static void encode(const struct token_model *m, struct str word, struct id_sink *sink)
{
    size_t before = sink->count, len = 0;
    uint32_t from = TRIE_ROOT;
    bool known = word.len <= m->wordpiece.max_chars || count_chars(word) <= m->wordpiece.max_chars;
    while (known && word.len > 0) {
        int32_t id = trie_longest(&m->vocab, from, word, &len);
        if (id < 0) {
            known = false;
            break;
        }
        sink_put(sink, id);
        word = (struct str){ word.p + len, word.len - len };
        from = m->wordpiece.inside;
    }
    if (!known) {
        sink->count = before;
        sink_put(sink, m->wordpiece.unknown);
    }
}

const struct token_model_type token_model_wordpiece = { "WordPiece", parse, encode };
