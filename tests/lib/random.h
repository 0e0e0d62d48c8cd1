/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers for tests of kernels: the same on every run. */
#ifndef TESTS_LIB_RANDOM_H
#define TESTS_LIB_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

static uint64_t random_seed = 1;

/* Uniform in [-1, 1) (PCG). */
static inline float random_float(void)
{
    random_seed = random_seed * 6364136223846793005u + 1442695040888963407u;
    uint32_t x = (uint32_t)(((random_seed >> 18) ^ random_seed) >> 27);
    uint64_t turn = random_seed >> 59;
    return (float)((int32_t)(x << turn | x >> (-turn & 31))) * 0x1p-31f;
}

static inline float *random_floats(size_t n)
{
    float *p = aligned_new(n, sizeof *p);
    for (size_t i = 0; i < n; i++)
        p[i] = random_float();
    return p;
}

#endif
