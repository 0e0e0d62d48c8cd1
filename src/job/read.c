/* SPDX-License-Identifier: Apache-2.0
 *
 * The reading stage: passes over the rows without a vector, in key order, until a pass finds
 * nothing more to do. Rows that changed while they were being encoded, and rows that came behind
 * the cursor, are the next pass's. */
#include "job/run.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/utf8.h"
#include "db/page.h"

#define PASSES_MAX 10    /* against a table that changes faster than it can be embedded */
#define PASSES_IN_VAIN 3 /* in a row, without getting fewer rows */
#define PAGE_ROWS 1000
#define PAGE_BYTES (4 * MIB)

struct pass {
    struct run *run;
    uint64_t budget; // rows it may offer
    uint64_t offered;
};

static bool is_spent(const struct pass *pass)
{
    return pass->offered >= pass->budget;
}

/* False when the run is stopping. */
static bool offer(struct pass *pass, const struct page_row *row)
{
    struct run *run = pass->run;
    size_t n_keys = run->target->n_keys;
    if (!utf8_is_valid(row->text)) {
        tally_add(run->tally, TALLY_INVALID, 1);
        return true;
    }
    if (utf8_is_blank(row->text)) {
        tally_add(run->tally, TALLY_BLANK, 1);
        return true;
    }
    if (failures_has(run->failures, row->keys, n_keys))
        return true;
    pass->offered++;
    tally_add(run->tally, TALLY_OFFERED, 1);
    return queue_put(run->texts, row_new(row->keys, n_keys, row->text, row->hash));
}

static bool offer_page(struct pass *pass, const struct page *page)
{
    for (size_t i = 0; i < page->n_rows && !is_spent(pass); i++)
        if (!offer(pass, &page->rows[i]))
            return false;
    return true;
}

static bool read_pages(struct pass *pass, struct page_reader *reader, struct vz_error *err)
{
    while (!is_spent(pass) && !run_is_stopping(pass->run)) {
        struct page *page = NULL;
        if (!page_next(reader, &page, err))
            return false;
        if (!page)
            return true;
        bool go_on = offer_page(pass, page) && !page->last;
        page_free(page);
        if (!go_on)
            return true;
    }
    return true;
}

static bool read_pass(struct pass *pass, struct db *db, bool follower_reads, struct vz_error *err)
{
    struct page_options options = { .rows = PAGE_ROWS,
                                    .bytes = PAGE_BYTES,
                                    .where = pass->run->where,
                                    .follower_reads = follower_reads };
    struct page_reader *reader = NULL;
    tally_zero(pass->run->tally, TALLY_BLANK);
    tally_zero(pass->run->tally, TALLY_INVALID);
    if (!page_reader_new(db, pass->run->target, &options, &reader, err))
        return false;
    bool ok = read_pages(pass, reader, err);
    page_reader_free(reader);
    return ok;
}

static uint64_t budget_of(struct run *run)
{
    uint64_t n[TALLY_ITEMS];
    if (run->limit == 0)
        return UINT64_MAX;
    tally_read(run->tally, n);
    uint64_t used = n[TALLY_WRITTEN] + n[TALLY_FAILED];
    return used < run->limit ? run->limit - used : 0;
}

/* Lets the other stages finish what was offered. */
static bool settle(struct run *run)
{
    queue_hurry(run->texts, true);
    queue_hurry(run->vectors, true);
    bool settled = tally_wait(run->tally);
    queue_hurry(run->texts, false);
    queue_hurry(run->vectors, false);
    return settled;
}

static void end(struct run *run, bool complete, bool restless)
{
    pthread_mutex_lock(&run->lock);
    run->complete = complete;
    run->restless = restless;
    pthread_mutex_unlock(&run->lock);
}

static bool read_all(struct run *run, struct db *db, struct vz_error *err)
{
    uint64_t before = UINT64_MAX;
    int in_vain = 0;
    for (int n = 1; n <= PASSES_MAX && in_vain < PASSES_IN_VAIN; n++) {
        struct pass pass = { .run = run, .budget = budget_of(run) };
        if (pass.budget == 0)
            return true;
        bool stale = run->follower_reads && n == 1;
        if (!read_pass(&pass, db, stale, err)) {
            if (!stale || err->kind != VZ_DB)
                return false;
            // In the past that was read, the column may not have been there yet.
            log_write(LOG_DEBUG, "job", "no follower reads: %s", err->message);
        }
        log_write(LOG_DEBUG, "job", "pass %d: %llu rows to encode", n,
                  (unsigned long long)pass.offered);
        if (!settle(run) || run_is_stopping(run))
            return true;
        if (pass.offered == 0 && !stale) {
            end(run, true, false);
            return true;
        }
        in_vain = pass.offered >= before ? in_vain + 1 : 0;
        before = pass.offered;
    }
    end(run, false, true);
    return true;
}

void *read_main(void *arg)
{
    struct run *run = arg;
    struct vz_error err;
    if (!read_all(run, run->reading, &err))
        run_fail(run, RUN_READING, &err);
    run_leave(run, RUN_READING);
    return NULL;
}
