/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of token models, and what they share: the vocabulary. */
#include "nn/tokenizer/model.h"

static const struct token_model_type *const types[] = { &token_model_wordpiece };

bool token_model_parse(struct token_model *ret, const json_t *j, struct vz_error *err)
{
    *ret = (struct token_model){ 0 };
    // Files of before 2020 do not name the type; this key is WordPiece's alone.
    const char *name = json_object_get(j, "max_input_chars_per_word") ? "WordPiece" : NULL;
    if (!json_opt_string(j, "type", &name, err))
        return false;
    if (!name)
        return vz_fail(err, VZ_FORMAT, "\"type\" is missing");
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (strcmp(types[i]->name, name) != 0)
            continue;
        ret->type = types[i];
        if (ret->type->parse(ret, j, err))
            return true;
        token_model_done(ret);
        return false;
    }
    return vz_fail(err, VZ_FORMAT, "type \"%s\" is not supported", name);
}

void token_model_done(struct token_model *m)
{
    trie_done(&m->vocab);
    *m = (struct token_model){ 0 };
}

#define ID_MAX (INT32_MAX - 1)

static bool read_entries(const json_t *vocab, struct trie_entry *entries, size_t *ret_count,
                         size_t *ret_size, struct vz_error *err)
{
    const char *key;
    json_t *id;
    size_t n = 0, largest = 0;
    json_object_foreach((json_t *)(uintptr_t)vocab, key, id)
    {
        if (!json_is_integer(id) || json_integer_value(id) < 0 || json_integer_value(id) > ID_MAX)
            return vz_fail(err, VZ_FORMAT, "the id of token \"%.64s\" is not between 0 and %d", key,
                           ID_MAX);
        size_t value = (size_t)json_integer_value(id);
        largest = value > largest ? value : largest;
        if (key[0] != '\0') // an empty token is legal, counts, and is never found
            entries[n++] = (struct trie_entry){ str_of(key), (int32_t)value };
    }
    *ret_count = n;
    *ret_size = largest + 1;
    return true;
}

/* Ids must be distinct, and dense enough for a table of one row an id to be meant. */
static bool check_ids(const struct trie_entry *entries, size_t count, size_t size,
                      struct vz_error *err)
{
    if (size / 16 > count + 4096)
        return vz_fail(err, VZ_FORMAT, "the vocabulary has %zu tokens but ids up to %zu", count,
                       size - 1);
    bool ok = true;
    uint8_t *seen = xcalloc(size, 1);
    for (size_t i = 0; i < count && ok; i++) {
        if (seen[entries[i].value]++)
            ok = vz_fail(err, VZ_FORMAT, "id %d is given to two tokens, one of them \"%.64s\"",
                         (int)entries[i].value, entries[i].key.p);
    }
    xfree(seen);
    return ok;
}

bool token_model_vocab(struct token_model *m, const json_t *vocab, struct vz_error *err)
{
    m->vocab_count = json_object_size(vocab);
    if (m->vocab_count == 0)
        return vz_fail(err, VZ_FORMAT, "the vocabulary is empty");
    struct trie_entry *entries = xcalloc(m->vocab_count, sizeof *entries);
    struct str twice = { 0 };
    size_t count = 0;
    bool ok = read_entries(vocab, entries, &count, &m->vocab_size, err) &&
              check_ids(entries, count, m->vocab_size, err);
    if (ok && !trie_build(&m->vocab, entries, count, &twice))
        ok = vz_fail(err, VZ_FORMAT, "the vocabulary is too large");
    xfree(entries);
    return ok;
}
