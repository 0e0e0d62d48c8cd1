/* SPDX-License-Identifier: Apache-2.0
 *
 * bf16 with vectors, compiled once an instruction set, and once more in plain C for tests. A sum
 * runs over the steps of k in order, so that a row's bits do not depend on its neighbours. */
#include "nn/kernel/bf16_spec.h"
#include "nn/kernel/vec_bf16.h"

#if VEC == 8
#define ROWS 6 /* 6 × 2 sums, 2 of the panel, 1 of x: 15 of 16 registers */
#elif BF16_NATIVE
#define ROWS 14 /* 14 × 2, 2, 1: 31 of 32 */
#else
#define ROWS 12 /* 12 × 2, 2, 1, the mask of the upper halves */
#endif
#define COLUMN_FLOATS(k) 0
#define ROW_SPANS(k) 0

#if BF16_NATIVE
typedef uint16_t x_el;
#else
typedef float x_el;
#endif
typedef uint16_t w_el;

#include "nn/kernel/panels.h"

static void pack(const struct nn_linear *w, const float *weight)
{
    uint16_t *panels = panels_of(w);
    memset(w->packed, 0, packed_size(w->n, w->k) * sizeof(float));
    for (size_t j = 0; j < w->n; j++)
        for (size_t k = 0; k < w->k; k++)
            panels[panel_place(w, j, k)] = bf16_of(weight[j * w->k + k]);
}

static inline void x_store(x_el *to, vec v)
{
#if BF16_NATIVE
    bf16_store(to, v);
#else
    vec_store(to, bf16_round(v));
#endif
}

static void x_row(const float *x, size_t k, x_el *to, struct span *ret_spans)
{
    (void)ret_spans;
    size_t i = 0;
    for (; i + VEC <= k; i += VEC)
        x_store(to + i, vec_load(x + i));
    if (i < k) {
        x_el last[VEC];
        x_store(last, vec_load_n(x + i, k - i));
        memcpy(to + i, last, (k - i) * sizeof *to);
        memset(to + k, 0, (padded(k) - k) * sizeof *to);
    }
}

/* One step of all sums. */
INLINE void step(vec sum[ROWS][2], const x_el *x, size_t x_stride, const w_el *w, const size_t rows)
{
#if BF16_NATIVE
    pairs w0 = pairs_load(w), w1 = pairs_load(w + VEC * GROUP);
#pragma GCC unroll 16
    for (size_t r = 0; r < rows; r++) {
        pairs pair = pairs_spread(x + r * x_stride);
        sum[r][0] = pairs_dot(sum[r][0], pair, w0);
        sum[r][1] = pairs_dot(sum[r][1], pair, w1);
    }
#else
    vec w0 = bf16_low(w), w1 = bf16_low(w + VEC * GROUP);
#pragma GCC unroll 16
    for (size_t r = 0; r < rows; r++) {
        vec v = vec_set(x[r * x_stride]);
        sum[r][0] = vec_fma(v, w0, sum[r][0]);
        sum[r][1] = vec_fma(v, w1, sum[r][1]);
    }
    w0 = bf16_high(w);
    w1 = bf16_high(w + VEC * GROUP);
#pragma GCC unroll 16
    for (size_t r = 0; r < rows; r++) {
        vec v = vec_set(x[r * x_stride + 1]);
        sum[r][0] = vec_fma(v, w0, sum[r][0]);
        sum[r][1] = vec_fma(v, w1, sum[r][1]);
    }
#endif
}

INLINE void tile_rows(const struct tile *t, const size_t rows)
{
    vec sum[ROWS][2], zero = vec_set(0.0f);
    vec start0 = t->bias ? vec_load(t->bias) : zero;
    vec start1 = t->bias ? vec_load(t->bias + VEC) : zero;
#pragma GCC unroll 16
    for (size_t r = 0; r < rows; r++) {
        const float *y = t->y + r * t->y_stride;
        sum[r][0] = t->add ? vec_add(start0, vec_load(y)) : start0;
        sum[r][1] = t->add ? vec_add(start1, vec_load(y + VEC)) : start1;
    }
    for (size_t k = 0; k < t->steps; k++) {
        ask_ahead(t->panel + k * NR * GROUP, NR * GROUP * sizeof *t->panel);
        step(sum, t->x + k * GROUP, t->x_stride, t->panel + k * NR * GROUP, rows);
    }
#pragma GCC unroll 16
    for (size_t r = 0; r < rows; r++) {
        vec_store(t->y + r * t->y_stride, sum[r][0]);
        vec_store(t->y + r * t->y_stride + VEC, sum[r][1]);
    }
}

const struct nn_reduced NN_TABLE = {
    .name = NN_NAME,
    .packed_size = packed_size,
    .pack = pack,
    .linear = linear,
};
