/* SPDX-License-Identifier: Apache-2.0
 *
 * bench --compare: each precision on the same texts, and its vectors against those of fp32. */
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/limits.h"
#include "cli/json_out.h"
#include "cli/table.h"
#include "cmd/bench.h"
#include "cmd/closeness.h"
#include "encoder/encoder.h"

#define KEPT ((size_t)2000) /* texts whose vectors are compared; pairs grow with its square */
#define TURNS ((size_t)5)

static const char *const precisions[] = { "fp32", "bf16", "int8" };
#define PRECISIONS ARRAY_LEN(precisions)

struct compared {
    struct bench bench;
    size_t count, dim; /* of the vectors that were kept */
    double worst, mean;
    double kept; /* share of the nearest under fp32; negative: too few texts to say */
};

static const float *vectors_of(const struct compared *c)
{
    return (const float *)(const void *)c->bench.vectors.p;
}

/* turned[dim, count] from rows of length 1, so that scores of one text come a vector at a time */
static float *turn(const struct compared *c)
{
    float *turned = aligned_new(c->count * c->dim, sizeof *turned);
    for (size_t i = 0; i < c->count; i++) {
        const float *row = vectors_of(c) + i * c->dim;
        double square = 0;
        for (size_t d = 0; d < c->dim; d++)
            square += (double)row[d] * (double)row[d];
        float scale = (float)(1 / sqrt(square));
        for (size_t d = 0; d < c->dim; d++)
            turned[d * c->count + i] = row[d] * scale;
    }
    return turned;
}

/* The texts nearest to text i by cosine, itself left out. */
static void nearest_to(const float *turned, size_t i, const struct compared *c, float *scores,
                       size_t *ret)
{
    memset(scores, 0, c->count * sizeof *scores);
    for (size_t d = 0; d < c->dim; d++)
        for (size_t j = 0; j < c->count; j++)
            scores[j] += turned[d * c->count + i] * turned[d * c->count + j];
    closeness_nearest(scores, c->count, i, ret);
}

static void set_kept(struct compared *c, const struct compared *exact)
{
    c->kept = -1;
    if (c->count < 10 * CLOSENESS_NEAREST)
        return;
    float *mine = turn(c), *theirs = turn(exact), *scores = aligned_new(c->count, sizeof *scores);
    size_t a[CLOSENESS_NEAREST], b[CLOSENESS_NEAREST], kept = 0;
    for (size_t i = 0; i < c->count; i++) {
        nearest_to(mine, i, c, scores, a);
        nearest_to(theirs, i, exact, scores, b);
        kept += closeness_kept(a, b);
    }
    c->kept = (double)kept / (double)(c->count * CLOSENESS_NEAREST);
    xfree(mine), xfree(theirs), xfree(scores);
}

/* Once through the texts, or for some seconds. */
static bool encode_texts(const struct bench_compare *o, double seconds, struct bench *b,
                         struct vz_error *err)
{
    struct texts *in = NULL;
    bool ok = o->texts(o->arg, &in, err) && bench_measure(b, in, seconds, err);
    texts_close(in);
    return ok;
}

/* Once, and their vectors are kept. */
static bool encode_and_keep(const struct bench_compare *o, struct compared *c, struct vz_error *err)
{
    struct bench *b = &c->bench;
    c->dim = encoder_info(b->encoder)->dim;
    b->vectors = buf_make(KEPT * LIMIT_DIM * sizeof(float));
    b->keep = KEPT;
    bool ok = encode_texts(o, 0, b, err);
    b->keep = 0;
    c->count = b->vectors.len / sizeof(float) / c->dim;
    return ok;
}

static bool open_and_encode(const struct bench_compare *o, struct compared *all,
                            struct vz_error *err)
{
    for (size_t i = 0; i < PRECISIONS; i++) {
        struct bench *b = &all[i].bench;
        if (!o->open(o->arg, precisions[i], b, err))
            return false;
        b->threads = encoder_threads(b->encoder);
        if (!encode_and_keep(o, &all[i], err))
            return false;
        if (all[i].count != all[0].count)
            return vz_fail(err, VZ_USAGE, "the input changed while it was read");
        if (o->seconds > 0)
            bench_reset(b); // that was the warming up
    }
    return true;
}

