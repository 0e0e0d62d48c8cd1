/* SPDX-License-Identifier: Apache-2.0
 *
 * The writing stage: batches of vectors go back by full key, each guarded by the text it was made
 * of. A batch that the server refuses because of a row in it (a trigger, a constraint) is halved
 * until that row stands alone. */
#include "job/run.h"

#include "base/arena.h"
#include "base/log.h"
#include "db/write.h"

#define BATCH_PATIENCE_MS 250 /* then a batch goes out that is not full */

struct stage {
    struct run *run;
    struct writer *writer;
    struct job_row **rows; // [batch]
    struct write_item *items;
};

/* Classes of SQLSTATE that a single row can cause: bad data, a broken constraint, a view's
 * check, an error raised by a trigger. Any other is the batch's or the run's. */
static bool is_row_fault(const struct vz_error *err)
{
    static const char *const classes[] = { "22", "23", "44", "P0", "09", "27" };
    for (size_t i = 0; err->kind == VZ_DB && i < ARRAY_LEN(classes); i++)
        if (memcmp(err->sqlstate, classes[i], 2) == 0)
            return true;
    return false;
}

static bool give_up(struct stage *s, size_t at, const struct vz_error *why, struct vz_error *err)
{
    char key[128];
    log_write(LOG_DEBUG, "job", "row %s cannot be written: %s",
              row_key_text(s->rows[at], key, sizeof key), why->message);
    bool go_on = failures_add(s->run->failures, s->rows[at], why, err);
    tally_add(s->run->tally, TALLY_FAILED, 1);
    return go_on;
}

static bool write_range(struct stage *s, size_t from, size_t n, struct vz_error *err)
{
    struct vz_error why = { 0 };
    size_t written = 0;
    if (writer_write(s->writer, s->items + from, n, &written, &why)) {
        if (written)
            failures_note_success(s->run->failures);
        tally_add(s->run->tally, TALLY_WRITTEN, written);
        tally_add(s->run->tally, TALLY_CHANGED, n - written);
        return true;
    }
    if (!is_row_fault(&why)) {
        *err = why;
        return false;
    }
    if (n == 1)
        return give_up(s, from, &why, err);
    return write_range(s, from, n / 2, err) && write_range(s, from + n / 2, n - n / 2, err);
}

static bool write_batch(struct stage *s, struct job_row *list, struct vz_error *err)
{
    size_t n = 0;
    for (struct job_row *row = list; row; row = row->next, n++) {
        s->rows[n] = row;
        s->items[n] = (struct write_item){ row->keys, row->hash, row->vector, false };
    }
    bool ok = write_range(s, 0, n, err);
    row_free_list(list);
    return ok;
}

static bool write_all(struct stage *s, struct db *db, struct vz_error *err)
{
    struct run *run = s->run;
    if (!writer_new(db, run->target, &s->writer, err))
        return false;
    struct queue_want want = { .rows = run->batch,
                               .bytes = WRITE_BYTES_MAX,
                               .sharers = 1,
                               .least = 1,
                               .patience_ms = BATCH_PATIENCE_MS };
    struct job_row *list;
    while ((list = queue_take(run->vectors, &want)))
        if (!write_batch(s, list, err))
            return false;
    return true;
}

void *write_main(void *arg)
{
    struct run *run = arg;
    struct vz_error err;
    struct stage s = { .run = run };
    s.rows = xcalloc(run->batch, sizeof(struct job_row *));
    s.items = xcalloc(run->batch, sizeof *s.items);

    struct db_settings settings = run->writing;
    settings.stop = run->cancel; // ends waits between attempts; a running write is finished
    struct db *db = NULL;
    if (!db_open(&settings, &db, &err) || !write_all(&s, db, &err))
        run_fail(run, RUN_WRITING, &err);
    writer_free(s.writer);
    db_close(db);
    xfree(s.items);
    xfree(s.rows);
    run_leave(run, RUN_WRITING);
    return NULL;
}
