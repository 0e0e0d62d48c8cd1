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

#define COLUMN(field) VZ_OFFSET(struct column_options, field, const char *)

const struct vz_option column_rows[] = {
    { .name = "table",
      .letter = 't',
      .type = VZ_OPTION_STRING,
      .offset = COLUMN(table),
      .value = "TABLE",
      .help = "table: NAME, SCHEMA.NAME or DATABASE.SCHEMA.NAME" },
    { .name = "input",
      .letter = 'i',
      .type = VZ_OPTION_STRING,
      .offset = COLUMN(input),
      .value = "COLUMN",
      .help = "column with the text; not needed when only one column of the table is embedded" },
    { .name = "output",
      .letter = 'o',
      .type = VZ_OPTION_STRING,
      .offset = COLUMN(output),
      .value = "COLUMN",
      .help = "vector column; default: the input column's name and \"_vector\"" },
    { .name = "where",
      .type = VZ_OPTION_STRING,
      .offset = COLUMN(where),
      .value = "CONDITION",
      .help = "only rows that fulfil this SQL condition" },
    { 0 },
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
