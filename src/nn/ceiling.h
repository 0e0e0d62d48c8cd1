/* SPDX-License-Identifier: Apache-2.0
 *
 * How fast this machine multiplies matrices: the rate that an encoder of those shapes cannot
 * pass, as the yardstick of benchmarks. */
#ifndef NN_CEILING_H
#define NN_CEILING_H

#include <stdint.h>

#include "nn/kernel/kernel.h"

/* GFLOP/s of `threads` at once, on products of 512 rows with weights [n[i], k[i]], by the best
 * product there is (oneDNN's where the build has it, or our own). Takes about a second. */
double ceiling_gflops(const struct nn_kernels *kernels, const size_t *n, const size_t *k,
                      size_t count, uint32_t threads);

#endif
