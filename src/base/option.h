/* SPDX-License-Identifier: Apache-2.0
 *
 * Option rows (struct vz_option) to fields of a struct: one parser for command lines, module
 * options and variables.
 *
 *     struct search_options o;
 *     if (!option_defaults(rows, &o, err)) …
 *     if (!option_set(option_find(rows, "limit"), &o, "10", err)) …
 *
 * String fields borrow the text they are given. */
#ifndef BASE_OPTION_H
#define BASE_OPTION_H

#include <vectorize/encoder.h>

#include "base/error.h"
#include "base/str.h"

/* Sets every field from its row's initial value, zero without one. */
bool option_defaults(const struct vz_option *rows, void *fields,
                     struct vz_error *err) VZ_MUST_CHECK;

/* Parses `text` into the row's field; VZ_USAGE names the option and what it takes. A flag takes
 * "true"/"false"/"1"/"0"; NULL means true. */
bool option_set(const struct vz_option *row, void *fields, const char *text,
                struct vz_error *err) VZ_MUST_CHECK;

/* The row of that name, or NULL. */
const struct vz_option *option_find(const struct vz_option *rows, struct str name);

/* The name in `names` (n of them) nearest to `wrong`, or NULL when none is near enough. */
const char *option_nearest(const char *const *names, size_t n, const char *wrong);

#endif
