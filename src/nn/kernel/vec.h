/* SPDX-License-Identifier: Apache-2.0
 *
 * One vector of floats, as wide as the instruction set that the including file is compiled for:
 * a dozen operations under one set of names, so that simd.c is written once. */
#ifndef NN_KERNEL_VEC_H
#define NN_KERNEL_VEC_H

#include <immintrin.h>
#include <stddef.h>

#if defined __AVX512F__

#define VEC 16 /* floats in a vector */
typedef __m512 vec;

static inline __mmask16 vec_mask(size_t n)
{
    return (__mmask16)((1u << n) - 1);
}

static inline vec vec_load(const float *p)
{
    return _mm512_loadu_ps(p);
}

static inline void vec_store(float *p, vec v)
{
    _mm512_storeu_ps(p, v);
}

/* The first n < VEC floats; the others read as zero and are not written. */
static inline vec vec_load_n(const float *p, size_t n)
{
    return _mm512_maskz_loadu_ps(vec_mask(n), p);
}

static inline void vec_store_n(float *p, vec v, size_t n)
{
    _mm512_mask_storeu_ps(p, vec_mask(n), v);
}

static inline vec vec_set(float x)
{
    return _mm512_set1_ps(x);
}

static inline vec vec_add(vec a, vec b)
{
    return _mm512_add_ps(a, b);
}

static inline vec vec_sub(vec a, vec b)
{
    return _mm512_sub_ps(a, b);
}

static inline vec vec_mul(vec a, vec b)
{
    return _mm512_mul_ps(a, b);
}

static inline vec vec_div(vec a, vec b)
{
    return _mm512_div_ps(a, b);
}

/* a · b + c, rounded once */
static inline vec vec_fma(vec a, vec b, vec c)
{
    return _mm512_fmadd_ps(a, b, c);
}

static inline vec vec_max(vec a, vec b)
{
    return _mm512_max_ps(a, b);
}

static inline vec vec_min(vec a, vec b)
{
    return _mm512_min_ps(a, b);
}

static inline vec vec_round(vec a)
{
    return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

/* a · 2ⁿ for whole n */
static inline vec vec_scale2(vec a, vec n)
{
    return _mm512_scalef_ps(a, n);
}

static inline float vec_sum(vec v)
{
    return _mm512_reduce_add_ps(v);
}

#elif defined __AVX2__ && defined __FMA__

#define VEC 8
typedef __m256 vec;

static inline __m256i vec_mask(size_t n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

static inline vec vec_load(const float *p)
{
    return _mm256_loadu_ps(p);
}

static inline void vec_store(float *p, vec v)
{
    _mm256_storeu_ps(p, v);
}

static inline vec vec_load_n(const float *p, size_t n)
{
    return _mm256_maskload_ps(p, vec_mask(n));
}

static inline void vec_store_n(float *p, vec v, size_t n)
{
    _mm256_maskstore_ps(p, vec_mask(n), v);
}

static inline vec vec_set(float x)
{
    return _mm256_set1_ps(x);
}

static inline vec vec_add(vec a, vec b)
{
    return _mm256_add_ps(a, b);
}

static inline vec vec_sub(vec a, vec b)
{
    return _mm256_sub_ps(a, b);
}

static inline vec vec_mul(vec a, vec b)
{
    return _mm256_mul_ps(a, b);
}

static inline vec vec_div(vec a, vec b)
{
    return _mm256_div_ps(a, b);
}

static inline vec vec_fma(vec a, vec b, vec c)
{
    return _mm256_fmadd_ps(a, b, c);
}

static inline vec vec_max(vec a, vec b)
{
    return _mm256_max_ps(a, b);
}

static inline vec vec_min(vec a, vec b)
{
    return _mm256_min_ps(a, b);
}

static inline vec vec_round(vec a)
{
    return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

/* For results that are normal floats: n goes into the exponent. */
static inline vec vec_scale2(vec a, vec n)
{
    __m256i e = _mm256_slli_epi32(_mm256_cvtps_epi32(n), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(a), e));
}

static inline float vec_sum(vec v)
{
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

#else
#error "compiled once an instruction set: see meson.build"
#endif

/* to[4, 4] = from[4, 4] transposed */
static inline void vec_transpose4(const float *from, size_t from_stride, float *to,
                                  size_t to_stride)
{
    __m128 a = _mm_loadu_ps(from), b = _mm_loadu_ps(from + from_stride);
    __m128 c = _mm_loadu_ps(from + 2 * from_stride), d = _mm_loadu_ps(from + 3 * from_stride);
    _MM_TRANSPOSE4_PS(a, b, c, d);
    _mm_storeu_ps(to, a);
    _mm_storeu_ps(to + to_stride, b);
    _mm_storeu_ps(to + 2 * to_stride, c);
    _mm_storeu_ps(to + 3 * to_stride, d);
}

#endif
