/* SPDX-License-Identifier: Apache-2.0
 *
 * A tensor in a file: its type, its shape, and where its bytes stand. */
#ifndef NN_TENSOR_H
#define NN_TENSOR_H

#include <stddef.h>
#include <stdint.h>

#define TENSOR_MAX_DIMS 8

enum tensor_type {
    TENSOR_F32,
    TENSOR_F16,
    TENSOR_BF16,
    TENSOR_OTHER, /* integers and the like: carried, never read */
};

struct tensor {
    const char *name; /* borrowed from the file's index */
    enum tensor_type type;
    size_t n_dims;
    uint64_t dims[TENSOR_MAX_DIMS];
    const unsigned char *data; /* borrowed from the mapping; any alignment */
    size_t size;               /* bytes; agrees with type and shape */
};

/* Elements [first, first + count) as floats. The tensor is of a float type and has them. */
void tensor_read(const struct tensor *t, size_t first, size_t count, float *ret);

#endif
