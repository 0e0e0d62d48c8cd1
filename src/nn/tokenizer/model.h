/* SPDX-License-Identifier: Apache-2.0
 *
 * Token models: a word in, ids out. A new kind is one row in model.c's table. */
#ifndef NN_TOKENIZER_MODEL_H
#define NN_TOKENIZER_MODEL_H

#include "base/json.h"
#include "nn/tokenizer/scratch.h"
#include "nn/tokenizer/trie.h"

struct token_model;

struct token_model_type {
    const char *name;
    bool (*parse)(struct token_model *m, const json_t *j, struct vz_error *err);
    void (*encode)(const struct token_model *m, struct str word, struct id_sink *sink);
};

struct token_model {
    const struct token_model_type *type;
    struct trie vocab;
    size_t vocab_count; /* tokens */
    size_t vocab_size;  /* largest id + 1 */
    union {
        struct {
            int32_t unknown;
            uint32_t inside; /* node where a piece that does not begin the word starts */
            size_t max_chars;
        } wordpiece;
    };
};

/* `j` is the file's "model". */
bool token_model_parse(struct token_model *ret, const json_t *j,
                       struct vz_error *err) VZ_MUST_CHECK;
void token_model_done(struct token_model *m);

/* Fills vocab, vocab_count and vocab_size from an object of token to id. */
bool token_model_vocab(struct token_model *m, const json_t *vocab,
                       struct vz_error *err) VZ_MUST_CHECK;

extern const struct token_model_type token_model_wordpiece;

#endif
