/* SPDX-License-Identifier: Apache-2.0
 *
 * The operations of vec.h in plain C, sixteen floats wide: for tests on CPUs that have no vectors
 * as wide. The kernels for those CPUs are compiled a second time on top of this, so that all their
 * indexing runs everywhere, and only the single instructions remain to be proven there. */
#ifndef NN_KERNEL_VEC_PLAIN_H
#define NN_KERNEL_VEC_PLAIN_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define VEC 16

typedef struct {
    float at[VEC];
} vec;

#define PLAIN_EACH(ret, expression)                                                                \
    vec ret;                                                                                       \
    for (size_t i = 0; i < VEC; i++)                                                               \
        ret.at[i] = (expression);                                                                  \
    return ret

static inline vec vec_load(const float *p)
{
    PLAIN_EACH(v, p[i]);
}

static inline void vec_store(float *p, vec v)
{
    memcpy(p, v.at, sizeof v.at);
}

static inline vec vec_load_n(const float *p, size_t n)
{
    PLAIN_EACH(v, i < n ? p[i] : 0.0f);
}

static inline vec vec_set(float x)
{
    PLAIN_EACH(v, x);
}

static inline vec vec_add(vec a, vec b)
{
    PLAIN_EACH(v, a.at[i] + b.at[i]);
}

static inline vec vec_sub(vec a, vec b)
{
    PLAIN_EACH(v, a.at[i] - b.at[i]);
}

static inline vec vec_mul(vec a, vec b)
{
    PLAIN_EACH(v, a.at[i] * b.at[i]);
}

static inline vec vec_fma(vec a, vec b, vec c)
{
    PLAIN_EACH(v, fmaf(a.at[i], b.at[i], c.at[i]));
}

/* b where one of the two is not a number, as the instructions have it. */
static inline vec vec_max(vec a, vec b)
{
    PLAIN_EACH(v, a.at[i] > b.at[i] ? a.at[i] : b.at[i]);
}

#endif
