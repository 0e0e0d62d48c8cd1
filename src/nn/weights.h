/* SPDX-License-Identifier: Apache-2.0
 *
 * The weights of one folder: model.safetensors, or the shards that
 * model.safetensors.index.json lists. Mapped; a tensor is taken by name and expected shape.
 *
 *     struct weights *w = NULL;
 *     if (!weights_open("model", &w, err)) …
 *     if (!weights_want(w, "linear.weight", (size_t[]){ n, k }, 2, &tensor, err)) …
 *     weights_close(w);
 */
#ifndef NN_WEIGHTS_H
#define NN_WEIGHTS_H

#include "base/error.h"
#include "nn/tensor.h"

struct weights;

/* VZ_FORMAT or VZ_IO; the message names the file. */
bool weights_open(const char *folder, struct weights **ret, struct vz_error *err) VZ_MUST_CHECK;
void weights_close(struct weights *w); /* NULL is allowed */

/* NULL when there is none. */
const struct tensor *weights_find(const struct weights *w, const char *name);

/* A float tensor of exactly that shape. VZ_FORMAT names the file, the tensor and both shapes. */
bool weights_want(const struct weights *w, const char *name, const size_t *dims, size_t n_dims,
                  const struct tensor **ret, struct vz_error *err) VZ_MUST_CHECK;

/* Gives the pages back to the system: what was read has been packed elsewhere. They come again
 * from the files when touched. */
void weights_forget(const struct weights *w);

/* The files, for the fingerprint. */
size_t weights_file_count(const struct weights *w);
const char *weights_file(const struct weights *w, size_t i);

#endif
