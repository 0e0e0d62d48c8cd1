/* SPDX-License-Identifier: Apache-2.0
 *
 * int8 with vectors, compiled once an instruction set, and once more in plain C for tests.
 *
 * In front of the panels stand the columns' scales, and the sums of their whole numbers with the
 * sign turned, which take the rows' zero points out again, each [spans, columns]. The sums of a
 * span are exact, so their order is free; the spans are added up in fp32 in their order. */
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
    int32_t *less = (void *)(w->packed + spans * columns);
    memset(w->packed, 0, packed_size(w->n, w->k) * sizeof(float));
    for (size_t j = 0; j < w->n; j++) {
        for (size_t s = 0; s < spans; s++) {
            size_t from = s * INT8_SPAN, width = int8_span_width(w->k, s);
            scale[s * columns + j] = int8_weight_span(weight + j * w->k + from, width, whole);
            for (size_t k = 0; k < width; k++) {
                panels[panel_place(w, j, from + k)] = whole[k];
                less[s * columns + j] -= whole[k];
            }
        }
    }
}

/* ---- x to whole numbers ---- */

/* What a span of a row has been seen to hold: its largest component, its least with the sign
 * turned, 0 among them, and what is not a number wherever a component is not finite. */
struct seen {
    vec top, under, poison;
};

INLINE void see(struct seen *s, vec x)
{
    vec none = vec_set(0.0f);
    s->top = vec_max(x, s->top);
    s->under = vec_max(vec_sub(none, x), s->under);
    s->poison = vec_fma(x, none, s->poison);
}

INLINE struct int8_range range_of(const struct seen *s)
{
    float top, under;
    vec_tops(s->top, s->under, &top, &under);
    return int8_range_of(-under, top, vec_has_nan(s->poison) ? NAN : 0.0f);
}

/* For whole spans `width` is a constant, and the loops have no tests. */
INLINE struct span x_span(const float *x, const size_t width, uint8_t *to)
{
    vec none = vec_set(0.0f);
    struct seen seen = { none, none, none };
    size_t i = 0;
#pragma GCC unroll 16
    for (; i + VEC <= width; i += VEC)
        see(&seen, vec_load(x + i));
    if (i < width)
        see(&seen, vec_load_n(x + i, width - i));
    struct int8_range r = range_of(&seen);
    vec inverse = vec_set(r.inverse);
    ivec zero = ivec_set((int32_t)r.zero);
#pragma GCC unroll 16
    for (i = 0; i + VEC <= width; i += VEC)
        x_store(to + i, vec_mul(vec_load(x + i), inverse), zero);
    if (i < width) {
        uint8_t last[VEC];
        x_store(last, vec_mul(vec_load_n(x + i, width - i), inverse), zero);
        memcpy(to + i, last, width - i);
    }
    return (struct span){ r.scale, (int32_t)r.zero };
}

static void x_row(const float *x, size_t k, uint8_t *to, struct span *ret_spans)
{
    size_t at = 0;
    for (; at + INT8_SPAN <= k; at += INT8_SPAN)
        *ret_spans++ = x_span(x + at, INT8_SPAN, to + at);
    if (at < k)
        *ret_spans = x_span(x + at, k - at, to + at);
    memset(to + k, 0, padded(k) - k);
}

/* ---- the product ---- */

/* y += sum · scale of the column · scale of the row. By value: an address would keep the sums in
 * memory. */
INLINE void add_sum(float *y, ivec sum, vec column, vec row)
{
    vec_store(y, vec_fma(vec_mul(ivec_float(sum), column), row, vec_load(y)));
}

/* A sum begins with the zero point's part, taken out beforehand. */
INLINE void tile_span(const struct tile *t, size_t s, const uint8_t *x, const int8_t *w,
                      size_t steps, const size_t rows)
{
    ivec sum[ROWS][2];
    size_t x_stride = t->x_stride, n_spans = t->n_spans, y_stride = t->y_stride;
    const float *scale = t->column + s * t->columns, *of = scale + n_spans * t->columns;
    ivec less0 = ivec_load(of), less1 = ivec_load(of + VEC);
    const struct span *span = t->spans + s;
#pragma GCC unroll 16
    for (size_t r = 0; r < rows; r++) {
        ivec zero = ivec_set(span[r * n_spans].zero);
        sum[r][0] = ivec_times(zero, less0);
        sum[r][1] = ivec_times(zero, less1);
    }
    for (size_t k = 0; k < steps; k++) {
        ivec w0 = ivec_load(w + k * NR * GROUP), w1 = ivec_load(w + (k * NR + VEC) * GROUP);
        ask_ahead(w + k * NR * GROUP, NR * GROUP * sizeof *w);
#pragma GCC unroll 16
        for (size_t r = 0; r < rows; r++) {
            ivec four = x_spread(x + r * x_stride + k * GROUP);
            sum[r][0] = ivec_dot(sum[r][0], four, w0);
            sum[r][1] = ivec_dot(sum[r][1], four, w1);
        }
    }
    // What y holds could be anything to the compiler: it is told that the columns stay the same.
    vec scale0 = vec_load(scale), scale1 = vec_load(scale + VEC);
    float *y = t->y;
#pragma GCC unroll 16
    for (size_t r = 0; r < rows; r++, span += n_spans, y += y_stride) {
        vec row = vec_set(span->scale);
        add_sum(y, sum[r][0], scale0, row);
        add_sum(y + VEC, sum[r][1], scale1, row);
    }
}

/* y = bias (+ y), where the spans are added. */
INLINE void start_rows(const struct tile *t, const size_t rows)
{
    vec none = vec_set(0.0f), bias0 = t->bias ? vec_load(t->bias) : none;
    vec bias1 = t->bias ? vec_load(t->bias + VEC) : none;
    size_t y_stride = t->y_stride;
    bool add = t->add;
    float *y = t->y;
#pragma GCC unroll 16
    for (size_t r = 0; r < rows; r++, y += y_stride) {
        vec_store(y, vec_add(bias0, add ? vec_load(y) : none));
        vec_store(y + VEC, vec_add(bias1, add ? vec_load(y + VEC) : none));
    }
}

INLINE void tile_rows(const struct tile *t, const size_t rows)
{
    const size_t span_steps = INT8_SPAN / GROUP;
    start_rows(t, rows);
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
