/* SPDX-License-Identifier: Apache-2.0
 *
 * One encoder on given texts, timed. */
#include "cmd/bench.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "cmd/encoding.h"
#include "cmd/stream.h"
#include "encoder/encoder.h"

static bool bench_work(void *arg, size_t worker, const struct texts_batch *in,
                       struct stream_result *ret, struct vz_error *err)
{
    struct bench *b = arg;
    struct vz_text_info info[TEXTS_MOST] = { 0 };
    size_t dim = encoder_info(b->encoder)->dim;
    float *rows = b->rows + worker * TEXTS_MOST * dim;
    bool ok = encode_batch(b->encoder, in, b->role, rows, info, &ret->texts, err);
    for (size_t i = 0; i < ret->texts; i++) {
        ret->tokens += info[i].tokens;
        ret->truncated += info[i].dropped > 0;
        ret->flop += encoder_flop(b->encoder, info[i].tokens);
    }
    if (b->keep && !buf_add(&ret->out, (const char *)rows, ret->texts * dim * sizeof *rows))
        return vz_fail(err, VZ_BUG, "vectors of one batch do not fit");
    return ok;
}

static bool bench_emit(void *arg, const struct stream_result *r, struct vz_error *err)
{
    struct bench *b = arg;
    b->texts += r->texts;
    b->tokens += r->tokens;
    b->truncated += r->truncated;
    b->flop += r->flop;
    if (!b->keep)
        return true;
    size_t most = b->keep * encoder_info(b->encoder)->dim * sizeof(float);
    size_t left = most - b->vectors.len, n = r->out.len < left ? r->out.len : left;
    if (n && !buf_add(&b->vectors, r->out.p, n))
        return vz_fail(err, VZ_BUG, "the vectors to compare do not fit");
    return true;
}

static bool bench_idle(void *arg, struct vz_error *err)
{
    (void)arg, (void)err;
    return true;
}

static bool bench_enough(void *arg)
{
    const struct bench *b = arg;
    return b->deadline > 0 && clock_seconds() >= b->deadline;
}

bool bench_measure(struct bench *b, struct texts *in, double seconds, struct vz_error *err)
{
    struct stream_job job = {
        .threads = b->threads,
        .arg = b,
        .work = bench_work,
        .emit = bench_emit,
        .idle = bench_idle,
        .enough = bench_enough,
    };
    b->rows = aligned_new(b->threads * TEXTS_MOST * encoder_info(b->encoder)->dim, sizeof(float));
    texts_set_repeat(in, seconds > 0);
    double start = clock_seconds();
    b->deadline = seconds > 0 ? start + seconds : 0;
    bool ok = stream_run(in, &job, err);
    b->seconds += clock_seconds() - start;
    xfree(b->rows);
    if (ok && b->texts == 0)
        return vz_fail(err, VZ_USAGE, "there is no text in the input to measure with");
    return ok;
}

void bench_reset(struct bench *b)
{
    b->texts = b->tokens = b->truncated = 0;
    b->flop = b->seconds = 0;
}

void bench_measure_ceiling(struct bench *b)
{
    if (b->flop <= 0)
        return;
    log_write(LOG_INFO, "bench", "measuring what this machine's matrix product can do%s%s",
              *encoder_precision(b->encoder) ? " in " : "", encoder_precision(b->encoder));
    b->ceiling_gflops = encoder_ceiling_gflops(b->encoder, (uint32_t)b->threads);
}

double bench_gflops(const struct bench *b)
{
    return b->flop / b->seconds * 1e-9;
}
