/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of commands, and the shared option groups. */
#include "cmd/cmd.h"

#include "base/compiler.h"

const struct command *const commands[] = {
    &model_list_command,
    &model_show_command,
    NULL,
};

const struct vz_option connection_rows[] = {
    { .name = "url",
      .letter = 'u',
      .type = VZ_OPTION_STRING,
      .offset = VZ_OFFSET(struct connection_options, url, const char *),
      .value = "URL",
      .secret = true,
      .env = "VECTORIZE_URL",
      .help = "database to connect to; without it libpq's own variables and files decide" },
    { 0 },
};

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

const char *const *encoder_option_list(struct arena *arena, const char *options)
{
    struct str rest = str_of(options);
    size_t n = 0, room = 1;
    for (size_t i = 0; i < rest.len; i++)
        room += rest.p[i] == ',';
    const char **list = arena_new(arena, const char *, room + 1);
    while (rest.len) {
        struct str_cut cut = str_cut(rest, ',');
        if (cut.head.len)
            list[n++] = arena_strdup(arena, cut.head);
        rest = cut.tail;
    }
    return list;
}
