/* SPDX-License-Identifier: Apache-2.0
 *
 * What bf16.c needs beside vec.h. A bfloat16 is the upper half of a float; w is packed in pairs of
 * them, one pair a 32-bit lane, the one with the smaller k in the lower half. Either
 *
 *   native:  x is packed in the same pairs, and one instruction adds both products of a pair
 *   wide:    x is rounded but stays in floats, w is widened in registers, and both are multiplied
 *            as fp32: no faster than fp32, with half the memory for the weights */
#ifndef NN_KERNEL_VEC_BF16_H
#define NN_KERNEL_VEC_BF16_H

#include <stdint.h>
#include <string.h>

#if defined NN_PLAIN
#include "nn/kernel/bf16_spec.h"
#include "nn/kernel/vec_plain.h"
#else
#include "nn/kernel/vec.h"
#endif

#define GROUP ((size_t)2)

#if defined NN_PLAIN

#define BF16_NATIVE 1

typedef struct {
    uint32_t at[VEC];
} pairs;

static inline pairs pairs_load(const uint16_t *p)
{
    pairs v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline pairs pairs_spread(const uint16_t *p)
{
    pairs v;
    for (size_t i = 0; i < VEC; i++)
        memcpy(&v.at[i], p, sizeof v.at[i]);
    return v;
}

static inline vec pairs_dot(vec sum, pairs x, pairs w)
{
    for (size_t i = 0; i < VEC; i++) {
        sum.at[i] += bf16_float((uint16_t)x.at[i]) * bf16_float((uint16_t)w.at[i]);
        sum.at[i] += bf16_float((uint16_t)(x.at[i] >> 16)) * bf16_float((uint16_t)(w.at[i] >> 16));
    }
    return sum;
}

/* VEC floats to the nearest bfloat16, halves to even. */
static inline void bf16_store(uint16_t *to, vec v)
{
    for (size_t i = 0; i < VEC; i++)
        to[i] = bf16_of(v.at[i]);
}

#elif defined __AVX512BF16__

#define BF16_NATIVE 1

typedef __m512i pairs;

static inline pairs pairs_load(const uint16_t *p)
{
    return _mm512_loadu_si512(p);
}

static inline pairs pairs_spread(const uint16_t *p)
{
    int32_t pair;
    memcpy(&pair, p, sizeof pair);
    return _mm512_set1_epi32(pair);
}

static inline vec pairs_dot(vec sum, pairs x, pairs w)
{
    return _mm512_dpbf16_ps(sum, (__m512bh)x, (__m512bh)w);
}

static inline void bf16_store(uint16_t *to, vec v)
{
    _mm256_storeu_si256((__m256i *)to, (__m256i)_mm512_cvtneps_pbh(v));
}

#elif VEC == 16

#define BF16_NATIVE 0

static inline vec bf16_low(const uint16_t *p)
{
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_loadu_si512(p), 16));
}

static inline vec bf16_high(const uint16_t *p)
{
    __m512i mask = _mm512_set1_epi32((int)0xFFFF0000);
    return _mm512_castsi512_ps(_mm512_and_si512(_mm512_loadu_si512(p), mask));
}

/* To the nearest bfloat16, halves to even, still in floats. */
static inline vec bf16_round(vec v)
{
    __m512i bits = _mm512_castps_si512(v);
    __m512i half = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    half = _mm512_add_epi32(half, _mm512_set1_epi32(0x7FFF));
    bits = _mm512_and_si512(_mm512_add_epi32(bits, half), _mm512_set1_epi32((int)0xFFFF0000));
    __mmask16 is_number = _mm512_cmp_ps_mask(v, v, _CMP_ORD_Q);
    return _mm512_mask_mov_ps(v, is_number, _mm512_castsi512_ps(bits));
}

#else

#define BF16_NATIVE 0

static inline vec bf16_low(const uint16_t *p)
{
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_loadu_si256((const __m256i *)p), 16));
}

static inline vec bf16_high(const uint16_t *p)
{
    __m256i mask = _mm256_set1_epi32((int)0xFFFF0000);
    return _mm256_castsi256_ps(_mm256_and_si256(_mm256_loadu_si256((const __m256i *)p), mask));
}

static inline vec bf16_round(vec v)
{
    __m256i bits = _mm256_castps_si256(v);
    __m256i half = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    half = _mm256_add_epi32(half, _mm256_set1_epi32(0x7FFF));
    bits = _mm256_and_si256(_mm256_add_epi32(bits, half), _mm256_set1_epi32((int)0xFFFF0000));
    return _mm256_blendv_ps(v, _mm256_castsi256_ps(bits), _mm256_cmp_ps(v, v, _CMP_ORD_Q));
}

#endif

#endif
