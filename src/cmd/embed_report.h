/* SPDX-License-Identifier: Apache-2.0
 *
 * What embed did, for people and for programs. */
#ifndef CMD_EMBED_REPORT_H
#define CMD_EMBED_REPORT_H

#include <stdio.h>

#include "job/job.h"

bool embed_report(FILE *out, const struct job_summary *summary, bool json,
                  struct vz_error *err) VZ_MUST_CHECK;

#endif
