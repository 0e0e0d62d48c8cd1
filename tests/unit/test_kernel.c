/* SPDX-License-Identifier: Apache-2.0
 *
 * nn/kernel: every table that this CPU runs against the generic one, on sizes that fit no vector,
 * and the generic one against sums in double. Says which tables ran. */
#include "tests/lib/test.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "nn/kernel/kernel.h"
#include "tests/lib/random.h"

static const struct nn_kernels *tables[8];
static size_t n_tables;

static void assert_near(const float *a, const float *b, size_t n, double tolerance,
                        const char *what)
{
    for (size_t i = 0; i < n; i++) {
        if (!(fabs((double)a[i] - (double)b[i]) <= tolerance)) {
            print_error("%s: at %zu: %.9g, expected %.9g\n", what, i, (double)a[i], (double)b[i]);
            fail();
        }
    }
}

/* ---- linear ---- */

struct shape {
    size_t rows, n, k;
    enum nn_act act;
    bool bias, add;
};

static const struct shape shapes[] = {
    { 1, 1, 1, NN_IDENTITY, false, false },    { 1, 384, 384, NN_IDENTITY, true, false },
    { 2, 32, 32, NN_GELU, true, false },       { 5, 33, 17, NN_GELU, true, true },
    { 14, 16, 385, NN_IDENTITY, true, true },  { 15, 31, 1000, NN_RELU, false, true },
    { 27, 96, 1536, NN_IDENTITY, true, true }, { 6, 8, 5, NN_GELU_TANH, true, false },
    { 7, 15, 24, NN_TANH, true, false },       { 3, 7, 3, NN_SIGMOID, true, false },
    { 700, 40, 400, NN_GELU, true, false },    { 13, 20, 769, NN_IDENTITY, false, false },
};

/* y for `rows` rows of x by one table. */
static void linear(const struct nn_kernels *k, const struct shape *s, size_t rows, const float *x,
                   const float *weight, const float *bias, float *y)
{
    struct nn_linear w = { .n = s->n, .k = s->k, .bias = s->bias ? bias : NULL };
    VZ_CLEANUP(free_at)
    float *packed = aligned_new(nn_packed_size(k, s->n, s->k), sizeof *packed);
    VZ_CLEANUP(free_at) float *scratch = aligned_new(NN_LINEAR_SCRATCH, sizeof *scratch);
    w.packed = packed;
    k->pack(&w, weight);
    k->linear(&(struct nn_product){
        .w = &w, .x = x, .rows = rows, .y = y, .act = s->act, .add = s->add, .scratch = scratch });
}

static void linear_in_double(const struct shape *s, const float *x, const float *weight,
                             const float *bias, float *y)
{
    for (size_t i = 0; i < s->rows; i++) {
        for (size_t j = 0; j < s->n; j++) {
            double sum = s->bias ? (double)bias[j] : 0;
            sum += s->add ? (double)y[i * s->n + j] : 0;
            for (size_t k = 0; k < s->k; k++)
                sum += (double)x[i * s->k + k] * (double)weight[j * s->k + k];
            y[i * s->n + j] = (float)sum;
        }
    }
    nn_kernels_generic.activate(s->act, y, s->rows * s->n);
}

static void linear_is_the_product(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
        const struct shape *s = &shapes[i];
        size_t out = s->rows * s->n;
        float *x = random_floats(s->rows * s->k), *weight = random_floats(s->n * s->k);
        float *bias = random_floats(s->n), *before = random_floats(out);
        float *expected = aligned_new(out, sizeof(float)), *y = aligned_new(out, sizeof(float));
        memcpy(expected, before, out * sizeof *y);
        linear_in_double(s, x, weight, bias, expected);
        for (size_t t = 0; t < n_tables; t++) {
            memcpy(y, before, out * sizeof *y);
            linear(tables[t], s, s->rows, x, weight, bias, y);
            assert_near(y, expected, out, 2e-6 * sqrt((double)s->k) + 1e-6, tables[t]->name);
        }
        xfree(x), xfree(weight), xfree(bias), xfree(before), xfree(expected), xfree(y);
    }
}

