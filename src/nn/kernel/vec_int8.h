/* SPDX-License-Identifier: Apache-2.0
 *
 * What int8.c needs beside vec.h: vectors of 32-bit sums, and the product of the instruction set
 * that the including file is compiled for. x is in unsigned bytes, w in signed ones, and four
 * neighbouring columns of x go into one sum: a step is four bytes of x. */
#ifndef NN_KERNEL_VEC_INT8_H
#define NN_KERNEL_VEC_INT8_H

#include <stdint.h>

#if defined NN_PLAIN
#include "nn/kernel/vec_plain.h"
#else
#include "nn/kernel/vec.h"
#endif

#define GROUP ((size_t)4)

#if defined NN_PLAIN

typedef struct {
    int32_t at[VEC];
} ivec;

static inline ivec ivec_zero(void)
{
    return (ivec){ { 0 } };
}

static inline ivec ivec_set(int32_t x)
{
    ivec v;
    for (size_t i = 0; i < VEC; i++)
        v.at[i] = x;
    return v;
}

static inline ivec ivec_load(const void *p)
{
    ivec v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* a - b · c, for 0 ≤ b < 2¹⁵ and c of 16 bits: on x86 the product of the lower halves, and of
 * an upper one that is zero */
static inline ivec ivec_less(ivec a, ivec b, ivec c)
{
    for (size_t i = 0; i < VEC; i++)
        a.at[i] -= b.at[i] * c.at[i];
    return a;
}

static inline vec ivec_float(ivec a)
{
    PLAIN_EACH(v, (float)a.at[i]);
}

static inline ivec ivec_dot(ivec sum, ivec x, ivec w)
{
    for (size_t i = 0; i < VEC; i++) {
        uint8_t a[GROUP];
        int8_t b[GROUP];
        memcpy(a, &x.at[i], sizeof a);
        memcpy(b, &w.at[i], sizeof b);
        for (size_t g = 0; g < GROUP; g++)
            sum.at[i] += a[g] * b[g];
    }
    return sum;
}

static inline void x_store(uint8_t *to, vec whole)
{
    for (size_t i = 0; i < VEC; i++)
        to[i] = (uint8_t)whole.at[i];
}

#elif VEC == 16

typedef __m512i ivec;

static inline ivec ivec_zero(void)
{
    return _mm512_setzero_si512();
}

static inline ivec ivec_set(int32_t x)
{
    return _mm512_set1_epi32(x);
}

static inline ivec ivec_load(const void *p)
{
    return _mm512_loadu_si512(p);
}

static inline ivec ivec_less(ivec a, ivec b, ivec c)
{
    return _mm512_sub_epi32(a, _mm512_madd_epi16(b, c));
}

static inline vec ivec_float(ivec a)
{
    return _mm512_cvtepi32_ps(a);
}

/* Without an instruction for it: products of pairs in 16 bits, which int8_spec.h keeps from
 * saturating, then their sums. */
static inline ivec ivec_dot(ivec sum, ivec x, ivec w)
{
#if defined __AVX512VNNI__
    return _mm512_dpbusd_epi32(sum, x, w);
#else
    ivec pairs = _mm512_maddubs_epi16(x, w);
    return _mm512_add_epi32(sum, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
#endif
}

static inline void x_store(uint8_t *to, vec whole)
{
    _mm_storeu_si128((__m128i *)to, _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(whole)));
}

#else

typedef __m256i ivec;

static inline ivec ivec_zero(void)
{
    return _mm256_setzero_si256();
}

static inline ivec ivec_set(int32_t x)
{
    return _mm256_set1_epi32(x);
}

static inline ivec ivec_load(const void *p)
{
    return _mm256_loadu_si256(p);
}

static inline ivec ivec_less(ivec a, ivec b, ivec c)
{
    return _mm256_sub_epi32(a, _mm256_madd_epi16(b, c));
}

static inline vec ivec_float(ivec a)
{
    return _mm256_cvtepi32_ps(a);
}

static inline ivec ivec_dot(ivec sum, ivec x, ivec w)
{
#if defined __AVXVNNI__
    return _mm256_dpbusd_avx_epi32(sum, x, w);
#else
    ivec pairs = _mm256_maddubs_epi16(x, w);
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
#endif
}

static inline void x_store(uint8_t *to, vec whole)
{
    ivec v = _mm256_cvtps_epi32(whole);
    __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    _mm_storel_epi64((__m128i *)to, _mm_packus_epi16(words, words));
}

#endif

/* The same four bytes of x in every place. */
static inline ivec x_spread(const uint8_t *p)
{
    int32_t four;
    memcpy(&four, p, sizeof four);
    return ivec_set(four);
}

#endif
