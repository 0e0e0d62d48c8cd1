/* SPDX-License-Identifier: Apache-2.0
 *
 * The options that name an encoder, and opening what they name. */
#include "cmd/cmd.h"

#include "base/clock.h"
#include "base/log.h"
#include "encoder/encoder.h"

const struct vz_option encoder_rows[] = {
    { .name = "model",
      .letter = 'm',
      .type = VZ_OPTION_STRING,
      .offset = VZ_OFFSET(struct encoder_options, model, const char *),
      .value = "REF",
      .env = "VECTORIZE_MODEL",
      .help = "model to encode with: an installed name, a folder (./path), or module:NAME" },
    { .name = "encoder-options",
      .type = VZ_OPTION_STRING,
      .offset = VZ_OFFSET(struct encoder_options, options, const char *),
      .value = "NAME=VALUE,…",
      .help = "options of the encoder's module; \"vectorize model show REF\" lists them" },
    { 0 },
};

static const char *const precision_choices[] = { "default", "auto", "fp32", "bf16", "int8", NULL };

const struct vz_option precision_rows[] = {
    { .name = "precision",
      .type = VZ_OPTION_CHOICE,
      .offset = VZ_OFFSET(struct precision_options, choice, int),
      .choices = precision_choices,
      .initial = "default",
      .value = "PRECISION",
      .help = "of the model's arithmetic; default: as the column's vectors, else fp32; auto: as "
              "the column's, else bf16 where the CPU has it, else fp32" },
    { 0 },
};

const char *precision_given(const struct precision_options *o)
{
    return o->choice > 0 ? precision_choices[o->choice] : NULL;
}

const char *const *encoder_option_list(struct arena *arena, const char *options)
{
    struct str rest = str_of(options);
    size_t n = 0, room = 1;
    for (size_t i = 0; i < rest.len; i++)
        room += rest.p[i] == ',';
    const char **list = arena_new(arena, const char *, room + 2); // + --prompt-name, and the end
    while (rest.len) {
        struct str_cut cut = str_cut(rest, ',');
        if (cut.head.len)
            list[n++] = arena_strdup(arena, cut.head);
        rest = cut.tail;
    }
    return list;
}

/* Puts `prompt-name=…` after the options that are there. */
static void add_prompt_name(struct arena *arena, const char *const *options, const char *name)
{
    const char **at = (const char **)options;
    while (*at)
        at++;
    *at = arena_printf(arena, "prompt-name=%s", name);
}

bool open_encoder(const struct invocation *inv, const struct encoder_options *o,
                  const char *precision, const char *prompt_name, int64_t threads,
                  struct encoder **ret, struct vz_error *err)
{
    if (!o->model) {
        fail_missing_option(err, "model");
        return vz_hint(err, "Name one with -m or VECTORIZE_MODEL; \"vectorize model list\" shows "
                            "what is installed.");
    }
    const char *const *options = encoder_option_list(inv->arena, o->options);
    if (prompt_name)
        add_prompt_name(inv->arena, options, prompt_name);
    struct encoder_settings settings = {
        .threads = (uint32_t)threads,
        .options = options,
        .precision = precision,
        .cancel = inv->cancel,
    };
    double start = clock_seconds();
    if (!encoder_open(o->model, &settings, ret, err))
        return false;
    log_write(LOG_DEBUG, "encoder", "%s opened in %.3f s, %u threads", encoder_reference(*ret),
              clock_seconds() - start, encoder_threads(*ret));
    return true;
}
