/* SPDX-License-Identifier: Apache-2.0
 *
 * int8 with vectors, compiled once an instruction set, and once more in plain C for tests.
 *
 * In front of the panels stand the columns' scales, and the sums of their whole numbers, which
 * take the rows' zero points out again, each [spans, columns]. The sums of a span are exact, so
 * their order is free; the spans are added up in fp32 in their order. */
#include "nn/kernel/int8_spec.h"
#include "nn/kernel/vec_int8.h"

#if defined __AVXVNNI__
#define ROWS 6 /* 6 × 2 sums, 2 of the panel, 1 of x: 15 of 16 registers */
#elif VEC == 8
#define ROWS 5 /* 5 × 2 sums, 2, 1, ones, and the pairs under way */
#elif defined NN_PLAIN || defined __AVX512VNNI__
#define ROWS 14 /* 14 × 2 sums, 2 of the panel, 1 of x: 31 of 32 registers */
#else
#define ROWS 12
#endif
#define COLUMN_FLOATS(k) (2 * int8_spans(k))
#define ROW_SPANS(k) int8_spans(k)

typedef uint8_t x_el;
typedef int8_t w_el;

#include "nn/kernel/panels.h"

static void pack(const struct nn_linear *w, const float *weight)
{
    int8_t whole[INT8_SPAN], *panels = panels_of(w);
    size_t columns = columns_of(w->n), spans = int8_spans(w->k);
    float *scale = w->packed;
    int32_t *sums = (void *)(w->packed + spans * columns);
    memset(w->packed, 0, packed_size(w->n, w->k) * sizeof(float));
    for (size_t j = 0; j < w->n; j++) {
        for (size_t s = 0; s < spans; s++) {
            size_t from = s * INT8_SPAN, width = int8_span_width(w->k, s);
            scale[s * columns + j] = int8_weight_span(weight + j * w->k + from, width, whole);
            for (size_t k = 0; k < width; k++) {
                panels[panel_place(w, j, from + k)] = whole[k];
                sums[s * columns + j] += whole[k];
            }
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

static struct span x_span(const float *x, size_t width, uint8_t *to)
{
    struct int8_range r = range_of(x, width);
    size_t i = 0;
    for (; i + VEC <= width; i += VEC)
        x_store(to + i, whole_numbers(vec_load(x + i), &r));
    if (i < width) {
        uint8_t last[VEC];
        x_store(last, whole_numbers(vec_load_n(x + i, width - i), &r));
        memcpy(to + i, last, width - i);
    }
    return (struct span){ r.scale, (int32_t)r.zero };
}

static void x_row(const float *x, size_t k, uint8_t *to, struct span *ret_spans)
{
    for (size_t s = 0; s < int8_spans(k); s++)
        ret_spans[s] = x_span(x + s * INT8_SPAN, int8_span_width(k, s), to + s * INT8_SPAN);
    memset(to + k, 0, padded(k) - k);
}

/* ---- the product ---- */

/* Adds the sums of VEC columns from `at` of row r over span s. By value: an address would keep
 * them in memory. */
INLINE void add_sums(const struct tile *t, size_t r, size_t at, size_t s, ivec sum)
{
    struct span span = t->spans[r * t->n_spans + s];
    const float *scale = t->column + s * t->columns + at, *sums = scale + t->n_spans * t->columns;
    float *y = t->y + r * t->y_stride + at;
    sum = ivec_less(sum, ivec_set(span.zero), ivec_load(sums));
    vec v = vec_mul(ivec_float(sum), vec_load(scale));
    vec_store(y, vec_add(vec_load(y), vec_mul(v, vec_set(span.scale))));
}

INLINE void tile_span(const struct tile *t, size_t s, const uint8_t *x, const int8_t *w,
                      size_t steps, const size_t rows)
{
    ivec sum[ROWS][2];
    size_t x_stride = t->x_stride;
#pragma GCC unroll 16
    for (size_t r = 0; r < rows; r++)
        sum[r][0] = sum[r][1] = ivec_zero();
    for (size_t k = 0; k < steps; k++) {
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
        add_sums(t, r, 0, s, sum[r][0]);
        add_sums(t, r, VEC, s, sum[r][1]);
    }
}

INLINE void tile_rows(const struct tile *t, const size_t rows)
{
    const size_t span_steps = INT8_SPAN / GROUP;
    for (size_t r = 0; r < rows; r++) {
        float *y = t->y + r * t->y_stride;
        for (size_t at = 0; at < NR; at += VEC) {
            vec v = t->bias ? vec_load(t->bias + at) : vec_set(0.0f);
            vec_store(y + at, vec_add(v, t->add ? vec_load(y + at) : vec_set(0.0f)));
        }
    }
    for (size_t s = 0; s < t->n_spans; s++)
        tile_span(t, s, t->x + s * INT8_SPAN, t->panel + s * INT8_SPAN * NR,
                  min_size(span_steps, t->steps - s * span_steps), rows);
}

const struct nn_reduced NN_TABLE = {
    .name = NN_NAME,
    .packed_size = packed_size,
    .pack = pack,
    .linear = linear,
};
