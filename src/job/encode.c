/* SPDX-License-Identifier: Apache-2.0
 *
 * The encoding stage: each worker takes a window of texts, has it encoded in one call and hands
 * the rows on. A window that fails is halved until the texts that cannot be encoded stand alone;
 * they are noted with their reason, and the rest goes on. */
#include "job/run.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"

#define WINDOW_ROWS 256 /* at most: more does not make an encoder faster */
#define WINDOW_BYTES (1 * MIB)
#define WINDOW_LEAST 8
#define WINDOW_FIRST 32
#define WINDOW_SECONDS 0.75 /* of work: what an interruption waits for and a crash may lose */
#define WINDOW_PATIENCE_MS 100
#define ATTEMPTS 8 /* at an encoder that asks for another try */

struct worker {
    struct run *run;
    size_t dim;
    struct job_row *rows[WINDOW_ROWS];
    struct vz_text texts[WINDOW_ROWS];
    struct vz_text_info info[WINDOW_ROWS];
    char keys[WINDOW_ROWS][128];
    float *vectors; // [WINDOW_ROWS, dim]
};

/* A passing fault of the encoder (a rate limit, a service that restarts) is waited out. */
static bool encode_patiently(struct worker *w, size_t from, size_t n, struct vz_error *err)
{
    int64_t wait_ms = 250;
    for (int attempt = 1;; attempt++) {
        if (encoder_encode(w->run->encoder, w->texts + from, n, VZ_DOCUMENT,
                           w->vectors + from * w->dim, w->info + from, err))
            return true;
        if (err->kind != VZ_RETRY || attempt == ATTEMPTS || run_is_stopping(w->run))
            return false;
        log_write(LOG_DEBUG, "job", "encoder: %s; again in %lld ms", err->message,
                  (long long)wait_ms);
        for (int64_t ms = 0; ms < wait_ms && !run_is_stopping(w->run); ms += 50)
            clock_sleep_ms(50);
        wait_ms = wait_ms < 16000 ? wait_ms * 2 : wait_ms;
    }
}

static void hand_on(struct worker *w, size_t from, size_t n)
{
    uint64_t truncated = 0, dropped = 0;
    for (size_t i = from; i < from + n; i++) {
        truncated += w->info[i].dropped > 0;
        dropped += w->info[i].dropped;
        row_set_vector(w->rows[i], w->vectors + i * w->dim, w->dim);
        struct job_row *row = w->rows[i];
        w->rows[i] = NULL;
        // False: the writers are gone; the row keeps its NULL and is the next run's.
        if (!queue_put(w->run->vectors, row))
            break;
    }
    tally_add(w->run->tally, TALLY_TRUNCATED, truncated);
    tally_add(w->run->tally, TALLY_DROPPED, dropped);
}

static bool give_up(struct worker *w, size_t at, struct vz_error *why, struct vz_error *err)
{
    struct job_row *row = w->rows[at];
    log_write(LOG_DEBUG, "job", "row %s cannot be embedded: %s", w->keys[at], why->message);
    bool go_on = failures_add(w->run->failures, row, why, err);
    w->rows[at] = NULL;
    row_free(row);
    tally_add(w->run->tally, TALLY_FAILED, 1);
    return go_on;
}

static bool encode_range(struct worker *w, size_t from, size_t n, struct vz_error *err)
{
    struct vz_error why = { 0 };
    if (encode_patiently(w, from, n, &why)) {
        failures_note_success(w->run->failures);
        hand_on(w, from, n);
        return true;
    }
    if (why.kind != VZ_ENCODER_FAILED) {
        *err = why;
        return false;
    }
    if (n == 1)
        return give_up(w, from, &why, err);
    return encode_range(w, from, n / 2, err) && encode_range(w, from + n / 2, n - n / 2, err);
}

static bool encode_window(struct worker *w, struct job_row *list, size_t *ret_rows,
                          struct vz_error *err)
{
    size_t n = 0;
    for (struct job_row *next; list; list = next, n++) {
        next = list->next;
        w->rows[n] = list;
        w->texts[n] = (struct vz_text){ row_key_text(list, w->keys[n], sizeof w->keys[n]),
                                        list->text.p, list->text.len };
        w->info[n] = (struct vz_text_info){ 0 };
    }
    *ret_rows = n;
    bool ok = encode_range(w, 0, n, err);
    for (size_t i = 0; i < n; i++) { // what a fault left behind
        row_free(w->rows[i]);
        w->rows[i] = NULL;
    }
    return ok;
}

/* From how long the last one took. */
static size_t next_window(size_t rows, double seconds)
{
    double fitting = seconds > 0 ? (double)rows * WINDOW_SECONDS / seconds : WINDOW_ROWS;
    return fitting >= WINDOW_ROWS    ? WINDOW_ROWS
           : fitting <= WINDOW_LEAST ? WINDOW_LEAST
                                     : (size_t)fitting;
}

void *encode_main(void *arg)
{
    struct run *run = arg;
    struct vz_error err;
    struct worker *w = xcalloc(1, sizeof *w);
    w->run = run;
    w->dim = encoder_info(run->encoder)->dim;
    w->vectors = aligned_new(WINDOW_ROWS * w->dim, sizeof(float));

    struct queue_want want = { .rows = WINDOW_FIRST,
                               .bytes = WINDOW_BYTES,
                               .sharers = 2 * run->workers,
                               .least = WINDOW_LEAST,
                               .patience_ms = WINDOW_PATIENCE_MS };
    struct job_row *list;
    while ((list = queue_take(run->texts, &want))) {
        double begin = clock_seconds();
        size_t n = 0;
        if (!encode_window(w, list, &n, &err)) {
            run_fail(run, RUN_ENCODING, &err);
            break;
        }
        want.rows = next_window(n, clock_seconds() - begin);
    }
    xfree(w->vectors);
    xfree(w);
    run_leave(run, RUN_ENCODING);
    return NULL;
}
