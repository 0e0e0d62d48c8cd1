/* SPDX-License-Identifier: Apache-2.0
 *
 * bench: how fast an encoder is on given texts, and how near that comes to what the machine's
 * matrix product can do, measured in the same run. */
#include <inttypes.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "cli/json_out.h"
#include "cli/table.h"
#include "cmd/bench.h"
#include "cmd/cmd.h"
#include "cmd/encoding.h"
#include "encoder/encoder.h"

static bool bench_run(struct invocation *inv, struct vz_error *err);

struct bench_options {
    struct encoder_options encoder;
    struct precision_options precision;
    struct input_options input;
    const char *path;
    double seconds;
    bool compare;
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
    { .name = "compare",
      .type = VZ_OPTION_FLAG,
      .offset = VZ_OFFSET(struct bench_options, compare, bool),
      .help = "measure every precision, and how near its vectors stay to those of fp32" },
    { 0 },
};

static const struct option_group bench_groups[] = {
    { "Encoder", encoder_rows, offsetof(struct bench_options, encoder) },
    { "Precision", precision_rows, offsetof(struct bench_options, precision) },
    { "Encoding", input_rows, offsetof(struct bench_options, input) },
    { "Options", bench_rows, 0 },
    { 0 },
};

static const struct example bench_examples[] = {
    { "vectorize bench -m all-MiniLM-L6-v2 --input texts.txt", "the file once, on all cores" },
    { "vectorize bench -m ./model -i texts.txt -w 1 --seconds 10 --json",
      "one thread for ten seconds, for a program" },
    { "vectorize bench -m ./model -i texts.txt --compare", "which precision pays on this machine" },
    { 0 },
};

const struct command bench_command = {
    .name = "bench",
    .summary = "measure how fast an encoder is on given texts",
    .details =
        "Encodes the texts and reports texts and tokens a second, the time to load the model and "
        "the largest resident memory. Where the encoder knows what its work costs, the rate that "
        "this machine's matrix product reaches on the model's linear layers alone is measured "
        "afterwards, on as many threads, and the share of it that encoding reached is shown.\n\n"
        "With --compare it does so in fp32, bf16 and int8, and shows beside the rates how near the "
        "vectors stay to those of fp32: the cosine, and how many of each text's ten nearest texts "
        "are still among its ten nearest.",
    .examples = bench_examples,
    .options_size = sizeof(struct bench_options),
    .groups = bench_groups,
    .run = bench_run,
};

/* ---- the report ---- */

static double peak_mib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024; // kibibytes on Linux
}

static json_t *text_or_null(const char *text)
{
    return *text ? json_text(text) : json_null();
}

static bool report_as_json(FILE *out, const struct bench *b, double memory, struct vz_error *err)
{
    double share = b->ceiling_gflops > 0 ? bench_gflops(b) / b->ceiling_gflops : 0;
    json_t *r = json_object();
    json_object_set_new(r, "model", json_text(encoder_reference(b->encoder)));
    json_object_set_new(r, "module", json_text(encoder_module(b->encoder)->name));
    json_object_set_new(r, "dimension", json_integer(encoder_info(b->encoder)->dim));
    json_object_set_new(r, "precision", text_or_null(encoder_precision(b->encoder)));
    json_object_set_new(r, "threads", json_integer((json_int_t)b->threads));
    json_object_set_new(r, "texts", json_integer((json_int_t)b->texts));
    json_object_set_new(r, "tokens", b->tokens ? json_integer((json_int_t)b->tokens) : json_null());
    json_object_set_new(r, "truncated", json_integer((json_int_t)b->truncated));
    json_object_set_new(r, "seconds", json_real(b->seconds));
    json_object_set_new(r, "texts_per_second", json_real((double)b->texts / b->seconds));
    json_object_set_new(r, "tokens_per_second", json_positive((double)b->tokens / b->seconds));
    json_object_set_new(r, "load_seconds", json_real(b->load_seconds));
    json_object_set_new(r, "peak_memory_mib", json_real(memory));
    json_object_set_new(r, "gflops", json_positive(bench_gflops(b)));
    json_object_set_new(r, "ceiling_gflops", json_positive(b->ceiling_gflops));
    json_object_set_new(r, "ceiling_share", json_positive(share));
    return json_print(out, r, err);
}

