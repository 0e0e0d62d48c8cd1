/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernels with vectors, compiled once an instruction set (NN_SIMD_TABLE and NN_SIMD_NAME are
 * given by the build).
 *
 * The linear layers are a packed product. W is packed in panels of NR columns of y; x is taken
 * ROWS rows at a time, kc columns of it at a time:
 *
 *     for each block of mc rows of x           a block of x stays in the second-level cache
 *       for each block of kc columns of x
 *         for each panel                       a panel's kc × NR stay in the caches
 *           for each ROWS rows                 ROWS × NR sums stay in registers
 *
 * A sum starts with the bias, runs over k in order and is kept in fp32 between the blocks of k:
 * the same chain of operations for every row, whatever its place, so that a row's bits do not
 * depend on its neighbours. Attention uses the same tile for Q · Kᵀ and for P · V. */
#include "nn/kernel/kernel.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "nn/kernel/vec.h"

#if VEC == 16
#define ROWS 14 /* 14 × 2 sums, 2 columns of the panel, 1 of x: 31 of 32 registers */
#else
#define ROWS 6 /* 6 × 2 sums, 2, 1: 15 of 16 */
#endif
#define NR (2 * (size_t)VEC)
#define KC_MAX ((size_t)1536)     /* a panel of it streams from the second-level cache */
#define A_MAX ((size_t)168 << 10) /* floats of a block of x: most of a second-level cache */

#define INLINE static inline __attribute__((always_inline))

static inline size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* c[rows, NR] = (bias) + (c) + a[rows, kc] · b[kc, NR] */
struct tile {
    const float *a;
    size_t a_stride, kc;
    const float *b;    /* 64-byte aligned */
    const float *bias; /* [NR] or NULL */
    float *c;
    size_t c_stride;
    bool from_c;
};

INLINE void tile_rows(const struct tile *t, const size_t rows)
{
    vec sum[ROWS][2];
    const float *a = t->a, *b = t->b;
    size_t a_stride = t->a_stride;
    vec zero = vec_set(0.0f);
    vec start0 = t->bias ? vec_load(t->bias) : zero;
    vec start1 = t->bias ? vec_load(t->bias + VEC) : zero;
#pragma GCC unroll 16
    for (size_t r = 0; r < rows; r++) {
        const float *c = t->c + r * t->c_stride;
        sum[r][0] = t->from_c ? vec_add(start0, vec_load(c)) : start0;
        sum[r][1] = t->from_c ? vec_add(start1, vec_load(c + VEC)) : start1;
    }
    for (size_t k = 0; k < t->kc; k++) {
        vec b0 = vec_load(b + k * NR), b1 = vec_load(b + k * NR + VEC);
#pragma GCC unroll 16
        for (size_t r = 0; r < rows; r++) {
            vec x = vec_set(a[r * a_stride + k]);
            sum[r][0] = vec_fma(x, b0, sum[r][0]);
            sum[r][1] = vec_fma(x, b1, sum[r][1]);
        }
    }
#pragma GCC unroll 16
    for (size_t r = 0; r < rows; r++) {
        vec_store(t->c + r * t->c_stride, sum[r][0]);
        vec_store(t->c + r * t->c_stride + VEC, sum[r][1]);
    }
}

/* One function a row count: the sums must be registers, so the count must be a constant. */
#define TILE_FUNCTION(n)                                                                           \
    static void tile_##n(const struct tile *t)                                                     \
    {                                                                                              \
        tile_rows(t, n);                                                                           \
    }
TILE_FUNCTION(1)
TILE_FUNCTION(2)
TILE_FUNCTION(3)
TILE_FUNCTION(4)
TILE_FUNCTION(5)
TILE_FUNCTION(6)
#if ROWS > 6
TILE_FUNCTION(7)
TILE_FUNCTION(8)
TILE_FUNCTION(9)
TILE_FUNCTION(10)
TILE_FUNCTION(11)
TILE_FUNCTION(12)
TILE_FUNCTION(13)
TILE_FUNCTION(14)
#endif

static void (*const tile_functions[ROWS + 1])(const struct tile *) = {
    NULL,   tile_1, tile_2, tile_3,  tile_4,  tile_5,  tile_6,
#if ROWS > 6
    tile_7, tile_8, tile_9, tile_10, tile_11, tile_12, tile_13, tile_14,
#endif
};

