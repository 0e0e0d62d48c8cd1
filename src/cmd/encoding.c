/* SPDX-License-Identifier: Apache-2.0
 *
 * Input options, and batches with a text in them that cannot be encoded. */
#include "cmd/encoding.h"

#include "base/log.h"
#include "cli/terminal.h"
#include "encoder/encoder.h"

static const char *const role_names[] = { [VZ_DOCUMENT] = "document", [VZ_QUERY] = "query", NULL };

const struct vz_option input_rows[] = {
    { .name = "input-format",
      .type = VZ_OPTION_CHOICE,
      .choices = texts_format_names,
      .offset = VZ_OFFSET(struct input_options, format, int),
      .value = "FORMAT",
      .initial = "lines",
      .help = "a text a line, or a JSON string or {\"text\":…} a line" },
    { .name = "role",
      .type = VZ_OPTION_CHOICE,
      .choices = role_names,
      .offset = VZ_OFFSET(struct input_options, role, int),
      .value = "ROLE",
      .initial = "document",
      .help = "what the texts are for: some models put a prompt in front" },
    { .name = "prompt-name",
      .type = VZ_OPTION_STRING,
      .offset = VZ_OFFSET(struct input_options, prompt_name, const char *),
      .value = "NAME",
      .help = "the model's prompt of that name, instead of the role's" },
    { .name = "threads",
      .letter = 'w',
      .type = VZ_OPTION_INT,
      .initial = "0",
      .max = MOST_THREADS,
      .offset = VZ_OFFSET(struct input_options, threads, int64_t),
      .value = "N",
      .help = "threads that work; 0: one a core" },
    { 0 },
};

bool open_input(const struct invocation *inv, const struct input_options *o, const char *path,
                struct texts **ret, struct vz_error *err)
{
    if (!path && terminal_is(stdin))
        log_write(LOG_INFO, "input", "reading texts from the terminal, one a line; Ctrl-D ends");
    return texts_open(path, (enum texts_format)o->format, inv->cancel, ret, err);
}

/* One at a time up to the one that fails: for a batch that failed as a whole. */
static bool encode_singly(struct encoder *e, const struct texts_batch *in, enum vz_role role,
                          float *rows, struct vz_text_info *ret_info, size_t *ret_done,
                          struct vz_error *err)
{
    size_t dim = encoder_info(e)->dim;
    for (size_t i = 0; i < in->count; i++) {
        if (!encoder_encode(e, &in->texts[i], 1, role, rows + i * dim,
                            ret_info ? &ret_info[i] : NULL, err))
            return vz_context(err, "%s", in->texts[i].key);
        *ret_done = i + 1;
    }
    return true;
}

bool encode_batch(struct encoder *e, const struct texts_batch *in, enum vz_role role, float *rows,
                  struct vz_text_info *ret_info, size_t *ret_done, struct vz_error *err)
{
    *ret_done = 0;
    if (encoder_encode(e, in->texts, in->count, role, rows, ret_info, err)) {
        *ret_done = in->count;
        return true;
    }
    if (err->kind != VZ_ENCODER_FAILED)
        return false;
    return encode_singly(e, in, role, rows, ret_info, ret_done, err);
}