static void report_as_facts(FILE *out, const struct bench *b, double memory)
{
    table_fact(out, "model", "%s, %u components", encoder_reference(b->encoder),
               encoder_info(b->encoder)->dim);
    if (*encoder_precision(b->encoder))
        table_fact(out, "precision", "%s", encoder_precision(b->encoder));
    table_fact(out, "threads", "%zu", b->threads);
    table_fact(out, "texts", "%" PRIu64 ", of which %" PRIu64 " longer than the model's limit",
               b->texts, b->truncated);
    table_fact(out, "time", "%.3f s, and %.3f s to load the model", b->seconds, b->load_seconds);
    table_fact(out, "rate", "%.1f texts/s", (double)b->texts / b->seconds);
    if (b->tokens) // some encoders do not count them
        table_fact(out, "tokens", "%" PRIu64 ", %.0f tokens/s, %.0f a thread", b->tokens,
                   (double)b->tokens / b->seconds,
                   (double)b->tokens / b->seconds / (double)b->threads);
    table_fact(out, "peak memory", "%.0f MiB", memory);
    if (b->ceiling_gflops > 0 && b->flop > 0)
        table_fact(out, "matrix product", "%.1f GFLOP/s, %.0f %% of this machine's %.1f",
                   bench_gflops(b), 100 * bench_gflops(b) / b->ceiling_gflops, b->ceiling_gflops);
}

static bool bench_opened(struct invocation *inv, struct bench *b, struct vz_error *err)
{
    const struct bench_options *o = inv->options;
    struct texts *in = NULL;
    b->threads = encoder_threads(b->encoder);
    bool ok =
        open_input(inv, &o->input, o->path, &in, err) && bench_measure(b, in, o->seconds, err);
    texts_close(in);
    if (!ok)
        return false;

    double memory = peak_mib(); // before the ceiling's own matrices
    bench_measure_ceiling(b);
    if (inv->general.json)
        return report_as_json(inv->out, b, memory, err);
    report_as_facts(inv->out, b, memory);
    return true;
}

static bool open_one(void *arg, const char *precision, struct bench *b, struct vz_error *err)
{
    const struct invocation *inv = arg;
    const struct bench_options *o = inv->options;
    b->role = (enum vz_role)o->input.role;
    double start = clock_seconds();
    if (!open_encoder(inv, &o->encoder, precision, o->input.prompt_name, o->input.threads,
                      &b->encoder, err))
        return false;
    b->load_seconds = clock_seconds() - start;
    return true;
}

static bool open_texts(void *arg, struct texts **ret, struct vz_error *err)
{
    const struct invocation *inv = arg;
    const struct bench_options *o = inv->options;
    return open_input(inv, &o->input, o->path, ret, err);
}

static bool check_options(const struct bench_options *o, struct vz_error *err)
{
    if (o->seconds < 0)
        return vz_fail(err, VZ_USAGE, "option \"seconds\" takes a number above 0");
    if ((o->seconds > 0 || o->compare) && !o->path)
        return vz_fail(err, VZ_USAGE, "%s reads the texts again and again: it needs --input FILE",
                       o->compare ? "--compare" : "--seconds");
    if (o->compare && precision_given(&o->precision))
        return vz_fail(err, VZ_USAGE, "--compare takes every precision: leave --precision out");
    return true;
}

static bool bench_run(struct invocation *inv, struct vz_error *err)
{
    const struct bench_options *o = inv->options;
    struct bench b = { 0 };
    if (!check_options(o, err))
        return false;
    if (o->compare)
        return bench_compare_run(&(struct bench_compare){ .open = open_one,
                                                          .texts = open_texts,
                                                          .arg = inv,
                                                          .seconds = o->seconds,
                                                          .out = inv->out,
                                                          .json = inv->general.json },
                                 err);
    if (!open_one(inv, precision_given(&o->precision), &b, err))
        return false;
    bool ok = bench_opened(inv, &b, err);
    encoder_close(b.encoder);
    return ok;
}
