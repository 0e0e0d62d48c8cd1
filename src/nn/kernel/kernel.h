/* SPDX-License-Identifier: Apache-2.0
 *
 * The arithmetic of the engine, as a table of functions. generic.c is plain C and is the
 * specification; simd.c is compiled once an instruction set; the best one that the CPU runs is
 * chosen once. A test holds every table against the generic one.
 *
 *     const struct nn_kernels *k = nn_kernels_best();
 *     struct nn_linear l = { .n = 1152, .k = 384, .bias = bias };
 *     l.packed = aligned_new(nn_packed_size(k, l.n, l.k), sizeof(float));
 *     k->pack(&l, weight);
 *     k->linear(&(struct nn_product){ .w = &l, .x = x, .rows = m, .y = y, .act = NN_GELU,
 *                                     .scratch = scratch });
 *
 * Every row of a result is the same bits whatever rows stand beside it: each sum runs in one
 * order that depends on the shape of a row alone, never on how many there are. */
#ifndef NN_KERNEL_KERNEL_H
#define NN_KERNEL_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

enum nn_act {
    NN_IDENTITY,
    NN_GELU,      /* x/2 · (1 + erf(x/√2)) */
    NN_GELU_TANH, /* x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))) */
    NN_RELU,
    NN_TANH,
    NN_SIGMOID,
};

/* Weights of y = x · Wᵀ + bias, in the layout of one table. */
struct nn_linear {
    size_t n, k;       /* columns of y, columns of x */
    float *packed;     /* [nn_packed_size]; 64-byte aligned */
    const float *bias; /* [n] or NULL */
};

struct nn_product {
    const struct nn_linear *w;
    const float *x; /* [rows, k] */
    size_t rows;
    float *y;        /* [rows, n] */
    enum nn_act act; /* applied to the sums */
    bool add;        /* the sums are added to what y holds */
    float *scratch;  /* [NN_LINEAR_SCRATCH]; 64-byte aligned */
};

/* One sequence's attention: per head, softmax(Q · Kᵀ) · V. Q is scaled by the caller. */
struct nn_attention {
    const float *qkv; /* [len, 3 · heads · width]: all Q, then all K, then all V of a token */
    size_t len, heads, width;
    float *ctx;     /* [len, heads · width] */
    float *scratch; /* [nn_attention_scratch(len, width)]; 64-byte aligned */
};

struct nn_kernels {
    const char *name;
    size_t panel; /* columns of y that are packed together */
    /* Floats that a packed weight [n, k] takes; NULL: whole panels of k floats a column. */
    size_t (*packed_size)(size_t n, size_t k);
    /* Packs weight [n, k] (row-major) into w->packed. */
    void (*pack)(const struct nn_linear *w, const float *weight);
    void (*linear)(const struct nn_product *p);
    void (*attention)(const struct nn_attention *a);
    /* y = (v - mean(v)) / √(var(v) + eps) · gain + bias, with v = a + b (b may be NULL). */
    void (*layer_norm)(const float *a, const float *b, const float *gain, const float *bias,
                       float eps, size_t n, float *y);
    void (*activate)(enum nn_act act, float *x, size_t n);
    void (*add_scaled)(float *y, const float *x, float scale, size_t n); /* y += scale · x */
    void (*maximum)(float *y, const float *x, size_t n);                 /* y = max(y, x) */
    void (*normalise)(float *x, size_t n); /* x /= max(‖x‖₂, 1e-12) */
};

#define NN_LINEAR_SCRATCH ((size_t)512 * 512)

static inline size_t nn_packed_size(const struct nn_kernels *k, size_t n, size_t width)
{
    if (k->packed_size)
        return k->packed_size(n, width);
    return (n + k->panel - 1) / k->panel * k->panel * width;
}

/* Enough for every table: of one head, a panel of queries, their scores, the values in panels. */
static inline size_t nn_attention_scratch(size_t len, size_t width)
{
    size_t padded = (width + 63) / 64 * 64;
    return 64 * width + len * (64 + padded);
}

extern const struct nn_kernels nn_kernels_generic;

/* The tables that this CPU runs, the best one last; at most `room` of them. */
size_t nn_kernels_available(const struct nn_kernels **ret, size_t room);

/* The best one, or the one that was forced. */
const struct nn_kernels *nn_kernels_best(void);

/* For tests and benchmarks, before any model is opened: false when this CPU has no such table.
 * NULL lifts it. */
bool nn_kernels_force(const char *name);

#endif