/* The promise that vectors do not depend on their batch: bit for bit. */
static void rows_do_not_depend_on_their_neighbours(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
        const struct shape *s = &shapes[i];
        float *x = random_floats(s->rows * s->k), *weight = random_floats(s->n * s->k);
        float *bias = random_floats(s->n), *all = random_floats(s->rows * s->n);
        float *one = aligned_new(s->n, sizeof(float)),
              *y = aligned_new(s->rows * s->n, sizeof(float));
        for (size_t t = 0; t < n_tables; t++) {
            memcpy(y, all, s->rows * s->n * sizeof *y);
            linear(tables[t], s, s->rows, x, weight, bias, y);
            for (size_t r = 0; r<s->rows; r += s->rows> 100 ? 37 : 1) {
                memcpy(one, all + r * s->n, s->n * sizeof *one);
                linear(tables[t], s, 1, x + r * s->k, weight, bias, one);
                assert_memory_equal(one, y + r * s->n, s->n * sizeof *one);
            }
        }
        xfree(x), xfree(weight), xfree(bias), xfree(all), xfree(one), xfree(y);
    }
}

/* ---- the others ---- */

static void attention_agrees(void **state)
{
    (void)state;
    static const size_t cases[][3] = {
        /* len, heads, width */
        { 1, 1, 1 },   { 2, 2, 4 },    { 16, 1, 16 },  { 17, 3, 8 },   { 33, 2, 32 },
        { 50, 2, 33 }, { 128, 2, 64 }, { 14, 12, 32 }, { 300, 1, 48 }, { 7, 1, 100 }
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t len = cases[i][0], heads = cases[i][1], width = cases[i][2];
        size_t out = len * heads * width;
        float *qkv = random_floats(3 * out), *expected = aligned_new(out, sizeof(float));
        float *ctx = aligned_new(out, sizeof(float));
        float *scratch = aligned_new(nn_attention_scratch(len, width), sizeof(float));
        for (size_t j = 0; j < 3 * out; j++)
            qkv[j] *= 2; // so that a softmax is far from flat
        struct nn_attention a = { qkv, len, heads, width, expected, scratch };
        nn_kernels_generic.attention(&a);
        a.ctx = ctx;
        for (size_t t = 0; t < n_tables; t++) {
            memset(ctx, 0xff, out * sizeof *ctx);
            tables[t]->attention(&a);
            assert_near(ctx, expected, out, 2e-5, tables[t]->name);
        }
        xfree(qkv), xfree(expected), xfree(ctx), xfree(scratch);
    }
}

/* Scores so far apart that all but one weight vanish, and equal ones. */
static void attention_holds_extremes(void **state)
{
    (void)state;
    enum { LEN = 20, WIDTH = 8 };
    float qkv[LEN * 3 * WIDTH], ctx[LEN * WIDTH];
    float *scratch = aligned_new(nn_attention_scratch(LEN, WIDTH), sizeof(float));
    struct nn_attention a = { qkv, LEN, 1, WIDTH, ctx, scratch };
    for (size_t t = 0; t < n_tables; t++) {
        for (size_t i = 0; i < LEN; i++) {
            float *q = qkv + i * 3 * WIDTH, *k = q + WIDTH, *v = k + WIDTH;
            for (size_t d = 0; d < WIDTH; d++) {
                q[d] = 100.0f;
                k[d] = (float)i; // scores 0, 800, 1600, …: the last token takes all
                v[d] = (float)(i * 10 + d);
            }
        }
        tables[t]->attention(&a);
        for (size_t i = 0; i < LEN; i++)
            assert_near(ctx + i * WIDTH, qkv + (LEN - 1) * 3 * WIDTH + 2 * WIDTH, WIDTH, 1e-4,
                        tables[t]->name);
        memset(qkv, 0, sizeof qkv);
        for (size_t i = 0; i < LEN; i++)
            qkv[i * 3 * WIDTH + 2 * WIDTH] = (float)i;
        tables[t]->attention(&a);
        assert_near(&ctx[5 * WIDTH], &(float){ (LEN - 1) / 2.0f }, 1, 1e-5, tables[t]->name);
    }
    xfree(scratch);
}

static void layer_norm_agrees(void **state)
{
    (void)state;
    static const size_t sizes[] = { 1, 2, 7, 8, 15, 16, 17, 32, 100, 384, 1024 };
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        size_t n = sizes[i];
        float *a = random_floats(n), *b = random_floats(n), *gain = random_floats(n);
        float *bias = random_floats(n), *expected = random_floats(n), *y = random_floats(n);
        for (size_t j = 0; j < n; j++)
            a[j] += 5; // a mean that is large beside the spread
        for (size_t t = 0; t < n_tables; t++) {
            for (int with = 0; with < 2; with++) {
                const float *add = with ? b : NULL;
                nn_kernels_generic.layer_norm(a, add, gain, bias, 1e-5f, n, expected);
                tables[t]->layer_norm(a, add, gain, bias, 1e-5f, n, y);
                assert_near(y, expected, n, n == 1 ? 1e-6 : 2e-5, tables[t]->name);
                memcpy(y, a, n * sizeof *y); // in place
                tables[t]->layer_norm(y, add, gain, bias, 1e-5f, n, y);
                assert_near(y, expected, n, n == 1 ? 1e-6 : 2e-5, tables[t]->name);
            }
        }
        xfree(a), xfree(b), xfree(gain), xfree(bias), xfree(expected), xfree(y);
    }
}

