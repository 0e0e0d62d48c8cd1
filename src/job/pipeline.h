/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading, encoding and writing at the same time, over bounded queues: memory is flat whatever
 * the size of the table. Everything about the column was checked and prepared before.
 *
 *     struct pipeline_result r;
 *     if (!pipeline_run(&(struct pipeline_options){ .target = &t, … }, &r, err)) … */
#ifndef JOB_PIPELINE_H
#define JOB_PIPELINE_H

#include <stdatomic.h>

#include "db/catalog.h"
#include "db/conn.h"
#include "encoder/encoder.h"
#include "job/failures.h"
#include "job/progress.h"
#include "job/tally.h"

struct pipeline_options {
    const struct target *target; /* its vector column exists, with the encoder's width */
    struct encoder *encoder;
    struct db *db;     /* reads; nobody else may use it meanwhile */
    const char *url;   /* the writers open their own */
    const char *where; /* or NULL */
    uint64_t limit;    /* rows; 0: all */
    uint64_t expected; /* rows there seem to be, for the progress */
    size_t batch, workers, writers;
    bool follower_reads;
    enum progress_style progress;
    const atomic_bool *cancel; /* finish what is under way, then come back */
};

struct pipeline_result {
    uint64_t n[TALLY_ITEMS];
    double seconds;
    bool complete;             /* the last look found nothing more to do */
    bool restless;             /* gave up: rows changed as fast as they were embedded */
    struct failures *failures; /* owned by the caller */
};

/* *ret is filled in either case, so that a run that failed can say how far it came. */
bool pipeline_run(const struct pipeline_options *options, struct pipeline_result *ret,
                  struct vz_error *err) VZ_MUST_CHECK;

#endif
