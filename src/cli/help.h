/* SPDX-License-Identifier: Apache-2.0
 *
 * --help, made from the tables. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/command.h"

/* Help for what the invocation names: a command, a group of commands, or the program. */
void help_print(const struct command *const *commands, const struct invocation *inv);

/* How the option is written: "-t, --table TABLE". Returned text is in the arena. */
const char *help_flag(struct arena *arena, const struct vz_option *row);

/* What is said about it: help, choices, initial value, variable; in the arena. */
const char *help_text(struct arena *arena, const struct vz_option *row);

#endif