/* Every activation on a grid over [-12, 12] and at its ends, against the C library in double. */
static double activated(enum nn_act act, double x)
{
    switch (act) {
    case NN_GELU:
        return 0.5 * x * (1 + erf(x / sqrt(2)));
    case NN_GELU_TANH:
        return 0.5 * x * (1 + tanh(sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    case NN_RELU:
        return x > 0 ? x : 0;
    case NN_TANH:
        return tanh(x);
    case NN_SIGMOID:
        return 1 / (1 + exp(-x));
    case NN_IDENTITY:
        break;
    }
    return x;
}

static void activations_are_accurate(void **state)
{
    (void)state;
    enum { N = 24001 };
    float *x = aligned_new(N, sizeof *x);
    for (size_t t = 0; t < n_tables; t++) {
        for (int act = NN_IDENTITY; act <= NN_SIGMOID; act++) {
            for (size_t i = 0; i < N; i++)
                x[i] = ((float)i - 12000) / 1000;
            tables[t]->activate((enum nn_act)act, x, N);
            for (size_t i = 0; i < N; i++) {
                double at = (double)((float)(((float)i - 12000) / 1000));
                double wanted = activated((enum nn_act)act, at);
                if (fabs((double)x[i] - wanted) > 2.5e-7 * fmax(1, fabs(at))) {
                    print_error("%s: activation %d of %g is %.9g, not %.9g\n", tables[t]->name, act,
                                at, (double)x[i], wanted);
                    fail();
                }
            }
        }
        float far[] = { 1e4f, -1e4f, 3e38f, -3e38f, 0.0f };
        tables[t]->activate(NN_GELU, far, 5);
        assert_near(far, (float[]){ 1e4f, 0, 3e38f, 0, 0 }, 2, 1e-3, tables[t]->name);
        assert_true(far[2] > 2.9e38f && isfinite(far[3]) && far[4] == 0);
    }
    xfree(x);
}

static void small_ones_agree(void **state)
{
    (void)state;
    static const size_t sizes[] = { 1, 3, 8, 16, 31, 384, 385 };
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        size_t n = sizes[i];
        float *x = random_floats(n), *start = random_floats(n);
        float *a = aligned_new(n, sizeof(float)), *b = aligned_new(n, sizeof(float));
        for (size_t t = 0; t < n_tables; t++) {
            memcpy(a, start, n * sizeof *a), memcpy(b, start, n * sizeof *b);
            nn_kernels_generic.add_scaled(a, x, 0.7f, n);
            tables[t]->add_scaled(b, x, 0.7f, n);
            assert_near(b, a, n, 1e-6, tables[t]->name);
            nn_kernels_generic.maximum(a, x, n);
            tables[t]->maximum(b, x, n);
            assert_near(b, a, n, 1e-6, tables[t]->name);
            nn_kernels_generic.normalise(a, n);
            tables[t]->normalise(b, n);
            assert_near(b, a, n, 1e-6, tables[t]->name);
            memset(b, 0, n * sizeof *b);
            tables[t]->normalise(b, n); // no length: stays zero, not NaN
            assert_true(b[0] == 0 && b[n - 1] == 0);
        }
        xfree(x), xfree(start), xfree(a), xfree(b);
    }
}

static void a_table_can_be_forced(void **state)
{
    (void)state;
    for (size_t t = 0; t < n_tables; t++) {
        assert_true(nn_kernels_force(tables[t]->name));
        assert_ptr_equal(nn_kernels_best(), tables[t]);
    }
    assert_false(nn_kernels_force("none"));
    assert_true(nn_kernels_force(NULL));
    assert_ptr_equal(nn_kernels_best(), tables[n_tables - 1]);
}

int main(void)
{
    n_tables = nn_kernels_available(tables, ARRAY_LEN(tables));
    for (size_t i = 0; i < n_tables; i++)
        printf("# runs here: %s\n", tables[i]->name);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear_is_the_product),
        cmocka_unit_test(rows_do_not_depend_on_their_neighbours),
        cmocka_unit_test(attention_agrees),
        cmocka_unit_test(attention_holds_extremes),
        cmocka_unit_test(layer_norm_agrees),
        cmocka_unit_test(activations_are_accurate),
        cmocka_unit_test(small_ones_agree),
        cmocka_unit_test(a_table_can_be_forced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
