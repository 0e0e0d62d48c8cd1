/* SPDX-License-Identifier: Apache-2.0
 *
 * How fast this machine multiplies matrices: the rate that an encoder of those shapes cannot
 * pass, as the yardstick of benchmarks. */
#ifndef NN_CEILING_H
#define NN_CEILING_H

#include <stdint.h>

#include "nn/kernel/precision.h"

/* GFLOP/s of `threads` at once, on products of 512 rows with weights [n[i], k[i]] in that
 * precision, one of each, and each by the best product there is for it (oneDNN's where the build
 * and the CPU have it, or our own). Takes a second or two. */
double ceiling_gflops(enum nn_precision precision, const size_t *n, const size_t *k, size_t count,
                      uint32_t threads);

#endif