/* eˣ for x ≤ 0, relative error 1e-7: x = n·ln 2 + r, eʳ by a polynomial. Below -87 the result
 * stays near 1e-38. */
INLINE vec vec_exp(vec x)
{
    x = vec_max(x, vec_set(-87.3f));
    vec n = vec_round(vec_mul(x, vec_set(1.44269504f)));
    vec r = vec_fma(n, vec_set(-0.693359375f), x); // ln 2 in two parts
    r = vec_fma(n, vec_set(2.12194440e-4f), r);
    vec p = vec_set(1.392692661e-03f);
    p = vec_fma(p, r, vec_set(8.363773874e-03f));
    p = vec_fma(p, r, vec_set(4.166655011e-02f));
    p = vec_fma(p, r, vec_set(1.666657338e-01f));
    p = vec_fma(p, r, vec_set(0.5f));
    p = vec_fma(vec_mul(r, r), p, r);
    return vec_scale2(vec_add(p, vec_set(1.0f)), n);
}

/* erf(z)/z as a polynomial in u = 2z²/3.92² - 1, a Chebyshev fit; past 3.92 erf is 1 in fp32. */
static const float erf_terms[] = {
    -9.000014397e-04f, 2.124123275e-03f, -1.192202908e-03f, 1.833373331e-03f,
    -7.950687781e-03f, 1.432561595e-02f, -1.978485845e-02f, 2.962136827e-02f,
    -4.351752624e-02f, 5.842158943e-02f, -7.400415093e-02f, 9.059291333e-02f,
    -1.091805398e-01f, 1.340847909e-01f, -1.801085919e-01f, 3.607368171e-01f,
};

/* x/2 · (1 + erf(x/√2)); erf to 2e-7 */
INLINE vec vec_gelu(vec x)
{
    vec z = vec_mul(x, vec_set(0.70710678f));
    z = vec_min(vec_max(z, vec_set(-3.92f)), vec_set(3.92f));
    vec u = vec_fma(vec_mul(z, z), vec_set(1.301541025e-01f), vec_set(-1.0f));
    vec p = vec_set(erf_terms[0]);
#pragma GCC unroll 16
    for (size_t i = 1; i < 16; i++)
        p = vec_fma(p, u, vec_set(erf_terms[i]));
    vec half = vec_mul(x, vec_set(0.5f));
    return vec_fma(half, vec_mul(z, p), half);
}

/* With w = √(2/π)(x + 0.044715x³): x/2 · (1 + tanh w) = x / (1 + e⁻²ʷ), by |w| so that the
 * exponential stays below 1. */
INLINE vec vec_gelu_tanh(vec x)
{
    vec w2 = vec_mul(vec_mul(x, x), vec_set(0.044715f));
    vec w = vec_mul(vec_fma(w2, x, x), vec_set(2 * 0.79788456f));
    vec e = vec_exp(vec_min(w, vec_sub(vec_set(0.0f), w))); // e^-|2w|
    vec small = vec_div(vec_mul(x, e), vec_add(vec_set(1.0f), e));
    vec large = vec_div(x, vec_add(vec_set(1.0f), e));
    // x and w have one sign: max(x, 0) picks the large part for x ≥ 0, the small one below.
    return vec_add(vec_max(large, vec_set(0.0f)), vec_min(small, vec_set(0.0f)));
}

INLINE vec vec_relu(vec x)
{
    return vec_max(x, vec_set(0.0f));
}

#define FOR_EACH_VEC(x, n, f)                                                                      \
    do {                                                                                           \
        size_t i_ = 0;                                                                             \
        for (; i_ + VEC <= (n); i_ += VEC)                                                         \
            vec_store((x) + i_, f(vec_load((x) + i_)));                                            \
        if (i_ < (n))                                                                              \
            vec_store_n((x) + i_, f(vec_load_n((x) + i_, (n)-i_)), (n)-i_);                        \
    } while (0)

static void simd_activate(enum nn_act act, float *x, size_t n)
{
    switch (act) {
    case NN_GELU:
        FOR_EACH_VEC(x, n, vec_gelu);
        break;
    case NN_GELU_TANH:
        FOR_EACH_VEC(x, n, vec_gelu_tanh);
        break;
    case NN_RELU:
        FOR_EACH_VEC(x, n, vec_relu);
        break;
    case NN_TANH: // only in dense heads, on one row a text
    case NN_SIGMOID:
    case NN_IDENTITY:
        nn_kernels_generic.activate(act, x, n);
        break;
    }
}