/* In turns, so that a machine that others slow down for a while slows all of them. */
static bool measure(const struct bench_compare *o, struct compared *all, struct vz_error *err)
{
    for (size_t turn = 0; o->seconds > 0 && turn < TURNS; turn++)
        for (size_t i = 0; i < PRECISIONS; i++)
            if (!encode_texts(o, o->seconds / TURNS, &all[i].bench, err))
                return false;
    for (size_t i = 0; i < PRECISIONS; i++)
        bench_measure_ceiling(&all[i].bench);
    return true;
}

/* ---- the report ---- */

static double rate(const struct compared *c)
{
    const struct bench *b = &c->bench;
    return (double)(b->tokens ? b->tokens : b->texts) / b->seconds;
}

static double share(const struct compared *c)
{
    return c->bench.ceiling_gflops > 0 ? bench_gflops(&c->bench) / c->bench.ceiling_gflops : 0;
}

static bool report_as_json(FILE *out, const struct compared *all, struct vz_error *err)
{
    json_t *list = json_array(), *root = json_object();
    for (size_t i = 0; i < PRECISIONS; i++) {
        const struct compared *c = &all[i];
        json_t *o = json_object();
        json_object_set_new(o, "precision", json_text(precisions[i]));
        json_object_set_new(o, "tokens_per_second",
                            json_positive((double)c->bench.tokens / c->bench.seconds));
        json_object_set_new(o, "texts_per_second",
                            json_real((double)c->bench.texts / c->bench.seconds));
        json_object_set_new(o, "times_fp32", json_real(rate(c) / rate(&all[0])));
        json_object_set_new(o, "ceiling_gflops", json_positive(c->bench.ceiling_gflops));
        json_object_set_new(o, "ceiling_share", json_positive(share(c)));
        json_object_set_new(o, "compared", json_integer((json_int_t)c->count));
        json_object_set_new(o, "cosine_worst", json_real(c->worst));
        json_object_set_new(o, "cosine_mean", json_real(c->mean));
        json_object_set_new(o, "nearest_kept", c->kept >= 0 ? json_real(c->kept) : json_null());
        json_array_append_new(list, o);
    }
    json_object_set_new(root, "precisions", list);
    return json_print(out, root, err);
}

static void report_as_table(FILE *out, const struct compared *all)
{
    static const struct table_column columns[] = {
        { "PRECISION" },
        { "TOKENS/S", .right = true },
        { "TIMES FP32", .right = true },
        { "OF ITS CEILING", .right = true },
        { "COSINE, WORST", .right = true },
        { "MEAN", .right = true },
        { "NEAREST TEN KEPT", .right = true },
    };
    struct table *t = table_new(columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < PRECISIONS; i++) {
        const struct compared *c = &all[i];
        char tokens[24], times[24], of[24] = "", worst[24], mean[24], kept[24] = "";
        snprintf(tokens, sizeof tokens, "%.0f", (double)c->bench.tokens / c->bench.seconds);
        snprintf(times, sizeof times, "%.2f", rate(c) / rate(&all[0]));
        if (share(c) > 0)
            snprintf(of, sizeof of, "%.0f %%", 100 * share(c));
        snprintf(worst, sizeof worst, "%.5f", c->worst);
        snprintf(mean, sizeof mean, "%.5f", c->mean);
        if (c->kept >= 0)
            snprintf(kept, sizeof kept, "%.1f %%", 100 * c->kept);
        table_row(t, (const char *[]){ precisions[i], tokens, times, of, worst, mean, kept });
    }
    table_print(t, out);
    table_free(t);
    fprintf(out, "\nCosines and nearest texts are those of the first %zu texts, against fp32.\n",
            all[0].count);
}

bool bench_compare_run(const struct bench_compare *o, struct vz_error *err)
{
    struct compared all[PRECISIONS] = { 0 };
    bool ok = open_and_encode(o, all, err) && measure(o, all, err);
    for (size_t i = 0; i < PRECISIONS && ok; i++) {
        closeness_cosines(vectors_of(&all[i]), vectors_of(&all[0]), all[i].count, all[i].dim,
                          &all[i].worst, &all[i].mean);
        set_kept(&all[i], &all[0]);
    }
    if (ok && o->json)
        ok = report_as_json(o->out, all, err);
    else if (ok)
        report_as_table(o->out, all);
    for (size_t i = 0; i < PRECISIONS; i++) {
        encoder_close(all[i].bench.encoder);
        buf_free(&all[i].bench.vectors);
    }
    return ok;
}
