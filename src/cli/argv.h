/* SPDX-License-Identifier: Apache-2.0
 *
 * From argv to an invocation. `--long value`, `--long=value`, `-x value`, `-xvalue`, bundled
 * flags `-dv`, `--` ends the options, options and arguments may mix. An option given twice: the
 * last one wins. A flag is stronger than its variable, the variable than the initial value.
 *
 *     struct invocation inv = { .arena = &process };
 *     if (!argv_parse(commands, argc, argv, &inv, err)) …
 *
 * A secret (a URL with a password) is copied and overwritten in argv, so that process lists do
 * not show it. */
#ifndef CLI_ARGV_H
#define CLI_ARGV_H

#include "cli/command.h"

/* `commands` ends with NULL. Needs ret->arena. VZ_USAGE names what is wrong and the nearest
 * accepted name. With --help or --version given, nothing else has to be complete. */
bool argv_parse(const struct command *const *commands, int argc, char **argv,
                struct invocation *ret, struct vz_error *err) VZ_MUST_CHECK;

/* True when --json stands among the options, however wrong the rest is. */
bool argv_wants_json(int argc, char **argv);

#endif
