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
 * depend on its neighbours.
 *
 * Attention uses the same tile, with queries side by side in a panel: scores are K · Qᵀ, a key a
 * row, so that the maximum, the exponentials and their sum run down the rows for NR queries at
 * once, and no vector is ever summed across. */
#include "nn/kernel/kernel.h"

#include <math.h>
#include <string.h>

#include "nn/kernel/vec.h"

#if VEC == 16
#define ROWS 14 /* 14 × 2 sums, 2 columns of the panel, 1 of x: 31 of 32 registers */
#else
#define ROWS 6 /* 6 × 2 sums, 2, 1: 15 of 16 */
#endif

#include "nn/kernel/tile.h"
#include "nn/kernel/vec_math.h"

#define NR (2 * (size_t)VEC)
#define KC_MAX ((size_t)1536)     /* a panel of it streams from the second-level cache */
#define A_MAX ((size_t)168 << 10) /* floats of a block of x: most of a second-level cache */

/* c[rows, NR] = (bias) + (c) + a[rows, kc] · b[kc, NR]. In the product and in the scores the
 * values of a stand side by side in k; in the mix of V those of one k do, NR a line. */
struct tile {
    const float *a;
    size_t a_stride, kc;
    const float *b; /* rows of NR or, in the mix, b_stride apart */
    size_t b_stride;
    const float *bias; /* [NR] or NULL */
    float *c;
    size_t c_stride;
    bool from_c;
};

/* The lines of c are asked for now, and are there when the sums are. */
INLINE void tile_start(const struct tile *t, const size_t rows, vec sum[ROWS][2])
{
    vec zero = vec_set(0.0f);
    vec start0 = t->bias ? vec_load(t->bias) : zero;
    vec start1 = t->bias ? vec_load(t->bias + VEC) : zero;
#pragma GCC unroll 16
    for (size_t r = 0; r < rows; r++) {
        __builtin_prefetch(t->c + r * t->c_stride, 1);
        sum[r][0] = start0;
        sum[r][1] = start1;
    }
}

INLINE void tile_end(const struct tile *t, const size_t rows, vec sum[ROWS][2])
{
    if (t->from_c) {
#pragma GCC unroll 16
        for (size_t r = 0; r < rows; r++) {
            const float *c = t->c + r * t->c_stride;
            sum[r][0] = vec_add(sum[r][0], vec_load(c));
            sum[r][1] = vec_add(sum[r][1], vec_load(c + VEC));
        }
    }
#pragma GCC unroll 16
    for (size_t r = 0; r < rows; r++) {
        vec_store(t->c + r * t->c_stride, sum[r][0]);
        vec_store(t->c + r * t->c_stride + VEC, sum[r][1]);
    }
}

/* a[r, k] stands at r · a_row + k · a_column: one of the two is 1. */
INLINE void tile_rows(const struct tile *t, const size_t rows, size_t a_row, size_t a_column,
                      size_t b_stride, const bool ahead)
{
    vec sum[ROWS][2];
    const float *a = t->a, *b = t->b;
    tile_start(t, rows, sum);
    for (size_t k = 0; k < t->kc; k++) {
        vec b0 = vec_load(b + k * b_stride), b1 = vec_load(b + k * b_stride + VEC);
        if (ahead)
            ask_ahead(b + k * b_stride, NR * sizeof *b);
#pragma GCC unroll 16
        for (size_t r = 0; r < rows; r++) {
            vec x = vec_set(a[r * a_row + k * a_column]);
            sum[r][0] = vec_fma(x, b0, sum[r][0]);
            sum[r][1] = vec_fma(x, b1, sum[r][1]);
        }
    }
    tile_end(t, rows, sum);
}

#define TILE_FUNCTIONS(n)                                                                          \
    static void tile_##n(const struct tile *t)                                                     \
    {                                                                                              \
        tile_rows(t, n, t->a_stride, 1, NR, true);                                                 \
    }                                                                                              \
    static void mix_##n(const struct tile *t)                                                      \
    {                                                                                              \
        tile_rows(t, n, 1, NR, t->b_stride, false);                                                \
    }
EACH_ROW_COUNT(TILE_FUNCTIONS)

#define TILE_ENTRY(n) [n] = tile_##n,
#define MIX_ENTRY(n) [n] = mix_##n,
static tile_function *const tile_functions[ROWS + 1] = { EACH_ROW_COUNT(TILE_ENTRY) };
static tile_function *const mix_functions[ROWS + 1] = { EACH_ROW_COUNT(MIX_ENTRY) };

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

