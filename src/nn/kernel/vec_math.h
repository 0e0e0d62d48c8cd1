/* SPDX-License-Identifier: Apache-2.0
 *
 * Exponential and GELU on vectors, for simd.c, which has included tile.h before. Polynomials; each
 * says how exact it is. */
#ifndef NN_KERNEL_VEC_MATH_H
#define NN_KERNEL_VEC_MATH_H

#include "nn/kernel/vec.h"

/* eˣ for x ≤ 0, relative error 1e-7: x = n·ln 2 + r, eʳ by a polynomial. Below -87 the result
 * stays near 1e-38. */
INLINE vec vec_exp(vec x)
{
    x = vec_max(x, vec_set(-87.3f));
    vec n = vec_round(vec_mul(x, vec_set(1.44269504f)));
    vec r = vec_fma(n, vec_set(-0.693359375f), x); // ln 2 in two parts
    r = vec_fma(n, vec_set(2.12194440e-4f), r);
    vec p = vec_set(1.392692661e-03f);
    p = vec_fma(p, r, vec_set(8.363773874e-03f));
    p = vec_fma(p, r, vec_set(4.166655011e-02f));
    p = vec_fma(p, r, vec_set(1.666657338e-01f));
    p = vec_fma(p, r, vec_set(0.5f));
    p = vec_fma(vec_mul(r, r), p, r);
    return vec_scale2(vec_add(p, vec_set(1.0f)), n);
}

#if VEC == 16
#define SPLAT(x)                                                                                   \
    {                                                                                              \
        x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x                                             \
    }
#else
#define SPLAT(x)                                                                                   \
    {                                                                                              \
        x, x, x, x, x, x, x, x                                                                     \
    }
#endif

/* erf(z)/z as a polynomial in u = 2z²/3.92² - 1, a Chebyshev fit; past 3.92 erf is 1 in fp32.
 * Spread out, so that a term is an operand in memory and takes no register. */
#define ERF_TERMS 16
static const float erf_terms[ERF_TERMS][VEC] __attribute__((aligned(64))) = {
    SPLAT(-9.000014397e-04f), SPLAT(2.124123275e-03f),  SPLAT(-1.192202908e-03f),
    SPLAT(1.833373331e-03f),  SPLAT(-7.950687781e-03f), SPLAT(1.432561595e-02f),
    SPLAT(-1.978485845e-02f), SPLAT(2.962136827e-02f),  SPLAT(-4.351752624e-02f),
    SPLAT(5.842158943e-02f),  SPLAT(-7.400415093e-02f), SPLAT(9.059291333e-02f),
    SPLAT(-1.091805398e-01f), SPLAT(1.340847909e-01f),  SPLAT(-1.801085919e-01f),
    SPLAT(3.607368171e-01f),
};

/* x/2 · (1 + erf(x/√2)); erf to 2e-7. `n` at once, so that the chain of one polynomial is hidden
 * behind the others'. */
INLINE void vecs_gelu(vec *x, const size_t n)
{
    vec z[4], u[4], p[4];
    const float *terms = erf_terms[0];
    __asm__("" : "+r"(terms)); // or the compiler copies all terms to the stack before a loop
#pragma GCC unroll 4
    for (size_t j = 0; j < n; j++) {
        z[j] = vec_mul(x[j], vec_set(0.70710678f));
        z[j] = vec_min(vec_max(z[j], vec_set(-3.92f)), vec_set(3.92f));
        u[j] = vec_fma(vec_mul(z[j], z[j]), vec_set(1.301541025e-01f), vec_set(-1.0f));
        p[j] = vec_load(terms);
    }
#pragma GCC unroll 16
    for (size_t i = 1; i < ERF_TERMS; i++) {
#pragma GCC unroll 4
        for (size_t j = 0; j < n; j++)
            p[j] = vec_fma(p[j], u[j], vec_load(terms + i * VEC));
    }
#pragma GCC unroll 4
    for (size_t j = 0; j < n; j++) {
        vec half = vec_mul(x[j], vec_set(0.5f));
        x[j] = vec_fma(half, vec_mul(z[j], p[j]), half);
    }
}

INLINE vec vec_gelu(vec x)
{
    vecs_gelu(&x, 1);
    return x;
}

/* With w = √(2/π)(x + 0.044715x³): x/2 · (1 + tanh w) = x / (1 + e⁻²ʷ), by |w| so that the
 * exponential stays below 1. */
INLINE vec vec_gelu_tanh(vec x)
{
    vec w2 = vec_mul(vec_mul(x, x), vec_set(0.044715f));
    vec w = vec_mul(vec_fma(w2, x, x), vec_set(2 * 0.79788456f));
    vec e = vec_exp(vec_min(w, vec_sub(vec_set(0.0f), w))); // e^-|2w|
    vec small = vec_div(vec_mul(x, e), vec_add(vec_set(1.0f), e));
    vec large = vec_div(x, vec_add(vec_set(1.0f), e));
    // x and w have one sign: max(x, 0) picks the large part for x ≥ 0, the small one below.
    return vec_add(vec_max(large, vec_set(0.0f)), vec_min(small, vec_set(0.0f)));
}

#endif