/* to[columns, NR] = from[rows, columns] transposed, with at most NR rows; the places past them
 * are zero. */
static void transpose_panel(const float *from, size_t stride, size_t rows, size_t columns,
                            float *to)
{
    size_t r = 0;
    if (rows < NR)
        memset(to, 0, columns * NR * sizeof *to);
    for (; r + 4 <= rows; r += 4) {
        size_t c = 0;
        for (; c + 4 <= columns; c += 4)
            vec_transpose4(from + r * stride + c, stride, to + c * NR + r, NR);
        for (; c < columns; c++)
            for (size_t i = 0; i < 4; i++)
                to[c * NR + r + i] = from[(r + i) * stride + c];
    }
    for (; r < rows; r++)
        for (size_t c = 0; c < columns; c++)
            to[c * NR + r] = from[r * stride + c];
}

/* packed[p][k][NR]: NR rows of the weight side by side; columns past n are zero. */
static void simd_pack(const struct nn_linear *w, const float *weight)
{
    for (size_t j = 0; j < w->n; j += NR)
        transpose_panel(weight + j * w->k, w->k, min_size(NR, w->n - j), w->k,
                        w->packed + j * w->k);
}

/* One block of x (rows × kc at column k0) against all panels. */
struct block {
    const struct nn_product *p;
    const float *x;
    size_t x_stride, rows, k0, kc;
    float *y;
    bool first, last;
};

/* A panel that is cut by the right edge of y goes through a full one on the side. */
static void panel_at_edge(const struct block *b, struct tile t, size_t rows, size_t width)
{
    float side[ROWS * NR] = { 0 }, bias[NR] = { 0 };
    float *c = t.c;
    size_t bytes = width * sizeof(float);
    for (size_t r = 0; r < rows; r++)
        memcpy(side + r * NR, c + r * t.c_stride, bytes);
    if (t.bias)
        t.bias = memcpy(bias, t.bias, bytes);
    size_t c_stride = t.c_stride;
    t.c = side;
    t.c_stride = NR;
    tile_functions[rows](&t);
    for (size_t r = 0; r < rows; r++) {
        memcpy(c + r * c_stride, side + r * NR, bytes);
        if (b->last)
            simd_activate(b->p->act, c + r * c_stride, width);
    }
}

static void panel_rows(const struct block *b, size_t j, size_t i, size_t rows)
{
    const struct nn_linear *w = b->p->w;
    struct tile t = {
        .a = b->x + i * b->x_stride,
        .a_stride = b->x_stride,
        .kc = b->kc,
        .b = w->packed + j * w->k + b->k0 * NR,
        .bias = b->first && w->bias ? w->bias + j : NULL,
        .c = b->y + i * w->n + j,
        .c_stride = w->n,
        .from_c = !b->first || b->p->add,
    };
    if (w->n - j < NR) {
        panel_at_edge(b, t, rows, w->n - j);
        return;
    }
    tile_functions[rows](&t);
    if (b->last && b->p->act != NN_IDENTITY)
        for (size_t r = 0; r < rows; r++)
            simd_activate(b->p->act, t.c + r * t.c_stride, NR);
}

static void block_times_panels(const struct block *b)
{
    for (size_t j = 0; j < b->p->w->n; j += NR)
        for (size_t i = 0; i < b->rows; i += ROWS)
            panel_rows(b, j, i, min_size(ROWS, b->rows - i));
}

/* Rows of x far apart in memory fall on the same lines of the first-level cache: a block that is
 * narrower than x is copied together. */
static void pull_together(struct block *b, float *scratch)
{
    for (size_t i = 0; i < b->rows; i++)
        memcpy(scratch + i * b->kc, b->x + i * b->x_stride, b->kc * sizeof *scratch);
    b->x = scratch;
    b->x_stride = b->kc;
}

