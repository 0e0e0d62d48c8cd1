/* SPDX-License-Identifier: Apache-2.0
 *
 * int8 with vectors, compiled once an instruction set, and once more in plain C for tests.
 *
 * In front of the panels stand the columns' scales, and the sums of their whole numbers, which
 * take the rows' zero points out again. Sums are exact, so their order is free; what follows them
 * is as in int8_spec.h, in its order. */
#include "nn/kernel/int8_spec.h"
#include "nn/kernel/vec_int8.h"

#if VEC == 8
#define ROWS 6 /* 6 × 2 sums, 1 of x, ones, and what is under way */
#elif defined NN_PLAIN || defined __AVX512VNNI__
#define ROWS 14 /* 14 × 2 sums, 2 of the panel, 1 of x: 31 of 32 registers */
#else
#define ROWS 12
#endif
#define COLUMN_FLOATS 2

typedef uint8_t x_el;
typedef int8_t w_el;

#include "nn/kernel/panels.h"

static void pack(const struct nn_linear *w, const float *weight)
{
    int8_t whole[NN_REDUCED_MAX_K], *panels = panels_of(w);
    float *scale = w->packed;
    int32_t *sums = (int32_t *)(w->packed + columns_of(w->n));
    memset(w->packed, 0, packed_size(w->n, w->k) * sizeof(float));
    for (size_t j = 0; j < w->n; j++) {
        scale[j] = int8_weight_row(weight + j * w->k, w->k, whole);
        for (size_t k = 0; k < w->k; k++) {
            panels[panel_place(w, j, k)] = whole[k];
            sums[j] += whole[k];
        }
    }
}

/* ---- x to whole numbers ---- */

static struct int8_range range_of(const float *x, size_t k)
{
    vec none = vec_set(0.0f), top = none, bottom = none, poison = none;
    size_t i = 0;
    for (; i + VEC <= k; i += VEC) {
        vec v = vec_load(x + i);
        top = vec_max(top, v);
        bottom = vec_min(bottom, v);
        poison = vec_add(poison, vec_mul(v, none));
    }
    if (i < k) {
        vec v = vec_load_n(x + i, k - i);
        top = vec_max(top, v);
        bottom = vec_min(bottom, v);
        poison = vec_add(poison, vec_mul(v, none));
    }
    float least = -vec_top(vec_sub(none, bottom));
    return int8_range_of(least, vec_top(top), vec_sum(poison));
}

INLINE vec whole_numbers(vec x, const struct int8_range *r)
{
    vec most = vec_set(INT8_INPUT_MOST), none = vec_set(0.0f), zero = vec_set(r->zero);
    vec v = vec_mul(x, vec_set(r->inverse));
    v = vec_min(vec_max(v, vec_sub(none, most)), most);
    v = vec_add(vec_round(v), zero);
    return vec_min(vec_max(v, none), most);
}

static struct row x_row(const float *x, size_t k, uint8_t *to)
{
    struct int8_range r = range_of(x, k);
    size_t i = 0;
    for (; i + VEC <= k; i += VEC)
        x_store(to + i, whole_numbers(vec_load(x + i), &r));
    if (i < k) {
        uint8_t last[VEC];
        x_store(last, whole_numbers(vec_load_n(x + i, k - i), &r));
        memcpy(to + i, last, (k - i));
        memset(to + k, 0, (padded(k) - k));
    }
    return (struct row){ r.scale, (int32_t)r.zero };
}

/* The sums of VEC columns from `at` of row r. By value: an address would keep them in memory. */
INLINE void finish(const struct tile *t, size_t r, size_t at, ivec sum)
{
    float *y = t->y + r * t->y_stride + at;
    sum = ivec_less(sum, ivec_set(t->row[r].zero), ivec_load(t->column + t->columns + at));
    vec v = vec_mul(ivec_float(sum), vec_load(t->column + at));
    v = vec_mul(v, vec_set(t->row[r].scale));
    v = vec_add(v, t->bias ? vec_load(t->bias + at) : vec_set(0.0f));
    vec_store(y, t->add ? vec_add(v, vec_load(y)) : v);
}

INLINE void tile_rows(const struct tile *t, const size_t rows)
{
    ivec sum[ROWS][2];
    const uint8_t *x = t->x;
    const int8_t *w = t->panel;
    size_t x_stride = t->x_stride;
#pragma GCC unroll 16
    for (size_t r = 0; r < rows; r++)
        sum[r][0] = sum[r][1] = ivec_zero();
    for (size_t k = 0; k < t->steps; k++) {
        ivec w0 = ivec_load(w + k * NR * GROUP), w1 = ivec_load(w + (k * NR + VEC) * GROUP);
#pragma GCC unroll 16
        for (size_t r = 0; r < rows; r++) {
            ivec four = x_spread(x + r * x_stride + k * GROUP);
            sum[r][0] = ivec_dot(sum[r][0], four, w0);
            sum[r][1] = ivec_dot(sum[r][1], four, w1);
        }
    }
#pragma GCC unroll 16
    for (size_t r = 0; r < rows; r++) {
        finish(t, r, 0, sum[r][0]);
        finish(t, r, VEC, sum[r][1]);
    }
}

const struct nn_reduced NN_TABLE = {
    .name = NN_NAME,
    .packed_size = packed_size,
    .pack = pack,
    .linear = linear,
};
