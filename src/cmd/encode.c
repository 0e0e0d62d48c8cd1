/* SPDX-License-Identifier: Apache-2.0
 *
 * encode: texts on standard input to vectors on standard output, no database. */
#include <inttypes.h>

#include "base/arena.h"
#include "base/log.h"
#include "cmd/cmd.h"
#include "cmd/encoding.h"
#include "cmd/stream.h"
#include "cmd/vector_sink.h"
#include "encoder/encoder.h"

static bool encode_run(struct invocation *inv, struct vz_error *err);

struct encode_options {
    struct encoder_options encoder;
    struct precision_options precision;
    struct input_options input;
    int format;
};

static const struct vz_option encode_rows[] = {
    { .name = "format",
      .letter = 'f',
      .type = VZ_OPTION_CHOICE,
      .choices = vectors_format_names,
      .offset = VZ_OFFSET(struct encode_options, format, int),
      .value = "FORMAT",
      .initial = "jsonl",
      .help = "a JSON array a line, raw little-endian float32, or a NumPy file" },
    { 0 },
};

static const struct option_group encode_groups[] = {
    { "Encoder", encoder_rows, offsetof(struct encode_options, encoder) },
    { "Precision", precision_rows, offsetof(struct encode_options, precision) },
    { "Encoding", input_rows, offsetof(struct encode_options, input) },
    { "Options", encode_rows, 0 },
    { 0 },
};

static const struct example encode_examples[] = {
    { "echo 'a small brown fox' | vectorize encode -m all-MiniLM-L6-v2", "one vector, as JSON" },
    { "vectorize encode -m ./model --format npy < texts.txt > vectors.npy",
      "a NumPy array with one row a line" },
    { "vectorize encode -m ./model --role query --input-format jsonl < queries.jsonl",
      "texts that may hold line ends, with the prompt for queries" },
    { 0 },
};

const struct command encode_command = {
    .name = "encode",
    .summary = "turn texts on standard input into vectors on standard output",
    .details =
        "Every line is a text and gives one vector, in the order of the input; an empty line is "
        "an empty text. Lines end with LF or CRLF. A line that is not valid UTF-8, or not JSON "
        "when --input-format says so, ends the run with an error that names it; the vectors of "
        "the lines before it have been written by then.\n\n"
        "Numbers in JSON are the shortest that read back as the same float32. A .npy header holds "
        "the number of rows: written to a file it is completed at the end, written to a pipe "
        "everything comes at the end, out of a temporary file.\n\n"
        "With --json errors are JSON; the format of the vectors is still --format's.",
    .examples = encode_examples,
    .options_size = sizeof(struct encode_options),
    .groups = encode_groups,
    .run = encode_run,
};

struct encoding {
    struct encoder *encoder;
    size_t dim;
    enum vz_role role;
    enum vectors_format format;
    struct vector_sink *sink;
    float *rows; /* [threads, TEXTS_MOST, dim] */
    uint64_t texts, truncated;
};

static bool encode_work(void *arg, size_t worker, const struct texts_batch *in,
                        struct stream_result *ret, struct vz_error *err)
{
    struct encoding *c = arg;
    struct vz_text_info info[TEXTS_MOST] = { 0 };
    float *rows = c->rows + worker * TEXTS_MOST * c->dim;
    bool ok = encode_batch(c->encoder, in, c->role, rows, info, &ret->texts, err);
    for (size_t i = 0; i < ret->texts; i++)
        ret->truncated += info[i].dropped > 0;
    vector_encode(c->format, rows, ret->texts, c->dim, &ret->out);
    return ok;
}

static bool encode_emit(void *arg, const struct stream_result *r, struct vz_error *err)
{
    struct encoding *c = arg;
    c->texts += r->texts;
    c->truncated += r->truncated;
    return vector_sink_add(c->sink, buf_str(&r->out), r->texts, err);
}

static bool encode_idle(void *arg, struct vz_error *err)
{
    struct encoding *c = arg;
    return vector_sink_flush(c->sink, err);
}

static bool encode_stream(struct encoding *c, struct texts *in, FILE *out, struct vz_error *err)
{
    if (!vector_sink_open(out, c->format, c->dim, &c->sink, err))
        return false;
    struct stream_job job = {
        .threads = encoder_threads(c->encoder),
        .arg = c,
        .work = encode_work,
        .emit = encode_emit,
        .idle = encode_idle,
    };
    c->rows = aligned_new(job.threads * TEXTS_MOST * c->dim, sizeof(float));
    bool ok = stream_run(in, &job, err);
    xfree(c->rows);
    struct vz_error close_err;
    if (!vector_sink_close(c->sink, &close_err) && ok) {
        *err = close_err;
        ok = false;
    }
    return ok;
}

static bool encode_run(struct invocation *inv, struct vz_error *err)
{
    const struct encode_options *o = inv->options;
    struct encoding c = { .role = (enum vz_role)o->input.role,
                          .format = (enum vectors_format)o->format };
    if (!open_encoder(inv, &o->encoder, precision_given(&o->precision), o->input.prompt_name,
                      o->input.threads, &c.encoder, err))
        return false;
    c.dim = encoder_info(c.encoder)->dim;
    struct texts *in = NULL;
    bool ok = open_input(inv, &o->input, NULL, &in, err) && encode_stream(&c, in, inv->out, err);
    if (c.truncated)
        log_write(LOG_WARNING, "encode",
                  "%" PRIu64 " of %" PRIu64 " texts are longer than the model's limit of %u tokens "
                  "and were cut there",
                  c.truncated, c.texts, encoder_info(c.encoder)->max_tokens);
    texts_close(in);
    encoder_close(c.encoder);
    return ok;
}