static void simd_linear(const struct nn_product *p)
{
    size_t k = p->w->k, blocks = (k + KC_MAX - 1) / KC_MAX;
    size_t kc = (k + blocks - 1) / blocks, mc = A_MAX / kc / ROWS * ROWS;
    for (size_t i = 0; i < p->rows; i += mc) {
        for (size_t k0 = 0; k0 < k; k0 += kc) {
            struct block b = {
                .p = p,
                .x = p->x + i * k + k0,
                .x_stride = k,
                .rows = min_size(mc, p->rows - i),
                .k0 = k0,
                .kc = min_size(kc, k - k0),
                .y = p->y + i * p->w->n,
                .first = k0 == 0,
                .last = k0 + kc >= k,
            };
            if (b.kc < k)
                pull_together(&b, p->scratch);
            block_times_panels(&b);
        }
    }
}

/* keys[panel][d][NR] from K [len, width]: the columns of Kᵀ in panels. */
static void pack_keys(const float *k, size_t stride, size_t len, size_t width, float *keys)
{
    for (size_t j = 0; j < len; j += NR)
        transpose_panel(k + j * stride, stride, min_size(NR, len - j), width, keys + j * width);
}

/* values[panel][j][NR] from V [len, width]; past width they are zero. */
static void pack_values(const float *v, size_t stride, size_t len, size_t width, float *values)
{
    for (size_t d = 0; d < width; d += NR) {
        float *panel = values + d * len;
        size_t n = min_size(NR, width - d);
        if (n < NR)
            memset(panel, 0, len * NR * sizeof *panel);
        for (size_t j = 0; j < len; j++)
            memcpy(panel + j * NR, v + j * stride + d, n * sizeof *panel);
    }
}

/* s[0..len) = exp(s - max(s)); returns 1 / their sum. s has room for whole vectors. */
static float exp_row(float *s, size_t len)
{
    size_t whole = (len + VEC - 1) / VEC * VEC;
    for (size_t j = len; j < whole; j++)
        s[j] = -FLT_MAX;
    vec top = vec_load(s), sum = vec_set(0.0f);
    for (size_t j = VEC; j < whole; j += VEC)
        top = vec_max(top, vec_load(s + j));
    top = vec_set(vec_top(top));
    for (size_t j = 0; j < whole; j += VEC) {
        vec e = vec_exp(vec_sub(vec_load(s + j), top));
        vec_store(s + j, e);
        sum = vec_add(sum, e);
    }
    // The places past len add about 1e-38 each to a sum of at least 1: nothing.
    return 1.0f / vec_sum(sum);
}

/* to[width] = from[width] · scale, a row of one head's result */
static void store_scaled(float *to, const float *from, float scale, size_t width)
{
    vec s = vec_set(scale);
    size_t d = 0;
    for (; d + VEC <= width; d += VEC)
        vec_store(to + d, vec_mul(vec_load(from + d), s));
    if (d < width)
        vec_store_n(to + d, vec_mul(vec_load_n(from + d, width - d), s), width - d);
}

struct head {
    const float *q; /* [len, width], rows `stride` apart */
    size_t stride, len, width, columns;
    float *scores; /* [ROWS, columns] */
    float *keys, *values;
    float *ctx;
    size_t ctx_stride;
};

/* ROWS tokens of one head at a time: scores, softmax, their mix of V. */
static void attend_rows(const struct head *h, size_t i, size_t rows)
{
    for (size_t j = 0; j < h->len; j += NR)
        tile_functions[rows](&(struct tile){ .a = h->q + i * h->stride,
                                             .a_stride = h->stride,
                                             .kc = h->width,
                                             .b = h->keys + j * h->width,
                                             .c = h->scores + j,
                                             .c_stride = h->columns });
    float scale[ROWS], mixed[ROWS * NR];
    for (size_t r = 0; r < rows; r++)
        scale[r] = exp_row(h->scores + r * h->columns, h->len);
    for (size_t d = 0; d < h->width; d += NR) {
        tile_functions[rows](&(struct tile){ .a = h->scores,
                                             .a_stride = h->columns,
                                             .kc = h->len,
                                             .b = h->values + d * h->len,
                                             .c = mixed,
                                             .c_stride = NR });
        for (size_t r = 0; r < rows; r++)
            store_scaled(h->ctx + (i + r) * h->ctx_stride + d, mixed + r * NR, scale[r],
                         min_size(NR, h->width - d));
    }
}

