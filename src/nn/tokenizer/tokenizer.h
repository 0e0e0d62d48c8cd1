/* SPDX-License-Identifier: Apache-2.0
 *
 * From text to token ids, as tokenizer.json says (Hugging Face `tokenizers` format, version 1.0):
 * added tokens, normaliser, pre-tokeniser, model, post-processor, truncation. Ids are identical
 * to that library's. Loading allocates; encoding does not, beyond the growing `tokens` it fills.
 *
 *     struct tokenizer *t = NULL;
 *     if (!tokenizer_open("model/tokenizer.json", &t, err)) …
 *     struct tokens out = { 0 };
 *     tokenizer_encode(t, text, 256, &out);
 *     tokens_free(&out);
 *     tokenizer_close(t);
 */
#ifndef NN_TOKENIZER_TOKENIZER_H
#define NN_TOKENIZER_TOKENIZER_H

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

struct tokenizer; /* read-only after opening: shared by all threads */

/* A growing array of ids that a caller reuses; the text's scratch lives in it as well. */
struct tokens {
    int32_t *ids; /* [count] */
    size_t count, room;
    size_t dropped;                    /* ids cut off by max_tokens in the last call */
    struct tokenizer_scratch *scratch; /* owned; made on first use */
};

/* VZ_FORMAT names what is wrong or not supported ("normalizer type \"X\" is not supported"). */
bool tokenizer_open(const char *path, struct tokenizer **ret, struct vz_error *err) VZ_MUST_CHECK;
/* The same from memory; for tests and fuzzing. */
bool tokenizer_parse(struct str json, struct tokenizer **ret, struct vz_error *err) VZ_MUST_CHECK;
void tokenizer_close(struct tokenizer *t);

/* Holds the tokenizer against the tokenizer_config.json of its folder: VZ_FORMAT when that asks
 * for another treatment of texts. A file that is not there agrees. */
bool tokenizer_check_config(const struct tokenizer *t, const char *path,
                            struct vz_error *err) VZ_MUST_CHECK;

/* Appends the ids of one text (valid UTF-8), special tokens included, cut to max_tokens (0: no
 * limit) the way the library truncates: content from the right, special tokens kept. Ids start
 * at out->ids[count before the call]. */
void tokenizer_encode(const struct tokenizer *t, struct str text, size_t max_tokens,
                      struct tokens *out);
/* Forgets the ids; keeps the memory, unless an uncommonly long text made it large. */
void tokens_clear(struct tokens *out);
void tokens_free(struct tokens *out);

size_t tokenizer_vocab_size(const struct tokenizer *t); /* largest id + 1 */
/* max_length of the file's own "truncation", or 0. */
size_t tokenizer_own_limit(const struct tokenizer *t);

#endif
