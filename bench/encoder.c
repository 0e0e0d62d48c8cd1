/* SPDX-License-Identifier: Apache-2.0
 *
 * The encoder alone, without a database: texts (one a line) to vectors, timed.
 *
 *     encoder MODEL TEXTS THREADS [REPEATS [VECTORS]]
 *
 * Prints one line of CSV a repeat: threads, texts, tokens, seconds, texts/s, tokens/s, GFLOP/s,
 * processor seconds and GFLOP a processor second (which hardly move when the machine is shared),
 * and last the machine's own ceiling on the model's shapes. VECTORS gets raw little-endian
 * floats, in the order of the texts. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "nn/kernel/kernel.h"
#include "nn/model.h"
#include "bench/bench.h"

/* Texts that a thread takes at a time: few, for at the end one waits for the last of the other. */
#define CHUNK 16

struct run {
    struct nn_model *model;
    const struct vz_text *texts;
    size_t count;
    uint32_t dim;
    float *rows;
    struct vz_text_info *infos;
    atomic_size_t next;
};

static void *worker(void *arg)
{
    struct run *r = arg;
    for (;;) {
        struct vz_error err = { 0 };
        size_t i = atomic_fetch_add(&r->next, CHUNK);
        if (i >= r->count)
            return NULL;
        size_t n = r->count - i < CHUNK ? r->count - i : CHUNK;
        if (!nn_model_encode(r->model, r->texts + i, n, VZ_DOCUMENT, r->rows + i * r->dim,
                             r->infos + i, &err)) {
            fprintf(stderr, "encoder: %s\n", err.message);
            exit(1);
        }
    }
}

static void run_once(struct run *r, uint32_t threads)
{
    pthread_t ids[64];
    double start = clock_seconds(), cpu = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID), flop = 0;
    size_t tokens = 0;
    atomic_store(&r->next, 0);
    for (uint32_t i = 0; i < threads; i++)
        pthread_create(&ids[i], NULL, worker, r);
    for (uint32_t i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    double seconds = clock_seconds() - start;
    cpu = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    for (size_t i = 0; i < r->count; i++) {
        tokens += r->infos[i].tokens;
        flop += nn_model_flop(r->model, r->infos[i].tokens);
    }
    printf("%u,%zu,%zu,%.4f,%.1f,%.0f,%.1f,%.4f,%.1f\n", threads, r->count, tokens, seconds,
           (double)r->count / seconds, (double)tokens / seconds, flop / seconds * 1e-9, cpu,
           flop / cpu * 1e-9);
    fflush(stdout);
}

static int fail(const struct vz_error *err)
{
    fprintf(stderr, "encoder: %s\n", err->message);
    return 1;
}

int main(int argc, char **argv)
{
    struct vz_error err = { 0 };
    struct buf all = buf_make((size_t)1 << 32);
    if (argc < 4) {
        fprintf(stderr, "usage: %s MODEL TEXTS THREADS [REPEATS [VECTORS]]\n", argv[0]);
        return 2;
    }
    uint32_t threads = (uint32_t)strtoul(argv[3], NULL, 10);
    unsigned long repeats = argc > 4 ? strtoul(argv[4], NULL, 10) : 1;
    if (threads < 1 || threads > 64)
        return 2;
    const char *isa = getenv("BENCH_KERNELS");
    if (isa && !nn_kernels_force(isa))
        return 2;

    struct run r = { 0 };
    double start = clock_seconds();
    if (!file_read(argv[2], &all, &err) ||
        !nn_model_open(argv[1], &(struct nn_settings){ .threads = threads }, &r.model, &err))
        return fail(&err);
    fprintf(stderr, "# opened in %.1f ms, %s kernels\n", (clock_seconds() - start) * 1e3,
            nn_kernels_best()->name);
    struct vz_encoder_info info;
    nn_model_info(r.model, &info);
    r.texts = split_lines(buf_str(&all), &r.count);
    r.dim = info.dim;
    r.rows = aligned_new(r.count * r.dim, sizeof *r.rows);
    r.infos = xcalloc(r.count, sizeof *r.infos);
    for (unsigned long i = 0; i < repeats; i++)
        run_once(&r, threads);
    printf("ceiling,%.1f\n", nn_model_ceiling_gflops(r.model, threads));
    if (argc > 5) {
        FILE *f = fopen(argv[5], "wbe");
        if (!f || fwrite(r.rows, sizeof *r.rows * r.dim, r.count, f) != r.count || fclose(f) != 0)
            return fail(&(struct vz_error){ .message = "could not write the vectors" });
    }
    nn_model_close(r.model);
    return 0;
}
