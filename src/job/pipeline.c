/* SPDX-License-Identifier: Apache-2.0
 *
 * Starting the stages, watching them, and collecting what they did. */
#include "job/pipeline.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "job/run.h"

#define QUEUE_BYTES (16 * MIB) /* each of the two queues */
#define TICK_MS 100

typedef void *stage_fn(void *run);

static void init(struct run *run, const struct pipeline_options *o)
{
    *run = (struct run){
        .target = o->target,
        .encoder = o->encoder,
        .reading = o->db,
        .writing = { .url = o->url, .known = true },
        .where = o->where,
        .limit = o->limit,
        .batch = o->batch,
        .workers = o->workers,
        .writers = o->writers,
        .follower_reads = o->follower_reads,
        .cancel = o->cancel,
        // Room for the windows that are being encoded and as many again.
        .texts = queue_new(QUEUE_BYTES, 1024 * o->workers),
        .vectors = queue_new(QUEUE_BYTES, 4 * o->batch * o->writers + 1024),
        .tally = tally_new(),
        .failures = failures_new(),
        .encoders_left = o->workers,
    };
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&run->ended, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&run->lock, NULL);
}

static void done(struct run *run)
{
    queue_free(run->texts);
    queue_free(run->vectors);
    tally_free(run->tally);
    pthread_cond_destroy(&run->ended);
    pthread_mutex_destroy(&run->lock);
}

/* A thread that cannot be started counts as one that failed at once. */
static bool start(struct run *run, enum run_part part, pthread_t *ret)
{
    static stage_fn *const stages[] = {
        [RUN_READING] = read_main, [RUN_ENCODING] = encode_main, [RUN_WRITING] = write_main
    };
    int rc = pthread_create(ret, NULL, stages[part], run);
    if (rc == 0)
        return true;
    struct vz_error err;
    errno = rc;
    vz_fail(&err, VZ_IO, "could not start a thread: %m");
    run_fail(run, part, &err);
    run_leave(run, part);
    return false;
}

/* Waits a little; false once all threads have left. */
static bool wait_a_tick(struct run *run)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_nsec += TICK_MS * 1000000L;
    if (t.tv_nsec >= 1000000000L) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000L;
    }
    pthread_mutex_lock(&run->lock);
    if (run->threads_left > 0)
        pthread_cond_timedwait(&run->ended, &run->lock, &t);
    bool running = run->threads_left > 0;
    pthread_mutex_unlock(&run->lock);
    return running;
}

static void watch(struct run *run, const struct pipeline_options *o)
{
    uint64_t n[TALLY_ITEMS];
    bool told = false;
    struct progress *p = progress_start(o->progress, "embedding", clock_seconds());
    while (wait_a_tick(run)) {
        if (!told && atomic_load(o->cancel)) {
            told = true;
            log_write(LOG_INFO, "job",
                      "stopping: what is under way is finished first; a second signal stops "
                      "at once");
            run_stop(run);
        }
        tally_read(run->tally, n);
        progress_tick(p, clock_seconds(), n[TALLY_WRITTEN] + n[TALLY_FAILED], o->expected);
    }
    progress_end(p);
}

static void run_stages(struct run *run, const struct pipeline_options *o)
{
    size_t n = 1 + o->workers + o->writers, started = 0;
    pthread_t *threads = xcalloc(n, sizeof *threads);
    run->threads_left = n;
    for (size_t i = 0; i < n; i++) {
        enum run_part part = i < o->writers                ? RUN_WRITING
                             : i < o->writers + o->workers ? RUN_ENCODING
                                                           : RUN_READING;
        started += start(run, part, &threads[started]);
    }
    watch(run, o);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    xfree(threads);
}

bool pipeline_run(const struct pipeline_options *options, struct pipeline_result *ret,
                  struct vz_error *err)
{
    struct run run;
    init(&run, options);
    double begin = clock_seconds();
    run_stages(&run, options);

    *ret = (struct pipeline_result){ .seconds = clock_seconds() - begin,
                                     .complete = run.complete,
                                     .restless = run.restless,
                                     .failures = run.failures };
    tally_read(run.tally, ret->n);
    if (run.failed)
        *err = run.error;
    bool ok = !run.failed;
    done(&run);
    return ok;
}
