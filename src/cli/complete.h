/* SPDX-License-Identifier: Apache-2.0
 *
 * Shell completion, made from the tables. */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include "cli/command.h"

/* A script that bash sources: commands, their options, choices, files, and models by name. */
void complete_bash(FILE *out, const struct command *const *commands);

/* The same for fish, with the summaries and help texts beside the words. */
void complete_fish(FILE *out, const struct command *const *commands);

#endif
