/* SPDX-License-Identifier: Apache-2.0
 *
 * nn/kernel, bf16 and int8: every table that this CPU runs, and the wide ones once more in plain
 * C, against the generic one: int8 bit for bit up to the activation. Says which tables ran. */
#include "tests/lib/test.h"

#include <math.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "nn/kernel/precision.h"
#include "tests/lib/random.h"

extern const struct nn_reduced nn_bf16_plain, nn_int8_plain;

#define MOST_TABLES 8
static const struct nn_reduced *tables[NN_PRECISIONS][MOST_TABLES];
static size_t n_tables[NN_PRECISIONS];

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
    { 29, 65, 66, NN_IDENTITY, false, false }, { 3, 7, 3, NN_SIGMOID, true, false },
    { 1100, 40, 400, NN_GELU, true, false },   { 13, 20, 769, NN_IDENTITY, false, false },
    { 43, 33, 4099, NN_IDENTITY, true, true }, { 41, 64, 2, NN_IDENTITY, true, false },
};

/* y for `rows` rows of x by one table. */
static void linear(const struct nn_reduced *table, const struct shape *s, size_t rows,
                   const float *x, const float *weight, const float *bias, float *y)
{
    struct nn_kernels k;
    nn_kernels_reduce(&nn_kernels_generic, table, &k);
    struct nn_linear w = { .n = s->n, .k = s->k, .bias = s->bias ? bias : NULL };
    VZ_CLEANUP(free_at)
    float *packed = aligned_new(nn_packed_size(&k, s->n, s->k), sizeof *packed);
    VZ_CLEANUP(free_at) float *scratch = aligned_new(NN_LINEAR_SCRATCH, sizeof *scratch);
    memset(scratch, 0xA5, NN_LINEAR_SCRATCH * sizeof *scratch);
    w.packed = packed;
    k.pack(&w, weight);
    k.linear(&(struct nn_product){
        .w = &w, .x = x, .rows = rows, .y = y, .act = s->act, .add = s->add, .scratch = scratch });
}

/* What fp32 makes of it, in double. */
static void linear_in_double(const struct shape *s, const float *x, const float *weight,
                             const float *bias, float *y)
{
    for (size_t i = 0; i < s->rows; i++) {
        for (size_t j = 0; j < s->n; j++) {
            double sum = bias ? (double)bias[j] : 0;
            sum += s->add ? (double)y[i * s->n + j] : 0;
            for (size_t k = 0; k < s->k; k++)
                sum += (double)x[i * s->k + k] * (double)weight[j * s->k + k];
            y[i * s->n + j] = (float)sum;
        }
    }
    nn_kernels_generic.activate(s->act, y, s->rows * s->n);
}

/* ‖a - b‖ of components whose products have the root mean square √k/3. */
static void assert_error_below(const struct shape *s, const float *a, const float *b,
                               double relative, const char *what)
{
    double error = 0, n = (double)(s->rows * s->n);
    for (size_t i = 0; i < s->rows * s->n; i++)
        error += pow((double)a[i] - (double)b[i], 2);
    error = sqrt(error / n) / (sqrt((double)s->k) / 3);
    if (!(error < relative)) {
        print_error("%s: %zu x %zu x %zu: relative error %.5f\n", what, s->rows, s->n, s->k, error);
        fail();
    }
}

static void all_are_near_to_fp32(void **state)
{
    (void)state;
    static const double allowed[NN_PRECISIONS] = { [NN_BF16] = 0.006, [NN_INT8] = 0.02 };
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
        const struct shape *s = &shapes[i];
        size_t out = s->rows * s->n;
        float *x = random_floats(s->rows * s->k), *weight = random_floats(s->n * s->k);
        float *bias = random_floats(s->n), *before = random_floats(out);
        float *expected = aligned_new(out, sizeof(float)), *y = aligned_new(out, sizeof(float));
        memcpy(expected, before, out * sizeof *y);
        linear_in_double(s, x, weight, s->bias ? bias : NULL, expected);
        for (int p = NN_BF16; p <= NN_INT8; p++) {
            for (size_t t = 0; t < n_tables[p]; t++) {
                memcpy(y, before, out * sizeof *y);
                linear(tables[p][t], s, s->rows, x, weight, bias, y);
                assert_error_below(s, y, expected, allowed[p], tables[p][t]->name);
            }
        }
        xfree(x), xfree(weight), xfree(bias), xfree(before), xfree(expected), xfree(y);
    }
}

