/* SPDX-License-Identifier: Apache-2.0
 *
 * How an error is said, once, at the end. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <stdio.h>

#include "base/error.h"

/* As text: "vectorize: message", then detail and hint, a line each. As JSON: one line,
 * {"error":{"kind":…,"message":…,"detail":…,"hint":…,"sqlstate":…}}; empty parts are left out. */
void report_error(FILE *to, const struct vz_error *err, bool json);

#endif
