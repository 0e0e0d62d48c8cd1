/* SPDX-License-Identifier: Apache-2.0
 *
 * Repeating what may be repeated. Waits double from RETRY_FIRST_MS to RETRY_CAP_MS; each is
 * drawn between half of that and all of it, so that workers do not come back in step. */
#include "db/retry.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/conn_impl.h"

#define SLICE_MS 50

void retry_watch(struct db *db, retry_note_fn *note, void *note_arg, int64_t total_ms)
{
    db->note = note;
    db->note_arg = note_arg;
    db->retry_total_ms = total_ms;
}

static int64_t wait_ms(int attempt, unsigned *seed)
{
    int64_t full = attempt > 16 ? RETRY_CAP_MS : (int64_t)RETRY_FIRST_MS << (attempt - 1);
    if (full > RETRY_CAP_MS)
        full = RETRY_CAP_MS;
    return full / 2 + (int64_t)rand_r(seed) % (full / 2 + 1);
}

/* False when the user wants to stop. */
static bool sleep_watchful(const struct db *db, int64_t ms)
{
    for (; ms > 0; ms -= SLICE_MS) {
        if (db_is_stopping(db))
            return false;
        clock_sleep_ms(ms < SLICE_MS ? ms : SLICE_MS);
    }
    return !db_is_stopping(db);
}

static bool give_up(int attempts, int64_t began_ns, struct vz_error *err)
{
    double seconds = (double)(clock_ns() - began_ns) * 1e-9;
    err->kind = VZ_DB;
    vz_context(err, "gave up after %d attempts in %.0f seconds", attempts, seconds);
    if (!err->hint[0])
        vz_hint(err, "Nothing is lost: run the same command again when the server is well.");
    return false;
}

static bool is_build(const struct vz_error *err, bool first)
{
    bool yes = fault_is_build(err->sqlstate, err->message);
    if (yes && first)
        log_write(LOG_WARNING, "db",
                  "waiting: this version of CockroachDB takes no writes while "
                  "another session builds a vector index");
    return yes;
}

bool retry_run(struct db *db, retry_fn *work, void *arg, struct vz_error *err)
{
    int64_t began = clock_ns();
    int64_t total_ms = db->retry_total_ms ? db->retry_total_ms : RETRY_TOTAL_MS;
    unsigned seed = (unsigned)began ^ (unsigned)(uintptr_t)db;
    int64_t waited = 0, waited_for_build = 0;
    for (int attempt = 1;; attempt++) {
        if ((!db_is_lost(db) || db_reconnect(db, err)) && work(db, arg, err))
            return true;
        if (err->kind != VZ_RETRY)
            return false;
        int64_t wait = wait_ms(attempt, &seed);
        *(is_build(err, waited_for_build == 0) ? &waited_for_build : &waited) += wait;
        if (waited > total_ms || waited_for_build > RETRY_BUILD_MS)
            return give_up(attempt, began, err);
        if (db->note)
            db->note(db->note_arg, attempt, wait, err);
        if (!sleep_watchful(db, wait))
            return fault_cancelled(db, err);
    }
}
