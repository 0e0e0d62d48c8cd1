/* SPDX-License-Identifier: Apache-2.0
 *
 * How stages stop each other. */
#include "job/run.h"

void run_stop(struct run *run)
{
    pthread_mutex_lock(&run->lock);
    run->stopping = true;
    pthread_mutex_unlock(&run->lock);
    queue_stop(run->texts);
    tally_stop(run->tally);
}

bool run_is_stopping(struct run *run)
{
    pthread_mutex_lock(&run->lock);
    bool stopping = run->stopping;
    pthread_mutex_unlock(&run->lock);
    return stopping || atomic_load_explicit(run->cancel, memory_order_relaxed);
}

void run_fail(struct run *run, enum run_part part, const struct vz_error *err)
{
    if (err->kind != VZ_CANCELLED) {
        pthread_mutex_lock(&run->lock);
        if (!run->failed)
            run->error = *err;
        run->failed = true;
        pthread_mutex_unlock(&run->lock);
    }
    run_stop(run);
    if (part == RUN_WRITING)
        queue_stop(run->vectors);
}

void run_leave(struct run *run, enum run_part part)
{
    pthread_mutex_lock(&run->lock);
    bool last_encoder = part == RUN_ENCODING && --run->encoders_left == 0;
    pthread_mutex_unlock(&run->lock);
    if (part == RUN_READING)
        queue_close(run->texts);
    if (last_encoder)
        queue_close(run->vectors);

    pthread_mutex_lock(&run->lock);
    run->threads_left--;
    pthread_cond_signal(&run->ended);
    pthread_mutex_unlock(&run->lock);
}