/* NR floats at a, and as many at b */
INLINE void gelu_two(float *a, float *b)
{
    vec x[4] = { vec_load(a), vec_load(a + VEC), vec_load(b), vec_load(b + VEC) };
    vecs_gelu(x, 4);
    vec_store(a, x[0]);
    vec_store(a + VEC, x[1]);
    vec_store(b, x[2]);
    vec_store(b + VEC, x[3]);
}

static void simd_gelu(float *x, size_t n)
{
    for (; n >= 2 * NR; n -= 2 * NR, x += 2 * NR)
        gelu_two(x, x + NR);
    FOR_EACH_VEC(x, n, vec_gelu);
}

static void simd_activate(enum nn_act act, float *x, size_t n)
{
    switch (act) {
    case NN_GELU:
        simd_gelu(x, n);
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

/* NR columns of some rows */
static void activate_rows(enum nn_act act, float *c, size_t stride, size_t rows)
{
    size_t r = 0;
    for (; act == NN_GELU && r + 2 <= rows; r += 2)
        gelu_two(c + r * stride, c + (r + 1) * stride);
    for (; r < rows; r++)
        simd_activate(act, c + r * stride, NR);
}

/* to[columns, NR] = from[rows, columns] transposed, with at most NR rows; the places past them
 * are zero. */
static void transpose_panel(const float *from, size_t stride, size_t rows, size_t columns,
                            float *to)
{
    size_t r = 0;
    for (size_t lane = rows / VEC * VEC; lane < NR; lane += VEC)
        for (size_t c = 0; c < columns; c++)
            vec_store(to + c * NR + lane, vec_set(0.0f));
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
}

/* One tile behind the sums: those of the last tile may still be under way. */
static void activate_tile(const struct block *b, size_t j, size_t i, size_t rows)
{
    size_t n = b->p->w->n;
    if (b->last && b->p->act != NN_IDENTITY && n - j >= NR)
        activate_rows(b->p->act, b->y + i * n + j, n, min_size(rows, b->rows - i));
}

static void block_times_panels(const struct block *b)
{
    size_t height = tile_height(b->rows);
    for (size_t j = 0; j < b->p->w->n; j += NR) {
        size_t i = 0;
        for (; i < b->rows; i += height) {
            panel_rows(b, j, i, min_size(height, b->rows - i));
            if (i)
                activate_tile(b, j, i - height, height);
        }
        activate_tile(b, j, i - height, height);
    }
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

/* Down the columns of s [len, NR], a query each: s = exp(s - max), inverse = 1 / sum. */
static void softmax_columns(float *s, size_t len, float *inverse)
{
    vec top0 = vec_load(s), top1 = vec_load(s + VEC);
    vec sum0 = vec_set(0.0f), sum1 = sum0, one = vec_set(1.0f);
    for (size_t j = 1; j < len; j++) {
        top0 = vec_max(top0, vec_load(s + j * NR));
        top1 = vec_max(top1, vec_load(s + j * NR + VEC));
    }
    for (size_t j = 0; j < len; j++) {
        vec e0 = vec_exp(vec_sub(vec_load(s + j * NR), top0));
        vec e1 = vec_exp(vec_sub(vec_load(s + j * NR + VEC), top1));
        vec_store(s + j * NR, e0);
        vec_store(s + j * NR + VEC, e1);
        sum0 = vec_add(sum0, e0);
        sum1 = vec_add(sum1, e1);
    }
    vec_store(inverse, vec_div(one, sum0));
    vec_store(inverse + VEC, vec_div(one, sum1));
}

struct head {
    const float *q, *k, *v; /* [len, width], rows `stride` apart */
    size_t stride, len, width;
    float *queries; /* [width, NR]: NR queries side by side */
    float *scores;  /* [len, NR]: a key a row */
    float *values;  /* V in panels, when a row of it is no whole panels; or NULL */
    float *ctx;
    size_t ctx_stride;
};

/* ctx = Pᵀ · V for queries [i, i + rows) of the panel at q. */
static void mix_values(const struct head *h, size_t q, size_t i, size_t rows, const float *inverse)
{
    float mixed[ROWS * NR];
    for (size_t d = 0; d < h->width; d += NR) {
        mix_functions[rows](&(struct tile){ .a = h->scores + i,
                                            .kc = h->len,
                                            .b = h->values ? h->values + d * h->len : h->v + d,
                                            .b_stride = h->values ? NR : h->stride,
                                            .c = mixed,
                                            .c_stride = NR });
        for (size_t r = 0; r < rows; r++)
            store_scaled(h->ctx + (q + i + r) * h->ctx_stride + d, mixed + r * NR, inverse[i + r],
                         min_size(NR, h->width - d));
    }
}

/* NR queries of one head, or the rest of them: scores, softmax, their mix of V. */
static void attend_panel(const struct head *h, size_t q)
{
    float inverse[NR];
    size_t n = min_size(NR, h->len - q);
    transpose_panel(h->q + q * h->stride, h->stride, n, h->width, h->queries);
    size_t height = tile_height(h->len);
    for (size_t j = 0; j < h->len; j += height)
        tile_functions[min_size(height, h->len - j)](&(struct tile){ .a = h->k + j * h->stride,
                                                                     .a_stride = h->stride,
                                                                     .kc = h->width,
                                                                     .b = h->queries,
                                                                     .c = h->scores + j * NR,
                                                                     .c_stride = NR });
    softmax_columns(h->scores, h->len, inverse);
    height = tile_height(n);
    for (size_t i = 0; i < n; i += height)
        mix_values(h, q, i, min_size(height, n - i), inverse);
}

static void simd_attention(const struct nn_attention *a)
{
    size_t hidden = a->heads * a->width, stride = 3 * hidden;
    for (size_t n = 0; n < a->heads; n++) {
        const float *q = a->qkv + n * a->width;
        struct head h = {
            .q = q,
            .k = q + hidden,
            .v = q + 2 * hidden,
            .stride = stride,
            .len = a->len,
            .width = a->width,
            .queries = a->scratch,
            .scores = a->scratch + a->width * NR,
            .ctx = a->ctx + n * a->width,
            .ctx_stride = hidden,
        };
        if (a->width % NR) {
            h.values = h.scores + a->len * NR;
            pack_values(h.v, stride, a->len, a->width, h.values);
        }
        for (size_t i = 0; i < a->len; i += NR)
            attend_panel(&h, i);
    }
}

#define CHAINS 4 /* sums side by side: one alone would wait for each addition */

static float sum_chains(const vec sums[CHAINS])
{
    return vec_sum(vec_add(vec_add(sums[0], sums[1]), vec_add(sums[2], sums[3])));
}

/* y = a (+ b); returns its sum. */
static float sum_of(const float *a, const float *b, size_t n, float *y)
{
    vec sums[CHAINS] = { vec_set(0.0f), vec_set(0.0f), vec_set(0.0f), vec_set(0.0f) };
    size_t i = 0;
    for (; i + CHAINS * VEC <= n; i += CHAINS * VEC) {
#pragma GCC unroll 4
        for (size_t c = 0; c < CHAINS; c++) {
            vec v = vec_load(a + i + c * VEC);
            v = b ? vec_add(v, vec_load(b + i + c * VEC)) : v;
            vec_store(y + i + c * VEC, v);
            sums[c] = vec_add(sums[c], v);
        }
    }
    for (; i < n; i += VEC) {
        size_t rest = min_size(VEC, n - i);
        vec v = vec_load_n(a + i, rest);
        v = b ? vec_add(v, vec_load_n(b + i, rest)) : v;
        vec_store_n(y + i, v, rest);
        sums[0] = vec_add(sums[0], v);
    }
    return sum_chains(sums);
}

/* Σ (y - mean)² */
static float spread_of(const float *y, float mean, size_t n)
{
    vec m = vec_set(mean);
    vec sums[CHAINS] = { vec_set(0.0f), vec_set(0.0f), vec_set(0.0f), vec_set(0.0f) };
    size_t i = 0;
    for (; i + CHAINS * VEC <= n; i += CHAINS * VEC) {
#pragma GCC unroll 4
        for (size_t c = 0; c < CHAINS; c++) {
            vec d = vec_sub(vec_load(y + i + c * VEC), m);
            sums[c] = vec_fma(d, d, sums[c]);
        }
    }
    for (; i + VEC <= n; i += VEC) {
        vec d = vec_sub(vec_load(y + i), m);
        sums[0] = vec_fma(d, d, sums[0]);
    }
    float spread = sum_chains(sums);
    for (; i < n; i++)
        spread += (y[i] - mean) * (y[i] - mean);
    return spread;
}

static void simd_layer_norm(const float *a, const float *b, const float *gain, const float *bias,
                            float eps, size_t n, float *y)
{
    float mean = sum_of(a, b, n, y) / (float)n, spread = spread_of(y, mean, n);
    vec m = vec_set(mean), scale = vec_set(1.0f / sqrtf(spread / (float)n + eps));
    size_t i = 0;
    for (; i + VEC <= n; i += VEC) {
        vec d = vec_mul(vec_sub(vec_load(y + i), m), scale);
        vec_store(y + i, vec_fma(d, vec_load(gain + i), vec_load(bias + i)));
    }
    if (i < n) {
        vec d = vec_mul(vec_sub(vec_load_n(y + i, n - i), m), scale);
        d = vec_fma(d, vec_load_n(gain + i, n - i), vec_load_n(bias + i, n - i));
        vec_store_n(y + i, d, n - i);
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