static void simd_attention(const struct nn_attention *a)
{
    size_t hidden = a->heads * a->width, stride = 3 * hidden;
    size_t columns = (a->len + NR - 1) / NR * NR;
    for (size_t n = 0; n < a->heads; n++) {
        const float *q = a->qkv + n * a->width;
        struct head h = {
            .q = q,
            .stride = stride,
            .len = a->len,
            .width = a->width,
            .columns = columns,
            .scores = a->scratch,
            .keys = a->scratch + ROWS * columns,
            .values = a->scratch + ROWS * columns + columns * a->width,
            .ctx = a->ctx + n * a->width,
            .ctx_stride = hidden,
        };
        pack_keys(q + hidden, stride, a->len, a->width, h.keys);
        pack_values(q + 2 * hidden, stride, a->len, a->width, h.values);
        for (size_t i = 0; i < a->len; i += ROWS)
            attend_rows(&h, i, min_size(ROWS, a->len - i));
    }
}

static void simd_layer_norm(const float *a, const float *b, const float *gain, const float *bias,
                            float eps, size_t n, float *y)
{
    vec total = vec_set(0.0f), spread = vec_set(0.0f);
    size_t i, whole = n / VEC * VEC, rest = n - whole;
    for (i = 0; i < whole; i += VEC) {
        vec v = b ? vec_add(vec_load(a + i), vec_load(b + i)) : vec_load(a + i);
        vec_store(y + i, v);
        total = vec_add(total, v);
    }
    if (rest) {
        vec v = vec_load_n(a + i, rest);
        v = b ? vec_add(v, vec_load_n(b + i, rest)) : v;
        vec_store_n(y + i, v, rest);
        total = vec_add(total, v);
    }
    float mean = vec_sum(total) / (float)n;
    vec m = vec_set(mean);
    for (i = 0; i < whole; i += VEC) {
        vec d = vec_sub(vec_load(y + i), m);
        spread = vec_fma(d, d, spread);
    }
    float var = vec_sum(spread);
    for (; i < n; i++)
        var += (y[i] - mean) * (y[i] - mean);

    vec scale = vec_set(1.0f / sqrtf(var / (float)n + eps));
    for (i = 0; i < whole; i += VEC) {
        vec d = vec_mul(vec_sub(vec_load(y + i), m), scale);
        vec_store(y + i, vec_fma(d, vec_load(gain + i), vec_load(bias + i)));
    }
    if (rest) {
        vec d = vec_mul(vec_sub(vec_load_n(y + i, rest), m), scale);
        d = vec_fma(d, vec_load_n(gain + i, rest), vec_load_n(bias + i, rest));
        vec_store_n(y + i, d, rest);
    }
}

static void simd_add_scaled(float *y, const float *x, float scale, size_t n)
{
    vec s = vec_set(scale);
    size_t i = 0;
    for (; i + VEC <= n; i += VEC)
        vec_store(y + i, vec_fma(vec_load(x + i), s, vec_load(y + i)));
    if (i < n)
        vec_store_n(y + i, vec_fma(vec_load_n(x + i, n - i), s, vec_load_n(y + i, n - i)), n - i);
}

static void simd_maximum(float *y, const float *x, size_t n)
{
    size_t i = 0;
    for (; i + VEC <= n; i += VEC)
        vec_store(y + i, vec_max(vec_load(x + i), vec_load(y + i)));
    if (i < n)
        vec_store_n(y + i, vec_max(vec_load_n(x + i, n - i), vec_load_n(y + i, n - i)), n - i);
}

static void simd_normalise(float *x, size_t n)
{
    vec sum = vec_set(0.0f);
    size_t i = 0;
    for (; i + VEC <= n; i += VEC)
        sum = vec_fma(vec_load(x + i), vec_load(x + i), sum);
    if (i < n)
        sum = vec_fma(vec_load_n(x + i, n - i), vec_load_n(x + i, n - i), sum);
    float norm = sqrtf(vec_sum(sum));
    store_scaled(x, x, 1.0f / (norm > 1e-12f ? norm : 1e-12f), n);
}

const struct nn_kernels NN_SIMD_TABLE = {
    .name = NN_SIMD_NAME,
    .panel = NR,
    .pack = simd_pack,
    .linear = simd_linear,
    .attention = simd_attention,
    .layer_norm = simd_layer_norm,
    .activate = simd_activate,
    .add_scaled = simd_add_scaled,
    .maximum = simd_maximum,
    .normalise = simd_normalise,
};
