/* SPDX-License-Identifier: Apache-2.0
 *
 * One run of the pipeline: what its stages share. Only the stages include this.
 *
 *                    texts                      vectors
 *     reader ──▶ [bounded queue] ──▶ encoders ──▶ [bounded queue] ──▶ writers
 *     one thread,                    -w threads                       own connections
 *     the plan's connection
 *
 * Ends. The reader finds nothing more to do: it closes `texts`; the last encoder that finds it
 * empty closes `vectors`; the writers run dry. A wish to stop: `texts` is stopped, what is being
 * encoded or written is finished. A fault (run_fail): the same, and a writer's fault stops
 * `vectors` as well; the first fault is the one the user sees. No stage ever waits for one that
 * is gone, because every queue that it may wait on is stopped by then. */
#ifndef JOB_RUN_H
#define JOB_RUN_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/error.h"
#include "db/catalog.h"
#include "db/conn.h"
#include "encoder/encoder.h"
#include "job/failures.h"
#include "job/queue.h"
#include "job/tally.h"

struct run {
    // Set before the first thread starts; constant from then on.
    const struct target *target;
    struct encoder *encoder;
    struct db *reading; // the reader's alone while the run lasts
    struct db_settings writing;
    const char *where;
    uint64_t limit; // rows to write or to give up at most; 0: all
    size_t batch;   // rows of one write
    size_t workers, writers;
    bool follower_reads; // in the first pass; the later ones must see what was written
    const atomic_bool *cancel;

    // Shared; each with a lock of its own.
    struct queue *texts, *vectors;
    struct tally *tally;
    struct failures *failures;

    pthread_mutex_t lock; // over all below
    pthread_cond_t ended;
    size_t threads_left, encoders_left;
    bool stopping; // by the user's wish or by a fault
    bool failed;
    struct vz_error error; // of the first stage that failed
    bool complete;         // a pass found nothing more to do
    bool restless;         // rows come up again and again: somebody keeps changing them
};

/* Stages, as threads: each takes the run and ends by run_leave. */
void *read_main(void *run);
void *encode_main(void *run);
void *write_main(void *run);

/* Where a fault is: what is downstream of it may still be finished. */
enum run_part { RUN_READING, RUN_ENCODING, RUN_WRITING };

/* Keeps the first error and begins to stop. An interruption is no error. */
void run_fail(struct run *run, enum run_part part, const struct vz_error *err);
/* Begins to stop: nothing new is encoded. */
void run_stop(struct run *run);
bool run_is_stopping(struct run *run);
/* The last thing a stage's thread does. */
void run_leave(struct run *run, enum run_part part);

#endif
