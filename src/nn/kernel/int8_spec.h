/* SPDX-License-Identifier: Apache-2.0
 *
 * How int8 makes whole numbers of floats: what all its tables share, so that they agree exactly. */
#ifndef NN_KERNEL_INT8_SPEC_H
#define NN_KERNEL_INT8_SPEC_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "nn/kernel/kernel.h"

/* Columns of x that share a scale: an outlier costs precision among its neighbours alone. */
#define INT8_SPAN ((size_t)128)
#define INT8_WEIGHT_MOST 127.0f
#define INT8_PAIR_MOST 127.999f /* of two weights; rounded they are 128 at most */
#define INT8_INPUT_MOST 255.0f
#define INT8_NO_RANGE 1e-30f /* a row or column below it counts as zeros */

/* To the nearest whole number, halves to even; |x| < 2²². */
static inline float int8_round(float x)
{
    return (x + 12582912.0f) - 12582912.0f;
}

static inline size_t int8_spans(size_t k)
{
    return (k + INT8_SPAN - 1) / INT8_SPAN;
}

static inline size_t int8_span_width(size_t k, size_t span)
{
    return k - span * INT8_SPAN < INT8_SPAN ? k - span * INT8_SPAN : INT8_SPAN;
}

/* One span of a row of the weight [n, k] as whole numbers; returns its scale. The scale is such
 * that two neighbours (columns 2i and 2i + 1 of x) together stay within 128: their products with
 * inputs of 255 then sum up to less than 2¹⁵, as CPUs need that add two products in 16 bits. Where
 * weights have outliers, that is nearly all of eight bits. One that is not finite gets a scale that
 * is not, and with it every result of its column. */
static inline float int8_weight_span(const float *weight, size_t k, int8_t *ret)
{
    float top = 0.0f, poison = 0.0f;
    for (size_t i = 0; i < k; i += 2) {
        float next = i + 1 < k ? weight[i + 1] : 0.0f, a = fabsf(weight[i]), b = fabsf(next);
        float pair = a + b, larger = (a > b ? a : b) * (INT8_PAIR_MOST / INT8_WEIGHT_MOST);
        pair = larger > pair ? larger : pair;
        top = pair > top ? pair : top;
        poison += (weight[i] + next) * 0.0f;
    }
    float inverse = top > INT8_NO_RANGE ? INT8_PAIR_MOST / top : 0.0f;
    for (size_t i = 0; i < k; i++) {
        float q = weight[i] * inverse;
        q = q > -INT8_WEIGHT_MOST ? q : -INT8_WEIGHT_MOST; // also what is not a number
        q = q < INT8_WEIGHT_MOST ? q : INT8_WEIGHT_MOST;
        ret[i] = (int8_t)int8_round(q);
    }
    return top / INT8_PAIR_MOST + poison;
}

/* A span of a row of x is (whole - zero) · scale, with whole numbers of 0 … 255. */
struct int8_range {
    float inverse, zero, scale;
};

/* From its least and largest component (0 among them) and the sum of all of them times 0. */
static inline struct int8_range int8_range_of(float least, float largest, float poison)
{
    float range = largest - least;
    float inverse = range > INT8_NO_RANGE ? INT8_INPUT_MOST / range : 0.0f;
    float zero = least * -inverse;
    zero = zero > 0.0f ? zero : 0.0f;
    zero = zero < INT8_INPUT_MOST ? zero : INT8_INPUT_MOST;
    return (struct int8_range){ inverse, int8_round(zero), range / INT8_INPUT_MOST + poison };
}

#endif
