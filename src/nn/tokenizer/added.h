/* SPDX-License-Identifier: Apache-2.0
 *
 * Added tokens: strings that are cut out of a text before the model sees it. Those with
 * "normalized": false are looked for in the text as it came, the others in what the normaliser
 * made of it (and of them). */
#ifndef NN_TOKENIZER_ADDED_H
#define NN_TOKENIZER_ADDED_H

#include "nn/tokenizer/model.h"
#include "nn/tokenizer/normalize.h"

struct added_token {
    char *content; /* owned; as the file has it */
    char *pattern; /* owned; what is looked for */
    size_t content_len, pattern_len;
    int32_t id;
    bool single_word, lstrip, rstrip, normalized;
};

struct added_set {
    struct trie trie;    /* pattern to index of `tokens` */
    uint8_t starts[256]; /* a pattern begins with that byte */
};

struct added_tokens {
    struct added_token *tokens;
    size_t count;
    struct added_set raw, normalized;
};

/* `j` is the file's "added_tokens": an array or null. */
bool added_parse(struct added_tokens *ret, const json_t *j, const struct token_model *model,
                 const struct normalizer *normalizer, struct vz_error *err) VZ_MUST_CHECK;
void added_done(struct added_tokens *a);

/* Hands on what `set` finds in the text, in order: pieces without added tokens (id -1), and added
 * tokens. */
typedef void added_piece(void *arg, struct str piece, int32_t id);
void added_split(const struct added_tokens *a, const struct added_set *set, struct str text,
                 added_piece *piece, void *arg);

#endif
