/* SPDX-License-Identifier: Apache-2.0
 *
 * A ring of batches between one reader-and-writer and several workers. Batches are numbered; a
 * slot holds number n, n + slots, n + 2 slots …, so three counters say everything:
 *
 *     emitted ≤ claimed ≤ submitted ≤ emitted + slots
 */
#include "cmd/stream.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>

#include "base/arena.h"
#include "base/limits.h"

#define SLOTS_A_THREAD 3          /* one at work, one ready, one waiting to be emitted */
#define MOST_IN_FLIGHT (64 * MIB) /* bytes of text in all slots, before reading on */
#define KEEP_BYTES (4 * MIB)      /* larger results are given back after use */
#define WORKER_STACK (8 * MIB)

struct slot {
    struct texts_batch batch;
    struct stream_result result;
    struct vz_error error;
    bool ok, done;
};

struct stream {
    struct texts *in;
    const struct stream_job *job;
    struct slot *slots;
    size_t slot_count;
    size_t bytes_in_flight;

    pthread_mutex_t lock; /* over what stands below, and each slot's `done` */
    pthread_cond_t submitted_or_stopped, done;
    uint64_t submitted, claimed, emitted;
    size_t workers; /* numbers given out */
    bool stopped;
};

/* ---- workers ---- */

/* The next batch to work on, or NULL when there will be none. */
static struct slot *claim(struct stream *s)
{
    pthread_mutex_lock(&s->lock);
    while (!s->stopped && s->claimed == s->submitted)
        pthread_cond_wait(&s->submitted_or_stopped, &s->lock);
    struct slot *slot = s->stopped ? NULL : &s->slots[s->claimed++ % s->slot_count];
    pthread_mutex_unlock(&s->lock);
    return slot;
}

static void *work_loop(void *arg)
{
    struct stream *s = arg;
    pthread_mutex_lock(&s->lock);
    size_t worker = s->workers++;
    pthread_mutex_unlock(&s->lock);

    for (struct slot *slot; (slot = claim(s)) != NULL;) {
        slot->ok = s->job->work(s->job->arg, worker, &slot->batch, &slot->result, &slot->error);
        pthread_mutex_lock(&s->lock);
        slot->done = true;
        pthread_cond_signal(&s->done);
        pthread_mutex_unlock(&s->lock);
    }
    return NULL;
}

/* Signals are for the calling thread, whose waits they interrupt. */
static size_t start_workers(struct stream *s, pthread_t *threads, struct vz_error *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, WORKER_STACK);
    size_t n = 0;
    while (n < s->job->threads && (errno = pthread_create(&threads[n], &attr, work_loop, s)) == 0)
        n++;
    if (n < s->job->threads)
        vz_fail(err, VZ_IO, "could not start thread %zu of %zu: %m", n + 1, s->job->threads);
    pthread_attr_destroy(&attr);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return n;
}

static void stop_workers(struct stream *s, pthread_t *threads, size_t n)
{
    pthread_mutex_lock(&s->lock);
    s->stopped = true;
    pthread_cond_broadcast(&s->submitted_or_stopped);
    pthread_mutex_unlock(&s->lock);
    for (size_t i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
}

/* ---- the calling thread ---- */

static void submit(struct stream *s, struct slot *slot)
{
    slot->done = false;
    slot->result.texts = 0;
    slot->result.tokens = slot->result.truncated = 0;
    slot->result.flop = 0;
    buf_clear(&slot->result.out);
    s->bytes_in_flight += slot->batch.bytes.len;
    pthread_mutex_lock(&s->lock);
    s->submitted++;
    pthread_cond_signal(&s->submitted_or_stopped);
    pthread_mutex_unlock(&s->lock);
}

/* Reads and submits while there is room and input; waits for input only when nothing else is
 * left to do. *ret_more is false once the input has ended. */
static bool fill(struct stream *s, bool *ret_more, struct vz_error *err)
{
    const struct stream_job *job = s->job;
    *ret_more = true;
    while (s->submitted - s->emitted < s->slot_count && s->bytes_in_flight < MOST_IN_FLIGHT) {
        struct slot *slot = &s->slots[s->submitted % s->slot_count];
        bool wait = s->submitted == s->emitted;
        if (job->enough && job->enough(job->arg)) {
            *ret_more = false;
            return true;
        }
        if (wait && !job->idle(job->arg, err))
            return false;
        if (!texts_read(s->in, wait, &slot->batch, err))
            return false;
        if (slot->batch.count == 0) {
            *ret_more = !wait;
            return true;
        }
        submit(s, slot);
    }
    return true;
}

/* Waits for the oldest batch and emits it. */
static bool emit_oldest(struct stream *s, struct vz_error *err)
{
    struct slot *slot = &s->slots[s->emitted % s->slot_count];
    pthread_mutex_lock(&s->lock);
    while (!slot->done)
        pthread_cond_wait(&s->done, &s->lock);
    pthread_mutex_unlock(&s->lock);

    s->bytes_in_flight -= slot->batch.bytes.len;
    s->emitted++;
    if (!s->job->emit(s->job->arg, &slot->result, err))
        return false;
    if (slot->result.out.room > KEEP_BYTES)
        buf_free(&slot->result.out);
    if (!slot->ok)
        *err = slot->error;
    return slot->ok;
}

static bool feed(struct stream *s, struct vz_error *err)
{
    struct vz_error read_error;
    bool more = true, readable = true;
    while (more || s->emitted < s->submitted) {
        if (more && !fill(s, &more, &read_error))
            more = readable = false; // said after all that was read before it has gone out
        if (s->emitted < s->submitted && !emit_oldest(s, err))
            return false;
    }
    if (!readable)
        *err = read_error;
    return readable;
}

static void free_slots(struct stream *s)
{
    for (size_t i = 0; i < s->slot_count; i++) {
        texts_batch_free(&s->slots[i].batch);
        buf_free(&s->slots[i].result.out);
    }
    xfree(s->slots);
}

bool stream_run(struct texts *in, const struct stream_job *job, struct vz_error *err)
{
    struct stream s = { .in = in, .job = job, .slot_count = job->threads * SLOTS_A_THREAD };
    s.slots = xcalloc(s.slot_count, sizeof *s.slots);
    for (size_t i = 0; i < s.slot_count; i++)
        s.slots[i].result.out = buf_make(SIZE_MAX / 4); // holds our own output, not input
    pthread_mutex_init(&s.lock, NULL);
    pthread_cond_init(&s.submitted_or_stopped, NULL);
    pthread_cond_init(&s.done, NULL);

    pthread_t *threads = xcalloc(job->threads, sizeof *threads);
    size_t n = start_workers(&s, threads, err);
    bool ok = n == job->threads && feed(&s, err);
    stop_workers(&s, threads, n);
    xfree(threads);
    free_slots(&s);
    pthread_cond_destroy(&s.done);
    pthread_cond_destroy(&s.submitted_or_stopped);
    pthread_mutex_destroy(&s.lock);
    return ok;
}