/* Whole numbers and what follows them are defined to the last bit; only activations are not. */
static void int8_is_the_same_in_all_tables(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
        struct shape s = shapes[i];
        size_t out = s.rows * s.n;
        s.act = s.act == NN_RELU ? NN_RELU : NN_IDENTITY;
        float *x = random_floats(s.rows * s.k), *weight = random_floats(s.n * s.k);
        float *bias = random_floats(s.n), *before = random_floats(out);
        float *expected = aligned_new(out, sizeof(float)), *y = aligned_new(out, sizeof(float));
        for (size_t j = 0; j < s.rows * s.k; j += 7)
            x[j] = x[j] > 0 ? x[j] * 5 : x[j] * 0.1f; // no row is symmetric
        memcpy(expected, before, out * sizeof *y);
        linear(&nn_int8_generic, &s, s.rows, x, weight, bias, expected);
        for (size_t t = 0; t < n_tables[NN_INT8]; t++) {
            memcpy(y, before, out * sizeof *y);
            linear(tables[NN_INT8][t], &s, s.rows, x, weight, bias, y);
            assert_memory_equal(y, expected, out * sizeof *y);
        }
        xfree(x), xfree(weight), xfree(bias), xfree(before), xfree(expected), xfree(y);
    }
}

/* All products as large as they can be, in the worst places: nothing saturates. */
static void int8_sums_do_not_saturate(void **state)
{
    (void)state;
    const struct shape s = { 3, 40, 4096, NN_IDENTITY, false, false };
    float *x = aligned_new(s.rows * s.k, sizeof *x), *weight = aligned_new(s.n * s.k, sizeof *x);
    float *expected = aligned_new(s.rows * s.n, sizeof *x),
          *y = aligned_new(s.rows * s.n, sizeof *x);
    for (size_t i = 0; i < s.rows * s.k; i++)
        x[i] = i / s.k == 2 ? -3.0f : 3.0f; // 255 all along the first rows, 0 along the last
    for (size_t i = 0; i < s.n * s.k; i++) {
        size_t j = i / s.k, k = i % s.k;
        float sizes[] = { 0.5f, 1.0f, 0.0f, 127.0f / 128 };
        weight[i] = (j % 2 ? -1.0f : 1.0f) * (k % 2 ? sizes[j / 2 % 4] : 1.0f);
    }
    linear_in_double(&s, x, weight, NULL, expected);
    for (size_t t = 0; t < n_tables[NN_INT8]; t++) {
        linear(tables[NN_INT8][t], &s, s.rows, x, weight, NULL, y);
        for (size_t i = 0; i < s.rows * s.n; i++)
            assert_true(fabs((double)y[i] - (double)expected[i]) <=
                        0.006 * fabs((double)expected[i]));
    }
    xfree(x), xfree(weight), xfree(expected), xfree(y);
}

/* The promise that vectors do not depend on their batch: bit for bit. */
static void rows_do_not_depend_on_their_neighbours(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
        const struct shape *s = &shapes[i];
        float *x = random_floats(s->rows * s->k), *weight = random_floats(s->n * s->k);
        float *bias = random_floats(s->n), *all = random_floats(s->rows * s->n);
        float *one = aligned_new(s->n, sizeof(float)), *y = random_floats(s->rows * s->n);
        for (int p = NN_BF16; p <= NN_INT8; p++) {
            for (size_t t = 0; t < n_tables[p]; t++) {
                memcpy(y, all, s->rows * s->n * sizeof *y);
                linear(tables[p][t], s, s->rows, x, weight, bias, y);
                for (size_t r = 0; r<s->rows; r += s->rows> 100 ? 137 : 5) {
                    memcpy(one, all + r * s->n, s->n * sizeof *one);
                    linear(tables[p][t], s, 1, x + r * s->k, weight, bias, one);
                    assert_memory_equal(one, y + r * s->n, s->n * sizeof *one);
                }
            }
        }
        xfree(x), xfree(weight), xfree(bias), xfree(all), xfree(one), xfree(y);
    }
}

