/* SPDX-License-Identifier: Apache-2.0
 *
 * bench: how fast an encoder is on given texts, and how near that comes to what the machine's
 * matrix product can do, measured in the same run. */
#include <inttypes.h>
#include <sys/resource.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/json_out.h"
#include "cli/table.h"
#include "cmd/cmd.h"
#include "cmd/encoding.h"
#include "cmd/stream.h"
#include "encoder/encoder.h"

static bool bench_run(struct invocation *inv, struct vz_error *err);

struct bench_options {
    struct encoder_options encoder;
    struct input_options input;
    const char *path;
    double seconds;
};

static const struct vz_option bench_rows[] = {
    { .name = "input",
      .letter = 'i',
      .type = VZ_OPTION_STRING,
      .offset = VZ_OFFSET(struct bench_options, path, const char *),
      .value = "FILE",
      .help = "file of texts; without it standard input" },
    { .name = "seconds",
      .letter = 's',
      .type = VZ_OPTION_NUMBER,
      .offset = VZ_OFFSET(struct bench_options, seconds, double),
      .value = "S",
      .help = "encode for so long, the file again and again; without it the file once" },
    { 0 },
};

static const struct option_group bench_groups[] = {
    { "Encoder", encoder_rows, offsetof(struct bench_options, encoder) },
    { "Encoding", input_rows, offsetof(struct bench_options, input) },
    { "Options", bench_rows, 0 },
    { 0 },
};

static const struct example bench_examples[] = {
    { "vectorize bench -m all-MiniLM-L6-v2 --input texts.txt", "the file once, on all cores" },
    { "vectorize bench -m ./model -i texts.txt -w 1 --seconds 10 --json",
      "one thread for ten seconds, for a program" },
    { 0 },
};

const struct command bench_command = {
    .name = "bench",
    .summary = "measure how fast an encoder is on given texts",
    .details =
        "Encodes the texts and reports texts and tokens a second, the time to load the model and "
        "the largest resident memory. Where the encoder knows what its work costs, the best rate "
        "that this machine's matrix product reaches on the model's own shapes is measured "
        "afterwards, on as many threads, and the share of it that encoding reached is shown.",
    .examples = bench_examples,
    .options_size = sizeof(struct bench_options),
    .groups = bench_groups,
    .run = bench_run,
};

struct bench {
    struct encoder *encoder;
    enum vz_role role;
    size_t threads;
    float *rows;     /* [threads, TEXTS_MOST, dim] */
    double deadline; /* 0: none */

    uint64_t texts, tokens, truncated;
    double flop;
    double load_seconds, seconds, ceiling_gflops;
};

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
    return ok;
}

static bool bench_emit(void *arg, const struct stream_result *r, struct vz_error *err)
{
    (void)err;
    struct bench *b = arg;
    b->texts += r->texts;
    b->tokens += r->tokens;
    b->truncated += r->truncated;
    b->flop += r->flop;
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

static bool measure(struct bench *b, struct texts *in, double seconds, struct vz_error *err)
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
    b->seconds = clock_seconds() - start;
    xfree(b->rows);
    if (ok && b->texts == 0)
        return vz_fail(err, VZ_USAGE, "there is no text in the input to measure with");
    return ok;
}

/* ---- the report ---- */

static double peak_mib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024; // kibibytes on Linux
}

static double gflops(const struct bench *b)
{
    return b->flop / b->seconds * 1e-9;
}

static json_t *real_or_null(double d)
{
    return d > 0 ? json_real(d) : json_null();
}

