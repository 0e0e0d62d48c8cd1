/* SPDX-License-Identifier: Apache-2.0
 *
 * The walk of a product in reduced precision, for int8.c and bf16.c. W is packed in panels of NR
 * columns of y, panel[step][NR][GROUP], a step being GROUP columns of x. x is taken a block of
 * rows at a time; each row of it is converted once, then
 *
 *     for each panel                       streams from the second-level cache
 *       for each ROWS rows                 ROWS × NR sums stay in registers over all of k
 *
 * The including file has defined VEC, GROUP, ROWS, the types x_el and w_el, COLUMN_FLOATS(k)
 * (floats a column in front of the panels) and ROW_SPANS(k) (of struct span, a row of x), and
 * defines x_row and tile_rows. The build gives NN_TABLE, NN_NAME, and NN_BASE, whose activations
 * are used. */
#ifndef NN_KERNEL_PANELS_H
#define NN_KERNEL_PANELS_H

#include <stdint.h>
#include <string.h>

#include "nn/kernel/precision.h"
#include "nn/kernel/tile.h"

#define NR (2 * (size_t)VEC)
#define X_BYTES ((size_t)320 << 10) /* of a block: most of a second-level cache */

extern const struct nn_kernels NN_BASE;

/* What undoes the conversion of a part of a row of x. */
struct span {
    float scale;
    int32_t zero;
};

/* y[rows, NR] = x[rows, steps · GROUP] · panel, with bias and what y held */
struct tile {
    const x_el *x;
    size_t x_stride, steps;
    const w_el *panel;
    const struct span *spans; /* [rows, n_spans] */
    size_t n_spans;
    const float *column; /* the columns' own floats, the next ones of a column `columns` apart */
    size_t columns;
    const float *bias; /* [NR] or NULL */
    float *y;
    size_t y_stride;
    bool add;
};

/* Converts a row; to[k … padded k) are zeros. */
static void x_row(const float *x, size_t k, x_el *to, struct span *ret_spans);
INLINE void tile_rows(const struct tile *t, const size_t rows);

static inline size_t columns_of(size_t n)
{
    return (n + NR - 1) / NR * NR;
}

/* Columns of x with those that make the last step whole. */
static inline size_t padded(size_t k)
{
    return (k + GROUP - 1) / GROUP * GROUP;
}

static size_t packed_size(size_t n, size_t k)
{
    return columns_of(n) * (COLUMN_FLOATS(k) + padded(k) * sizeof(w_el) / sizeof(float));
}

static inline w_el *panels_of(const struct nn_linear *w)
{
    return (void *)(w->packed + columns_of(w->n) * COLUMN_FLOATS(w->k));
}

/* Where column j's element k stands in the panels. */
static inline size_t panel_place(const struct nn_linear *w, size_t j, size_t k)
{
    return j / NR * NR * padded(w->k) + (k / GROUP * NR + j % NR) * GROUP + k % GROUP;
}

#define TILE_FUNCTION(n)                                                                           \
    static void tile_##n(const struct tile *t)                                                     \
    {                                                                                              \
        tile_rows(t, n);                                                                           \
    }
EACH_ROW_COUNT(TILE_FUNCTION)

#define TILE_ENTRY(n) [n] = tile_##n,
static tile_function *const tile_functions[ROWS + 1] = { EACH_ROW_COUNT(TILE_ENTRY) };

/* A panel that is cut by the right edge of y, or that has an activation, goes through a full one
 * on the side. For a whole one `width` is a constant, and copying a row is a few instructions. */
INLINE void tile_on_the_side(const struct nn_product *p, struct tile t, size_t rows,
                             const size_t width)
{
    float side[ROWS * NR], bias[NR] = { 0 }, *y = t.y;
    size_t bytes = width * sizeof(float), stride = t.y_stride;
    if (t.add)
        memset(side, 0, sizeof side);
    for (size_t r = 0; t.add && r < rows; r++)
        memcpy(side + r * NR, y + r * stride, bytes);
    if (t.bias)
        t.bias = memcpy(bias, t.bias, bytes);
    t.y = side;
    t.y_stride = NR;
    tile_functions[rows](&t);
    NN_BASE.activate(p->act, side, rows * NR);
    for (size_t r = 0; r < rows; r++)
        memcpy(y + r * stride, side + r * NR, bytes);
}

struct block {
    const struct nn_product *p;
    const x_el *x;            /* [rows, padded k] */
    const struct span *spans; /* [rows, n_spans] */
    size_t n_spans, rows;
    float *y;
};

static void block_times_panel(const struct block *b, size_t j)
{
    const struct nn_linear *w = b->p->w;
    size_t k = padded(w->k), width = min_size(NR, w->n - j), height = tile_height(b->rows);
    for (size_t i = 0; i < b->rows; i += height) {
        size_t rows = min_size(height, b->rows - i);
        struct tile t = {
            .x = b->x + i * k,
            .x_stride = k,
            .steps = k / GROUP,
            .panel = panels_of(w) + j * k,
            .spans = b->spans + i * b->n_spans,
            .n_spans = b->n_spans,
            .column = w->packed + j,
            .columns = columns_of(w->n),
            .bias = w->bias ? w->bias + j : NULL,
            .y = b->y + i * w->n + j,
            .y_stride = w->n,
            .add = b->p->add,
        };
        if (width < NR)
            tile_on_the_side(b->p, t, rows, width);
        else if (b->p->act != NN_IDENTITY)
            tile_on_the_side(b->p, t, rows, NR);
        else
            tile_functions[rows](&t);
    }
}

static void linear(const struct nn_product *p)
{
    size_t k = padded(p->w->k), spans = ROW_SPANS(p->w->k);
    size_t most = X_BYTES / (k * sizeof(x_el) + spans * sizeof(struct span)) / ROWS * ROWS;
    most = most < ROWS ? ROWS : most;
    x_el *x = (void *)p->scratch;
    struct span *span = (struct span *)(void *)(x + (most * k + 15) / 16 * 16);
    for (size_t i = 0; i < p->rows; i += most) {
        struct block b = { p, x, span, spans, min_size(most, p->rows - i), p->y + i * p->w->n };
        for (size_t r = 0; r < b.rows; r++)
            x_row(p->x + (i + r) * p->w->k, p->w->k, x + r * k, span + r * spans);
        for (size_t j = 0; j < p->w->n; j += NR)
            block_times_panel(&b, j);
    }
}

#endif
