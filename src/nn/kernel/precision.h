/* SPDX-License-Identifier: Apache-2.0
 *
 * Linear layers in less than fp32. Everything between them (attention, softmax, layer norms,
 * embeddings, pooling) stays fp32: a reduced precision is a table of struct nn_kernels whose pack
 * and linear are replaced.
 *
 *     struct nn_kernels k;
 *     nn_kernels_at(NN_INT8, &k);
 *
 * bf16: weights and inputs are rounded to bfloat16, products and sums are fp32.
 *
 * int8: columns of x are taken in spans of 128. Over a span, weights are whole numbers of eight
 * bits with one scale a column of y, inputs whole numbers of 0 … 255 with one scale and one zero
 * point a row, found from that row alone. The sum of their products is an exact 32-bit integer,
 * whatever instructions make it; spans are scaled and added up in fp32, in one order. So every
 * table gives the same bits up to the activation.
 *
 * As with fp32, a row of a result is the same bits whatever rows stand beside it. */
#ifndef NN_KERNEL_PRECISION_H
#define NN_KERNEL_PRECISION_H

#include "nn/kernel/kernel.h"

enum nn_precision { NN_FP32, NN_BF16, NN_INT8 };
#define NN_PRECISIONS 3

/* "fp32", "bf16", "int8" */
const char *nn_precision_name(enum nn_precision p);

/* What replaces pack and linear of a table. */
struct nn_reduced {
    const char *name;
    size_t (*packed_size)(size_t n, size_t k); /* in floats */
    void (*pack)(const struct nn_linear *w, const float *weight);
    void (*linear)(const struct nn_product *p);
};

extern const struct nn_reduced nn_bf16_generic, nn_int8_generic;

/* The tables of a reduced precision that this CPU runs, the best one last; at most `room`. */
size_t nn_reduced_available(enum nn_precision p, const struct nn_reduced **ret, size_t room);

/* The base table with what `reduced` replaces. */
void nn_kernels_reduce(const struct nn_kernels *base, const struct nn_reduced *reduced,
                       struct nn_kernels *ret);

/* The best table of a precision; not above the instruction set that nn_kernels_force asks for. */
void nn_kernels_at(enum nn_precision p, struct nn_kernels *ret);

/* True when the CPU itself multiplies in that precision, so that it is faster than fp32. */
bool nn_precision_is_native(enum nn_precision p);

/* Columns of x that a layer may have: past it, sums of int8 could leave 32 bits, and a few rows
 * the scratch. */
#define NN_REDUCED_MAX_K ((size_t)16384)

#endif
