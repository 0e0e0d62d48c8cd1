/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of commands, and the shared option groups. */
#include "cmd/cmd.h"

// In the order of the manual, one a line.
// clang-format off
const struct command *const commands[] = {
    &model_list_command,
    &model_show_command,
    &embed_command,
    &search_command,
    &status_command,
    &encode_command,
    &tokenize_command,
    &bench_command,
    &completion_command,
    &manual_page_command,
    NULL,
};
// clang-format on

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
