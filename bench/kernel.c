/* SPDX-License-Identifier: Apache-2.0
 *
 * The linear layers alone: our kernels against oneDNN on the same shapes, turn by turn, on one
 * thread.
 *
 *     kernel [ROUNDS [PRECISION]]
 *
 * CSV: rows, n, k, kernel, GFLOP/s; in fp32 when no PRECISION is named. Time is the thread's own
 * processor time and the best round counts, so that what else runs on the machine disturbs little.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "nn/kernel/kernel.h"
#include "nn/kernel/onednn.h"
#include "nn/kernel/precision.h"
#include "bench/bench.h"

#define MOST_TABLES 8
#define SLICE_SECONDS 0.02

struct case_ {
    size_t rows, n, k;
    float *x, *weight, *y, *scratch;
};

static float *filled(size_t count)
{
    float *p = huge_new(count, sizeof *p);
    for (size_t i = 0; i < count; i++)
        p[i] = (float)(i % 251) * 0.008f - 1.0f;
    return p;
}

static double rate_of_table(const struct case_ *c, const struct nn_kernels *k,
                            const struct nn_linear *w)
{
    const struct nn_product p = {
        .w = w, .x = c->x, .rows = c->rows, .y = c->y, .scratch = c->scratch
    };
    double start = cpu_seconds(CLOCK_THREAD_CPUTIME_ID), now = start;
    size_t times = 0;
    for (; now - start < SLICE_SECONDS; now = cpu_seconds(CLOCK_THREAD_CPUTIME_ID), times++)
        k->linear(&p);
    return 2e-9 * (double)(c->rows * c->n * c->k * times) / (now - start);
}

static double rate_of_onednn(const struct case_ *c, struct onednn_product *p)
{
    double start = cpu_seconds(CLOCK_THREAD_CPUTIME_ID), now = start;
    size_t times = 0;
    for (; now - start < SLICE_SECONDS; now = cpu_seconds(CLOCK_THREAD_CPUTIME_ID), times++)
        onednn_run(p);
    return 2e-9 * (double)(c->rows * c->n * c->k * times) / (now - start);
}

/* The tables to measure; the plain C one is not among them. */
static size_t tables_of(enum nn_precision precision, struct nn_kernels *ret)
{
    const struct nn_kernels *whole[MOST_TABLES];
    const struct nn_reduced *reduced[MOST_TABLES];
    size_t n = precision == NN_FP32 ? nn_kernels_available(whole, MOST_TABLES)
                                    : nn_reduced_available(precision, reduced, MOST_TABLES);
    for (size_t i = 1; i < n; i++) {
        if (precision == NN_FP32) {
            ret[i - 1] = *whole[i];
        } else {
            nn_kernels_reduce(nn_kernels_best(), reduced[i], &ret[i - 1]);
            ret[i - 1].name = reduced[i]->name;
        }
    }
    return n - 1;
}

static void measure(enum nn_precision precision, size_t rows, size_t n, size_t k,
                    unsigned long rounds)
{
    // oneDNN reads x and the weight as its own types, which are not wider.
    struct case_ c = { rows,
                       n,
                       k,
                       filled(rows * k),
                       filled(n * k),
                       filled(rows * n),
                       aligned_new(NN_LINEAR_SCRATCH, sizeof(float)) };
    struct nn_kernels tables[MOST_TABLES];
    struct nn_linear packed[MOST_TABLES];
    double best[MOST_TABLES + 1] = { 0 };
    size_t n_tables = tables_of(precision, tables);
    struct onednn_product *other = onednn_new(precision, rows, n, k, c.x, c.weight, c.y);
    for (size_t t = 0; t < n_tables; t++) {
        packed[t] = (struct nn_linear){ .n = n, .k = k };
        packed[t].packed = huge_new(nn_packed_size(&tables[t], n, k), sizeof(float));
        tables[t].pack(&packed[t], c.weight);
    }
    for (unsigned long r = 0; r < rounds; r++) {
        for (size_t t = 0; t < n_tables; t++) {
            double rate = rate_of_table(&c, &tables[t], &packed[t]);
            best[t] = rate > best[t] ? rate : best[t];
        }
        double rate = other ? rate_of_onednn(&c, other) : 0;
        best[n_tables] = rate > best[n_tables] ? rate : best[n_tables];
    }
    for (size_t t = 0; t <= n_tables; t++)
        printf("%zu,%zu,%zu,%s,%.1f\n", rows, n, k, t < n_tables ? tables[t].name : "onednn",
               best[t]);
    fflush(stdout);
    for (size_t t = 0; t < n_tables; t++)
        xfree(packed[t].packed);
    onednn_free(other);
    xfree(c.x), xfree(c.weight), xfree(c.y), xfree(c.scratch);
}

int main(int argc, char **argv)
{
    static const size_t shapes[][2] = {
        { 1152, 384 }, { 384, 384 }, { 1536, 384 }, { 384, 1536 }, { 2304, 768 }, { 768, 3072 },
    };
    static const size_t rows[] = { 1, 10, 32, 128, 512, 1024 };
    unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 5;
    enum nn_precision precision = argc > 2 ? precision_named(argv[2]) : NN_FP32;
    printf("rows,n,k,kernel,gflops\n");
    for (size_t s = 0; s < ARRAY_LEN(shapes); s++)
        for (size_t r = 0; r < ARRAY_LEN(rows); r++)
            measure(precision, rows[r], shapes[s][0], shapes[s][1], rounds);
    return 0;
}
