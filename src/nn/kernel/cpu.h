/* SPDX-License-Identifier: Apache-2.0
 *
 * What the CPU can do, as the tables of kernels ask for it. x86 alone. */
#ifndef NN_KERNEL_CPU_H
#define NN_KERNEL_CPU_H

#include <stdbool.h>

static inline bool cpu_has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static inline bool cpu_has_avx512(void)
{
    return cpu_has_avx2() && __builtin_cpu_supports("avx512f");
}

static inline bool cpu_has_avx512bw(void)
{
    return cpu_has_avx512() && __builtin_cpu_supports("avx512bw");
}

#endif
