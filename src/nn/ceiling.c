/* SPDX-License-Identifier: Apache-2.0
 *
 * Measuring the matrix product: all threads at once, each on its own rows, shape by shape. */
#include "nn/ceiling.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "nn/kernel/onednn.h"

#define ROWS 512
#define RUN_SECONDS 0.04
#define TURNS 5 /* an odd number */
#define MAX_THREADS 256

/* One thread's product; all threads measure the same one. */
struct runner {
    enum nn_precision precision;
    size_t n, k;
    pthread_barrier_t *start;
    bool use_onednn;
    double flops; /* FLOP/s of this thread; out */
};

static double timed(void (*run)(void *), void *arg, double flop)
{
    double start = clock_seconds(), now = start;
    size_t times = 0;
    for (; now - start < RUN_SECONDS; now = clock_seconds(), times++)
        run(arg);
    return flop * (double)times / (now - start);
}

static void run_ours(void *arg)
{
    const struct {
        const struct nn_kernels *kernels;
        struct nn_product product;
    } *a = arg;
    a->kernels->linear(&a->product);
}

static float *floats(size_t count)
{
    float *p = huge_new(count, sizeof *p);
    uint32_t seed = 1;
    for (size_t i = 0; i < count; i++)
        p[i] = (float)(int32_t)(seed = seed * 1664525u + 1013904223u) * 0x1p-31f;
    return p;
}

static double measure_ours(const struct runner *r)
{
    struct nn_kernels kernels;
    nn_kernels_at(r->precision, &kernels);
    VZ_CLEANUP(free_at) float *x = floats(ROWS * r->k);
    VZ_CLEANUP(free_at) float *weight = floats(r->n * r->k);
    VZ_CLEANUP(free_at) float *y = floats(ROWS * r->n);
    struct nn_linear w = { .n = r->n, .k = r->k };
    struct {
        const struct nn_kernels *kernels;
        struct nn_product product;
    } arg = { &kernels, { .w = &w, .x = x, .rows = ROWS, .y = y } };
    VZ_CLEANUP(free_at)
    float *packed = huge_new(nn_packed_size(&kernels, w.n, w.k), sizeof *packed);
    VZ_CLEANUP(free_at) float *scratch = huge_new(NN_LINEAR_SCRATCH, sizeof *scratch);
    w.packed = packed;
    arg.product.scratch = scratch;
    kernels.pack(&w, weight);
    run_ours(&arg);
    pthread_barrier_wait(r->start);
    return timed(run_ours, &arg, 2.0 * ROWS * (double)r->n * (double)r->k);
}

static void run_onednn(void *arg)
{
    onednn_run(arg);
}

/* Ordinary numbers of whatever type the precision has, in no more bytes than floats take. */
static void *numbers(enum nn_precision precision, size_t count)
{
    if (precision == NN_FP32)
        return floats(count);
    uint16_t *halves = huge_new(count, sizeof(float));
    for (size_t i = 0; i < 2 * count; i++)
        halves[i] = (uint16_t)(0x3F00 + i % 127); // bfloat16 from 0.5 to 1, and any two bytes
    return halves;
}

static double measure_onednn(const struct runner *r)
{
    VZ_CLEANUP(free_at) void *x = numbers(r->precision, ROWS * r->k);
    VZ_CLEANUP(free_at) void *weight = numbers(r->precision, r->n * r->k);
    VZ_CLEANUP(free_at) float *y = floats(ROWS * r->n);
    struct onednn_product *p = onednn_new(r->precision, ROWS, r->n, r->k, x, weight, y);
    if (p)
        onednn_run(p);
    pthread_barrier_wait(r->start);
    double rate = p ? timed(run_onednn, p, 2.0 * ROWS * (double)r->n * (double)r->k) : 0.0;
    onednn_free(p);
    return rate;
}

static void *runner_main(void *arg)
{
    struct runner *r = arg;
    r->flops = (r->use_onednn ? measure_onednn : measure_ours)(r);
    return NULL;
}

/* FLOP/s of all threads together. */
static double measure(const struct runner *like, uint32_t threads)
{
    struct runner runners[MAX_THREADS];
    pthread_t ids[MAX_THREADS];
    pthread_barrier_t start;
    double sum = 0;
    pthread_barrier_init(&start, NULL, threads);
    for (uint32_t i = 0; i < threads; i++) {
        runners[i] = *like;
        runners[i].start = &start;
        // The rate is a figure to look at: without threads there is none.
        if (pthread_create(&ids[i], NULL, runner_main, &runners[i]) != 0)
            oom("could not start a thread");
    }
    for (uint32_t i = 0; i < threads; i++) {
        pthread_join(ids[i], NULL);
        sum += runners[i].flops;
    }
    pthread_barrier_destroy(&start);
    return sum;
}

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The rate on one shape, of our kernel or of oneDNN's, whichever is faster. A processor's clock
 * goes up and down: the middle one of some turns is what an encoder can be held against. */
static double rate_of(struct runner *r, uint32_t threads)
{
    double rates[2][TURNS] = { 0 };
    int kernels = onednn_is_there() ? 2 : 1;
    for (int turn = 0; turn < TURNS; turn++) {
        for (int i = 0; i < kernels; i++) {
            r->use_onednn = i == 1;
            rates[i][turn] = measure(r, threads);
        }
    }
    for (int i = 0; i < kernels; i++)
        qsort(rates[i], TURNS, sizeof rates[i][0], by_size);
    double ours = rates[0][TURNS / 2], other = rates[1][TURNS / 2];
    return ours > other ? ours : other;
}

double ceiling_gflops(enum nn_precision precision, const size_t *n, const size_t *k, size_t count,
                      uint32_t threads)
{
    double work = 0, seconds = 0;
    threads = threads < 1 ? 1 : threads > MAX_THREADS ? MAX_THREADS : threads;
    for (size_t i = 0; i < count; i++) {
        struct runner r = { .precision = precision, .n = n[i], .k = k[i] };
        double flop = 2.0 * (double)n[i] * (double)k[i];
        work += flop;
        seconds += flop / rate_of(&r, threads);
    }
    return seconds > 0 ? work / seconds * 1e-9 : 0;
}
