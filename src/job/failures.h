/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows that cannot be embedded in this run: their keys, so that no later pass offers them again,
 * and the reasons of the first of them for the report. From any thread.
 *
 *     failures_add(f, row, "encoder", &why, err)   false: the run has to end
 *     if (failures_has(f, keys, n_keys)) …         passed over */
#ifndef JOB_FAILURES_H
#define JOB_FAILURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "job/row.h"

#define FAILURES_MAX ((size_t)1 << 18) /* rows; a run with more of them ends */
#define FAILURES_TOLD 100              /* of these the reason is kept */
#define FAILURES_FIRST 100             /* so many before any success, and the run ends */

struct failure {
    char key[256];
    char reason[512];
};

struct failures;

struct failures *failures_new(void);
void failures_free(struct failures *f); /* NULL is allowed */

/* False when there is no sense in going on: nothing but failures so far, or far too many. */
bool failures_add(struct failures *f, const struct job_row *row, const struct vz_error *why,
                  struct vz_error *err) VZ_MUST_CHECK;
/* A row came through: failures are the rows' own from now on. */
void failures_note_success(struct failures *f);

bool failures_has(struct failures *f, const char *const *keys, size_t n_keys);

size_t failures_count(struct failures *f);
/* The first FAILURES_TOLD of them; valid until free, once the run is over. */
const struct failure *failures_told(struct failures *f, size_t *ret_count);

#endif
