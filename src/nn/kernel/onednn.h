/* SPDX-License-Identifier: Apache-2.0
 *
 * The matrix product of oneDNN, one thread, weights packed as it likes best: what our own kernels
 * are measured against (nn_model_ceiling_gflops, bench/kernel.c). A build without oneDNN has none
 * of it. */
#ifndef NN_KERNEL_ONEDNN_H
#define NN_KERNEL_ONEDNN_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/kernel/precision.h"

struct onednn_product;

bool onednn_is_there(void);

/* y[rows, n] = x[rows, k] · weight[n, k]ᵀ; x and y are borrowed. Of floats in fp32; bfloat16 of
 * which floats are made in bf16; unsigned and signed bytes of which 32-bit sums are made in int8.
 * NULL when it cannot be made (not every CPU has every precision). Used by the thread that made
 * it alone. */
struct onednn_product *onednn_new(enum nn_precision precision, size_t rows, size_t n, size_t k,
                                  const void *x, const void *weight, void *y);
void onednn_run(struct onednn_product *p);
void onednn_free(struct onednn_product *p); /* NULL is allowed */

#endif
