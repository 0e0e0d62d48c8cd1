/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands of the program, and the option groups that several of them take. To add one:
 * write cmd/NAME.c with its `const struct command` at the top, name it here and in commands.c,
 * and name it in docs/meson.build, which makes its manual page. */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "cli/command.h"

/* All commands in the order of the manual; ends with NULL. */
extern const struct command *const commands[];

extern const struct command model_list_command, model_show_command;
extern const struct command embed_command, search_command, status_command;
extern const struct command encode_command, tokenize_command, bench_command;
extern const struct command completion_command, manual_page_command;

/* { "Connection", connection_rows, offsetof(struct x_options, connection) } */
struct connection_options {
    const char *url; /* goes to libpq unread; NULL: libpq's own environment */
};
extern const struct vz_option connection_rows[];

/* { "Column", column_rows, offsetof(struct x_options, column) } */
struct column_options {
    const char *table, *input, *output; /* as typed; NULL when not given */
    const char *where;                  /* SQL of the user's, executed as it is; or NULL */
};
extern const struct vz_option column_rows[];

/* { "Encoder", encoder_rows, offsetof(struct x_options, encoder) } */
struct encoder_options {
    const char *model;   /* reference, or NULL when not given */
    const char *options; /* "name=value,name=value" for the module, or NULL */
};
extern const struct vz_option encoder_rows[];

/* Splits encoder_options.options into what encoder_settings wants: NULL-terminated, in arena. */
const char *const *encoder_option_list(struct arena *arena, const char *options);

/* { "Precision", precision_rows, offsetof(struct x_options, precision) } */
struct precision_options {
    int choice;
};
extern const struct vz_option precision_rows[];

/* "auto", "fp32", …; NULL when none was asked for. */
const char *precision_given(const struct precision_options *o);

/* Opens the encoder that the options name; VZ_USAGE when they name none. precision, prompt_name
 * may be NULL; threads 0: one a core. */
struct encoder;
bool open_encoder(const struct invocation *inv, const struct encoder_options *o,
                  const char *precision, const char *prompt_name, int64_t threads,
                  struct encoder **ret, struct vz_error *err) VZ_MUST_CHECK;

#endif
