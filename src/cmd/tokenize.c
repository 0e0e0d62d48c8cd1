/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenize: texts on standard input to the token ids that a model would encode. */
#include "base/arena.h"
#include "cmd/cmd.h"
#include "cmd/encoding.h"
#include "cmd/stream.h"
#include "encoder/encoder.h"

static bool tokenize_run(struct invocation *inv, struct vz_error *err);

struct tokenize_options {
    struct encoder_options encoder;
    struct input_options input;
};

static const struct option_group tokenize_groups[] = {
    { "Encoder", encoder_rows, offsetof(struct tokenize_options, encoder) },
    { "Encoding", input_rows, offsetof(struct tokenize_options, input) },
    { 0 },
};

static const struct example tokenize_examples[] = {
    { "echo 'unbelievable' | vectorize tokenize -m all-MiniLM-L6-v2", "the ids, as JSON" },
    { "vectorize tokenize -m ./model < texts.txt | jq length", "how many tokens each line has" },
    { 0 },
};

const struct command tokenize_command = {
    .name = "tokenize",
    .summary = "turn texts on standard input into token ids",
    .details = "Prints a JSON array of ids for every line of the input: what encode would feed to "
               "the model, special tokens and prompt included, cut at the model's limit.",
    .examples = tokenize_examples,
    .options_size = sizeof(struct tokenize_options),
    .groups = tokenize_groups,
    .run = tokenize_run,
};

#define FIRST_IDS 1024 /* room for ids of a text before it is known how many there are */

struct id_list {
    int32_t *ids;
    size_t room;
};

struct tokenizing {
    struct encoder *encoder;
    enum vz_role role;
    FILE *out;
    struct id_list *lists; /* one a thread */
};

/* Asks again with more room when there were more ids than it had. */
static bool tokenize_text(struct tokenizing *c, const struct vz_text *text, struct id_list *list,
                          size_t *ret_count, struct vz_error *err)
{
    for (;;) {
        if (!encoder_tokenize(c->encoder, text, c->role, list->ids, list->room, ret_count, NULL,
                              err))
            return false;
        if (*ret_count <= list->room)
            return true;
        list->room = *ret_count;
        list->ids = xrealloc(list->ids, list->room, sizeof *list->ids);
    }
}

static void print_ids(const int32_t *ids, size_t count, struct buf *ret)
{
    buf_putc(ret, '[');
    for (size_t i = 0; i < count; i++)
        buf_printf(ret, "%s%d", i ? "," : "", ids[i]);
    buf_puts(ret, "]\n");
}

static bool tokenize_work(void *arg, size_t worker, const struct texts_batch *in,
                          struct stream_result *ret, struct vz_error *err)
{
    struct tokenizing *c = arg;
    struct id_list *list = &c->lists[worker];
    if (!list->ids) {
        list->room = FIRST_IDS;
        list->ids = xcalloc(list->room, sizeof *list->ids);
    }
    for (; ret->texts < in->count; ret->texts++) {
        const struct vz_text *text = &in->texts[ret->texts];
        size_t count = 0;
        if (!tokenize_text(c, text, list, &count, err))
            return err->kind == VZ_USAGE ? false : vz_context(err, "%s", text->key);
        print_ids(list->ids, count, &ret->out);
    }
    return true;
}

static bool write_out(FILE *out, const struct buf *b, struct vz_error *err)
{
    if (fwrite(b->p ? b->p : "", 1, b->len, out) == b->len)
        return true;
    return vz_fail(err, VZ_IO, "could not write token ids: %m");
}

static bool tokenize_emit(void *arg, const struct stream_result *r, struct vz_error *err)
{
    struct tokenizing *c = arg;
    return write_out(c->out, &r->out, err);
}

static bool tokenize_idle(void *arg, struct vz_error *err)
{
    struct tokenizing *c = arg;
    return fflush(c->out) == 0 || vz_fail(err, VZ_IO, "could not write token ids: %m");
}

static bool tokenize_stream(struct tokenizing *c, struct texts *in, struct vz_error *err)
{
    struct stream_job job = {
        .threads = encoder_threads(c->encoder),
        .arg = c,
        .work = tokenize_work,
        .emit = tokenize_emit,
        .idle = tokenize_idle,
    };
    c->lists = xcalloc(job.threads, sizeof *c->lists);
    bool ok = stream_run(in, &job, err);
    for (size_t i = 0; i < job.threads; i++)
        xfree(c->lists[i].ids);
    xfree(c->lists);
    return ok;
}

static bool tokenize_run(struct invocation *inv, struct vz_error *err)
{
    const struct tokenize_options *o = inv->options;
    struct tokenizing c = { .role = (enum vz_role)o->input.role, .out = inv->out };
    if (!open_encoder(inv, &o->encoder, NULL, o->input.prompt_name, o->input.threads, &c.encoder,
                      err))
        return false;
    struct texts *in = NULL;
    bool ok = open_input(inv, &o->input, NULL, &in, err) && tokenize_stream(&c, in, err);
    texts_close(in);
    encoder_close(c.encoder);
    return ok;
}
