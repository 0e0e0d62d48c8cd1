/* SPDX-License-Identifier: Apache-2.0
 *
 * The encoder stack of a BERT over one ragged batch: token ids in, a [tokens, hidden] matrix out.
 * Weights are packed once and shared; a state is one thread's scratch.
 *
 *     struct bert *b = NULL;
 *     if (!bert_open("model", kernels, &b, err)) …
 *     struct bert_state *s = bert_state_new(b, 1024);
 *     const float *rows = bert_forward(b, s, &(struct bert_batch){ ids, starts, n });
 *     bert_state_free(s);
 *     bert_close(b);
 */
#ifndef NN_BERT_H
#define NN_BERT_H

#include <stdint.h>

#include "nn/config.h"
#include "nn/weights.h"

struct bert;
struct bert_state;

/* Reads config.json and the weights of `folder`, which are packed on `threads` threads. The message
 * names the file. */
bool bert_open(const char *folder, const struct nn_kernels *kernels, size_t threads,
               struct bert **ret, struct vz_error *err) VZ_MUST_CHECK;
void bert_close(struct bert *b); /* NULL is allowed */

/* config.json alone. */
bool bert_read_config(const char *folder, struct nn_config *ret,
                      struct vz_error *err) VZ_MUST_CHECK;

const struct nn_config *bert_config(const struct bert *b);
const struct weights *bert_weights(const struct bert *b);

/* Scratch for batches of at most max_tokens tokens. */
struct bert_state *bert_state_new(const struct bert *b, size_t max_tokens);
void bert_state_free(struct bert_state *s);

/* Sequence i has the ids [starts[i], starts[i + 1]), each of them less than vocab, at least one
 * and at most `positions` of them. */
struct bert_batch {
    const int32_t *ids;
    const uint32_t *starts; /* [count + 1], starts[0] = 0 */
    size_t count;
    const uint32_t *only; /* [count] ascending: the one wanted row of each; NULL: all rows */
};

/* The last hidden states [tokens, hidden], or with `only` [count, hidden]; in the state until its
 * next use. */
const float *bert_forward(const struct bert *b, struct bert_state *s,
                          const struct bert_batch *batch);

/* The shapes of the linear layers, for measuring: [0, bert_shapes) as n, k. */
#define BERT_SHAPES 4
void bert_shape(const struct bert *b, size_t i, size_t *ret_n, size_t *ret_k);

/* Floating-point operations for one sequence of that many tokens. */
double bert_flop(const struct bert *b, size_t tokens);

#endif
