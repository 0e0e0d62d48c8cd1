/* SPDX-License-Identifier: Apache-2.0
 *
 * The index of a safetensors file: 8 bytes of header length (little-endian), a JSON object from
 * tensor name to dtype, shape and data_offsets, then the data without a gap.
 *
 *     struct safetensors st = { 0 };
 *     if (!safetensors_parse(map.p, map.len, &st, err)) …
 *     const struct tensor *t = safetensors_find(&st, "embeddings.word_embeddings.weight");
 *     safetensors_free(&st);
 *
 * The file is not trusted: header length, names, types, shapes (products that overflow) and
 * offsets (in range, agreeing with the shape, neither overlapping nor leaving a gap) are held
 * against the file's size before any pointer is made. Errors do not name the file. */
#ifndef NN_SAFETENSORS_H
#define NN_SAFETENSORS_H

#include "base/error.h"
#include "base/json.h"
#include "nn/tensor.h"

struct safetensors {
    struct tensor *tensors; /* [count], in the order of their data */
    size_t count;
    json_t *header; /* owns the names */
};

/* Tensors borrow `p`; the index is owned (safetensors_free). VZ_FORMAT otherwise. */
bool safetensors_parse(const unsigned char *p, size_t len, struct safetensors *ret,
                       struct vz_error *err) VZ_MUST_CHECK;
void safetensors_free(struct safetensors *st);

/* NULL when there is none of that name. */
const struct tensor *safetensors_find(const struct safetensors *st, const char *name);

#endif
