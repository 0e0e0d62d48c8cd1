/* SPDX-License-Identifier: Apache-2.0
 *
 * The one place that repeats work after a passing fault (VZ_RETRY): serialisation failures,
 * ambiguous results, lost connections, a server that drains or restarts.
 *
 *     static bool add_rows(struct db *db, void *arg, struct vz_error *err);
 *     if (!retry_run(db, add_rows, &batch, err)) …
 *
 * The closure must be repeatable: it may have been done already when it is called again (a
 * result that is unknown counts as failed). Waits are capped and jittered, and end at once when
 * the connection's cancel or stop flag is set: VZ_CANCELLED. After waiting RETRY_TOTAL_MS
 * in all without a success the last error comes back as VZ_DB and says how long was tried; the
 * time that attempts themselves take does not count, so an index build of hours can be rejoined;
 * nor does the time until another session's build lets writes in again, up to RETRY_BUILD_MS. */
#ifndef DB_RETRY_H
#define DB_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct db;

#define RETRY_FIRST_MS 50
#define RETRY_CAP_MS 5000
#define RETRY_TOTAL_MS 180000
#define RETRY_BUILD_MS (24 * 3600 * 1000LL)

typedef bool retry_fn(struct db *db, void *arg, struct vz_error *err);

/* May be NULL in retry_watch: told before each wait, for a log line. */
typedef void retry_note_fn(void *arg, int attempt, int64_t wait_ms, const struct vz_error *why);

bool retry_run(struct db *db, retry_fn *work, void *arg, struct vz_error *err) VZ_MUST_CHECK;

/* Sets who is told about repeats on this connection; total_ms 0: RETRY_TOTAL_MS. */
void retry_watch(struct db *db, retry_note_fn *note, void *note_arg, int64_t total_ms);

#endif
