/* SPDX-License-Identifier: Apache-2.0
 *
 * From the hidden states of one text's tokens to its vector: pooling, dense heads, length 1. */
#ifndef NN_POOL_H
#define NN_POOL_H

#include "nn/folder.h"

struct pool;

/* Reads the weights of dense heads. `hidden` is the transformer's width; widths that do not
 * follow from each other are VZ_FORMAT. The folder is borrowed. */
bool pool_open(const struct nn_folder *folder, size_t hidden, const struct nn_kernels *kernels,
               struct pool **ret, struct vz_error *err) VZ_MUST_CHECK;
void pool_close(struct pool *p); /* NULL is allowed */

size_t pool_dim(const struct pool *p);     /* of the vector */
size_t pool_scratch(const struct pool *p); /* floats that pool_apply needs */

/* Whether a text's vector is made of one of its rows alone (CLS, last token), and of which. */
bool pool_takes_one_row(const struct pool *p);
size_t pool_row(const struct pool *p, size_t tokens, size_t skip);

/* rows [tokens, hidden]; the first `skip` of them are the prompt's and are left out. */
void pool_apply(const struct pool *p, const float *rows, size_t tokens, size_t skip, float *scratch,
                float *ret_vector);

#endif