/* Never a wrong vector: what is not finite stays so, wherever it comes in. */
static void what_is_not_finite_is_not_lost(void **state)
{
    (void)state;
    const struct shape s = { 2, 40, 50, NN_IDENTITY, true, false };
    const float bad[] = { NAN, -NAN, INFINITY, -INFINITY };
    uint32_t quiet = 0x7FFFFFFF; // the NaN that rounding by hand turns into -0
    float odd;
    memcpy(&odd, &quiet, sizeof odd);
    float *y = aligned_new(s.rows * s.n, sizeof *y);
    for (size_t b = 0; b <= ARRAY_LEN(bad); b++) {
        for (size_t place = 0; place < s.k; place += 7) {
            float *x = random_floats(s.rows * s.k), *weight = random_floats(s.n * s.k);
            float *bias = random_floats(s.n);
            for (int p = NN_BF16; p <= NN_INT8; p++) {
                for (size_t t = 0; t < n_tables[p]; t++) {
                    float *where[] = { &x[place], &weight[3 * s.k + place] };
                    for (size_t w = 0; w < ARRAY_LEN(where); w++) {
                        float kept = *where[w];
                        *where[w] = b < ARRAY_LEN(bad) ? bad[b] : odd;
                        linear(tables[p][t], &s, s.rows, x, weight, bias, y);
                        *where[w] = kept;
                        assert_true(!isfinite(y[3]));
                        assert_true(isfinite(y[s.n + 4])); // another row, another column
                    }
                }
            }
            xfree(x), xfree(weight), xfree(bias);
        }
    }
    xfree(y);
}

static void rows_of_zeros_give_the_bias(void **state)
{
    (void)state;
    const struct shape s = { 2, 37, 21, NN_IDENTITY, true, false };
    float *x = aligned_new(s.rows * s.k, sizeof *x), *weight = random_floats(s.n * s.k);
    float *bias = random_floats(s.n), *y = aligned_new(s.rows * s.n, sizeof *y);
    memset(x, 0, s.rows * s.k * sizeof *x);
    memset(weight, 0, s.k * sizeof *weight); // and a column of them
    for (int p = NN_BF16; p <= NN_INT8; p++) {
        for (size_t t = 0; t < n_tables[p]; t++) {
            linear(tables[p][t], &s, s.rows, x, weight, bias, y);
            assert_memory_equal(y, bias, s.n * sizeof *y);
            x[s.k] = 1.0f;
            linear(tables[p][t], &s, s.rows, x, weight, bias, y);
            x[s.k] = 0.0f;
            assert_true(y[s.n] == bias[0] && y[s.n + 1] != bias[1]);
        }
    }
    xfree(x), xfree(weight), xfree(bias), xfree(y);
}

/* A forced instruction set holds for the reduced precisions too. */
static void a_forced_table_is_not_passed(void **state)
{
    (void)state;
    struct nn_kernels k;
    assert_true(nn_kernels_force("generic"));
    for (int p = NN_FP32; p <= NN_INT8; p++) {
        nn_kernels_at((enum nn_precision)p, &k);
        assert_string_equal(k.name, "generic");
        assert_true((k.linear == nn_kernels_generic.linear) == (p == NN_FP32));
    }
    nn_kernels_at(NN_INT8, &k);
    assert_ptr_equal(k.linear, nn_int8_generic.linear);
    assert_false(nn_precision_is_native(NN_BF16));
    assert_true(nn_kernels_force(NULL));
    assert_true(nn_precision_is_native(NN_FP32));
    nn_kernels_at(NN_INT8, &k);
    assert_ptr_equal(k.attention, nn_kernels_best()->attention);
}

int main(void)
{
    const struct nn_reduced *const plain[NN_PRECISIONS] = {
        [NN_BF16] = &nn_bf16_plain, [NN_INT8] = &nn_int8_plain
    };
    for (int p = NN_BF16; p <= NN_INT8; p++) {
        enum nn_precision precision = (enum nn_precision)p;
        n_tables[p] = nn_reduced_available(precision, tables[p], MOST_TABLES - 1);
        for (size_t t = 0; t < n_tables[p]; t++)
            printf("# runs here: %s %s\n", nn_precision_name(precision), tables[p][t]->name);
        tables[p][n_tables[p]++] = plain[p];
        printf("# in plain C: %s, sixteen wide\n", nn_precision_name(precision));
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_are_near_to_fp32),
        cmocka_unit_test(int8_is_the_same_in_all_tables),
        cmocka_unit_test(int8_sums_do_not_saturate),
        cmocka_unit_test(rows_do_not_depend_on_their_neighbours),
        cmocka_unit_test(what_is_not_finite_is_not_lost),
        cmocka_unit_test(rows_of_zeros_give_the_bias),
        cmocka_unit_test(a_forced_table_is_not_passed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
