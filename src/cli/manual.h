/* SPDX-License-Identifier: Apache-2.0
 *
 * Manual pages in scdoc's language, made from the tables, so that they cannot say anything else
 * than the program does. What no table holds (formats, notes) is put in from hand-written
 * sections. */
#ifndef CLI_MANUAL_H
#define CLI_MANUAL_H

#include "base/str.h"
#include "cli/command.h"

/* The page of one command: NAME, SYNOPSIS, DESCRIPTION, OPTIONS, then `sections`, EXAMPLES,
 * EXIT STATUS and SEE ALSO. */
void manual_command(FILE *out, const struct command *c, struct str sections);

/* The page of the program: NAME, SYNOPSIS, COMMANDS, general OPTIONS, then `sections`. */
void manual_program(FILE *out, const struct command *const *commands, struct str sections);

#endif
