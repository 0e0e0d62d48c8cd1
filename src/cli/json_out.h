/* SPDX-License-Identifier: Apache-2.0
 *
 * Results as JSON: one value, on one line, for a program that reads standard output. */
#ifndef CLI_JSON_OUT_H
#define CLI_JSON_OUT_H

#include <stdio.h>

#include "base/json.h"

/* A string value; bytes that are not UTF-8 become U+FFFD, so that there is always an answer. */
json_t *json_text(const char *text);

/* A number; null for one that is not above 0, which stands for "not known". */
json_t *json_positive(double number);

/* Prints the value and a line end, and releases it. */
bool json_print(FILE *out, json_t *value, struct vz_error *err) VZ_MUST_CHECK;

#endif
