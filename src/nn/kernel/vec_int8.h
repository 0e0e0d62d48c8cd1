/* SPDX-License-Identifier: Apache-2.0
 *
 * What int8.c needs beside vec.h: vectors of 32-bit sums, and the product of the instruction set
 * that the including file is compiled for. x is in unsigned bytes, w in signed ones, and four
 * neighbouring columns of x go into one sum: a step is four bytes of x. */
#ifndef NN_KERNEL_VEC_INT8_H
#define NN_KERNEL_VEC_INT8_H

#include <stdbool.h>
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

/* a · b, for 0 ≤ a < 2¹⁵ and b of 16 bits: on x86 the product of the lower halves, and of an
 * upper one that is zero */
static inline ivec ivec_times(ivec a, ivec b)
{
    for (size_t i = 0; i < VEC; i++)
        a.at[i] *= b.at[i];
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

static inline void x_store(uint8_t *to, vec scaled, ivec zero)
{
    for (size_t i = 0; i < VEC; i++) {
        float whole = rintf(scaled.at[i]) + (float)zero.at[i];
        whole = whole > 0.0f ? whole : 0.0f; // also what is not a number
        to[i] = (uint8_t)(whole < 255.0f ? whole : 255.0f);
    }
}

static inline void vec_tops(vec a, vec b, float *ret_a, float *ret_b)
{
    *ret_a = a.at[0];
    *ret_b = b.at[0];
    for (size_t i = 1; i < VEC; i++) {
        *ret_a = a.at[i] > *ret_a ? a.at[i] : *ret_a;
        *ret_b = b.at[i] > *ret_b ? b.at[i] : *ret_b;
    }
}

static inline bool vec_has_nan(vec v)
{
    bool has = false;
    for (size_t i = 0; i < VEC; i++)
        has = has || v.at[i] != v.at[i];
    return has;
}

#elif VEC == 16

typedef __m512i ivec;

static inline ivec ivec_set(int32_t x)
{
    return _mm512_set1_epi32(x);
}

static inline ivec ivec_load(const void *p)
{
    return _mm512_loadu_si512(p);
}

static inline ivec ivec_times(ivec a, ivec b)
{
    return _mm512_madd_epi16(a, b);
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

/* VEC bytes: x as whole numbers with the zero point, no less than 0 and no more than 255. What is
 * not a number is 0. */
static inline void x_store(uint8_t *to, vec scaled, ivec zero)
{
    ivec v = _mm512_add_epi32(_mm512_cvtps_epi32(scaled), zero);
    v = _mm512_max_epi32(v, _mm512_setzero_si512());
    _mm_storeu_si128((__m128i *)to, _mm512_cvtusepi32_epi8(v));
}

/* The largest of a and of b; neither holds what is not a number. Side by side, for one of them
 * alone costs as much. */
static inline void vec_tops(vec a, vec b, float *ret_a, float *ret_b)
{
    vec t = vec_max(_mm512_shuffle_f32x4(a, b, 0x44), _mm512_shuffle_f32x4(a, b, 0xEE));
    t = vec_max(t, _mm512_shuffle_f32x4(t, t, 0xB1));
    t = vec_max(t, _mm512_permute_ps(t, 0x4E));
    t = vec_max(t, _mm512_permute_ps(t, 0xB1));
    *ret_a = _mm512_cvtss_f32(t);
    *ret_b = _mm256_cvtss_f32(_mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(t), 1)));
}

static inline bool vec_has_nan(vec v)
{
    return _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q) != 0;
}

#else

typedef __m256i ivec;

static inline ivec ivec_set(int32_t x)
{
    return _mm256_set1_epi32(x);
}

static inline ivec ivec_load(const void *p)
{
    return _mm256_loadu_si256(p);
}

static inline ivec ivec_times(ivec a, ivec b)
{
    return _mm256_madd_epi16(a, b);
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

static inline void x_store(uint8_t *to, vec scaled, ivec zero)
{
    ivec v = _mm256_add_epi32(_mm256_cvtps_epi32(scaled), zero);
    __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    _mm_storel_epi64((__m128i *)to, _mm_packus_epi16(words, words));
}

static inline void vec_tops(vec a, vec b, float *ret_a, float *ret_b)
{
    vec t = vec_max(_mm256_permute2f128_ps(a, b, 0x20), _mm256_permute2f128_ps(a, b, 0x31));
    t = vec_max(t, _mm256_permute_ps(t, 0x4E));
    t = vec_max(t, _mm256_permute_ps(t, 0xB1));
    *ret_a = _mm256_cvtss_f32(t);
    *ret_b = _mm_cvtss_f32(_mm256_extractf128_ps(t, 1));
}

static inline bool vec_has_nan(vec v)
{
    return _mm256_movemask_ps(_mm256_cmp_ps(v, v, _CMP_UNORD_Q)) != 0;
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