static bool report_as_json(FILE *out, const struct bench *b, double memory, struct vz_error *err)
{
    double share = b->ceiling_gflops > 0 ? gflops(b) / b->ceiling_gflops : 0;
    json_t *r = json_object();
    json_object_set_new(r, "model", json_text(encoder_reference(b->encoder)));
    json_object_set_new(r, "module", json_text(encoder_module(b->encoder)->name));
    json_object_set_new(r, "dimension", json_integer(encoder_info(b->encoder)->dim));
    json_object_set_new(r, "threads", json_integer((json_int_t)b->threads));
    json_object_set_new(r, "texts", json_integer((json_int_t)b->texts));
    json_object_set_new(r, "tokens", b->tokens ? json_integer((json_int_t)b->tokens) : json_null());
    json_object_set_new(r, "truncated", json_integer((json_int_t)b->truncated));
    json_object_set_new(r, "seconds", json_real(b->seconds));
    json_object_set_new(r, "texts_per_second", json_real((double)b->texts / b->seconds));
    json_object_set_new(r, "tokens_per_second", real_or_null((double)b->tokens / b->seconds));
    json_object_set_new(r, "load_seconds", json_real(b->load_seconds));
    json_object_set_new(r, "peak_memory_mib", json_real(memory));
    json_object_set_new(r, "gflops", real_or_null(gflops(b)));
    json_object_set_new(r, "ceiling_gflops", real_or_null(b->ceiling_gflops));
    json_object_set_new(r, "ceiling_share", real_or_null(share));
    return json_print(out, r, err);
}

static void report_as_facts(FILE *out, const struct bench *b, double memory)
{
    table_fact(out, "model", "%s, %u components", encoder_reference(b->encoder),
               encoder_info(b->encoder)->dim);
    table_fact(out, "threads", "%zu", b->threads);
    table_fact(out, "texts", "%" PRIu64 ", of which %" PRIu64 " longer than the model's limit",
               b->texts, b->truncated);
    table_fact(out, "time", "%.3f s, and %.3f s to load the model", b->seconds, b->load_seconds);
    table_fact(out, "rate", "%.1f texts/s", (double)b->texts / b->seconds);
    if (b->tokens) // some encoders do not count them
        table_fact(out, "tokens", "%" PRIu64 ", %.0f tokens/s", b->tokens,
                   (double)b->tokens / b->seconds);
    table_fact(out, "peak memory", "%.0f MiB", memory);
    if (b->ceiling_gflops > 0 && b->flop > 0)
        table_fact(out, "matrix product", "%.1f GFLOP/s, %.0f %% of this machine's %.1f", gflops(b),
                   100 * gflops(b) / b->ceiling_gflops, b->ceiling_gflops);
}

static bool bench_opened(struct invocation *inv, struct bench *b, struct vz_error *err)
{
    const struct bench_options *o = inv->options;
    struct texts *in = NULL;
    b->threads = encoder_threads(b->encoder);
    bool ok = open_input(inv, &o->input, o->path, &in, err) && measure(b, in, o->seconds, err);
    texts_close(in);
    if (!ok)
        return false;

    double memory = peak_mib(); // before the ceiling's own matrices
    if (b->flop > 0) {
        log_write(LOG_INFO, "bench", "measuring what this machine's matrix product can do");
        b->ceiling_gflops = encoder_ceiling_gflops(b->encoder, (uint32_t)b->threads);
    }
    if (inv->general.json)
        return report_as_json(inv->out, b, memory, err);
    report_as_facts(inv->out, b, memory);
    return true;
}

static bool bench_run(struct invocation *inv, struct vz_error *err)
{
    const struct bench_options *o = inv->options;
    if (o->seconds < 0)
        return vz_fail(err, VZ_USAGE, "option \"seconds\" takes a number above 0");
    if (o->seconds > 0 && !o->path)
        return vz_fail(err, VZ_USAGE,
                       "--seconds reads the texts again and again: it needs --input FILE");
    struct bench b = { .role = (enum vz_role)o->input.role };
    double start = clock_seconds();
    if (!open_encoder(inv, &o->encoder, o->input.prompt_name, o->input.threads, &b.encoder, err))
        return false;
    b.load_seconds = clock_seconds() - start;
    bool ok = bench_opened(inv, &b, err);
    encoder_close(b.encoder);
    return ok;
}
