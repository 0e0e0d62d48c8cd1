/* SPDX-License-Identifier: Apache-2.0
 *
 * What a reduced precision gives and what it costs: the rate of each against fp32, chunk by chunk
 * in one run, and how near its vectors stay to fp32's.
 *
 *     precision MODEL TEXTS [CHUNKS [PRECISION…]]
 *
 * All texts (one a line) are encoded in each precision on one thread, 256 of them at a time and
 * turn by turn; CHUNKS (0: all) ends that early. CSV: precision, whether the CPU has it natively,
 * texts, tokens, tokens a second of processor time, median over the chunks of the ratio to fp32,
 * cosine against fp32 at worst and on average, and the share of the ten nearest texts under fp32
 * (of all that were encoded) that are among the ten nearest in that precision. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/compiler.h"
#include "base/file.h"
#include "cmd/closeness.h"
#include "nn/model.h"
#include "bench/bench.h"

#define CHUNK ((size_t)256)
#define MOST_CHUNKS 4096

struct run {
    enum nn_precision precision;
    struct nn_model *model;
    float *rows;
    size_t tokens;
    double seconds, ratios[MOST_CHUNKS];
};

static void die(const struct vz_error *err)
{
    fprintf(stderr, "precision: %s\n", err->message);
    exit(1);
}

static double encode_chunk(struct run *r, const struct vz_text *texts, size_t at, size_t n,
                           size_t dim)
{
    struct vz_text_info infos[CHUNK];
    struct vz_error err = { 0 };
    double start = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
    if (!nn_model_encode(r->model, texts + at, n, VZ_DOCUMENT, r->rows + at * dim, infos, &err))
        die(&err);
    double seconds = cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - start;
    for (size_t i = 0; i < n; i++)
        r->tokens += infos[i].tokens;
    r->seconds += seconds;
    return seconds;
}

/* Turn by turn; returns how many chunks there were. */
static size_t encode_all(struct run *runs, size_t n_runs, const struct vz_text *texts, size_t count,
                         size_t dim)
{
    size_t chunks = 0;
    for (size_t at = 0; at < count && chunks < MOST_CHUNKS; at += CHUNK, chunks++) {
        size_t n = count - at < CHUNK ? count - at : CHUNK;
        double first = 0;
        for (size_t r = 0; r < n_runs; r++) {
            double seconds = encode_chunk(&runs[r], texts, at, n, dim);
            first = r ? first : seconds;
            runs[r].ratios[chunks] = first / seconds;
        }
    }
    return chunks;
}

/* nearest[count, 10] by inner product of rows of length 1. */
static size_t *nearest_of(const float *rows, size_t count, size_t dim)
{
    const struct nn_kernels *k = nn_kernels_best();
    struct nn_linear w = { .n = count, .k = dim };
    size_t *nearest = xcalloc(count * CLOSENESS_NEAREST, sizeof *nearest);
    float *scores = aligned_new(CHUNK * count, sizeof *scores);
    float *scratch = aligned_new(NN_LINEAR_SCRATCH, sizeof *scratch);
    w.packed = aligned_new(nn_packed_size(k, count, dim), sizeof *w.packed);
    k->pack(&w, rows);
    for (size_t at = 0; at < count; at += CHUNK) {
        size_t n = count - at < CHUNK ? count - at : CHUNK;
        k->linear(&(struct nn_product){
            .w = &w, .x = rows + at * dim, .rows = n, .y = scores, .scratch = scratch });
        for (size_t i = 0; i < n; i++)
            closeness_nearest(scores + i * count, count, at + i,
                              nearest + (at + i) * CLOSENESS_NEAREST);
    }
    xfree(w.packed), xfree(scores), xfree(scratch);
    return nearest;
}

static double share_kept(const size_t *truth, const size_t *found, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        kept += closeness_kept(truth + i * CLOSENESS_NEAREST, found + i * CLOSENESS_NEAREST);
    return (double)kept / (double)(count * CLOSENESS_NEAREST);
}

static void report(struct run *runs, size_t n_runs, size_t chunks, size_t count, size_t dim)
{
    size_t *truth = count > CLOSENESS_NEAREST ? nearest_of(runs[0].rows, count, dim) : NULL;
    printf("precision,native,texts,tokens,tokens_per_cpu_second,times_fp32,worst_cosine,"
           "mean_cosine,nearest_kept\n");
    for (size_t r = 0; r < n_runs; r++) {
        double worst, mean;
        closeness_cosines(runs[0].rows, runs[r].rows, count, dim, &worst, &mean);
        size_t *found = truth ? nearest_of(runs[r].rows, count, dim) : NULL;
        qsort(runs[r].ratios, chunks, sizeof runs[r].ratios[0], by_value);
        printf("%s,%d,%zu,%zu,%.0f,%.3f,%.6f,%.6f,%.4f\n", nn_precision_name(runs[r].precision),
               nn_precision_is_native(runs[r].precision), count, runs[r].tokens,
               (double)runs[r].tokens / runs[r].seconds, runs[r].ratios[chunks / 2], worst, mean,
               truth ? share_kept(truth, found, count) : 0.0);
        fflush(stdout);
        xfree(found);
    }
    xfree(truth);
}

/* Opens a model a run; returns the width of their vectors. */
static size_t open_all(struct run *runs, size_t n_runs, const char *folder, size_t count)
{
    struct vz_encoder_info info = { 0 };
    struct vz_error err = { 0 };
    for (size_t r = 0; r < n_runs; r++) {
        const struct nn_settings s = { .threads = 1, .precision = runs[r].precision };
        double start = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
        if (!nn_model_open(folder, &s, &runs[r].model, &err))
            die(&err);
        fprintf(stderr, "# %s opened in %.1f ms\n", nn_precision_name(runs[r].precision),
                (cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - start) * 1e3);
        nn_model_info(runs[r].model, &info);
        runs[r].rows = aligned_new(count * info.dim, sizeof(float));
    }
    return info.dim;
}

int main(int argc, char **argv)
{
    static struct run runs[NN_PRECISIONS + 1];
    struct vz_error err = { 0 };
    struct buf all = buf_make((size_t)1 << 32);
    size_t n_runs = 1, count = 0;
    if (argc < 3) {
        fprintf(stderr, "usage: %s MODEL TEXTS [CHUNKS [PRECISION…]]\n", argv[0]);
        return 2;
    }
    for (int i = 4; i < argc && n_runs <= NN_PRECISIONS; i++)
        runs[n_runs++].precision = precision_named(argv[i]);
    for (int p = NN_BF16; argc < 5 && p < NN_PRECISIONS; p++)
        runs[n_runs++].precision = (enum nn_precision)p;
    if (!file_read(argv[2], &all, &err))
        die(&err);
    struct vz_text *texts = split_lines(buf_str(&all), &count);
    size_t most = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    count = most && count > most * CHUNK ? most * CHUNK : count;

    size_t dim = open_all(runs, n_runs, argv[1], count);
    size_t chunks = encode_all(runs, n_runs, texts, count, dim);
    report(runs, n_runs, chunks, count, dim);
    for (size_t r = 0; r < n_runs; r++) {
        nn_model_close(runs[r].model);
        xfree(runs[r].rows);
    }
    xfree(texts);
    buf_free(&all);
    return 0;
}
