/* SPDX-License-Identifier: Apache-2.0
 *
 * What a run is going to do, found out and checked before anything is written: the table, the
 * model, whether the two fit, how many rows there are. */
#ifndef JOB_PLAN_H
#define JOB_PLAN_H

#include "db/catalog.h"
#include "db/ddl.h"
#include "encoder/encoder.h"
#include "job/job.h"

struct plan {
    struct db *db; /* for planning and finishing; ends statements when the user wants to stop */
    struct target target;
    struct encoder *encoder;
    struct stamp stamp; /* the column will have */
    struct counts counts;
    bool add_column, write_stamp;
    bool small_writes;   /* a vector index stands already on a server that wants these */
    bool follower_reads; /* possible: the column is not new */
    size_t batch, workers;
    uint64_t limit; /* 0: none */
    uint64_t to_do; /* rows, within the limit */
};

/* Opens connection and model; a dry run's connection cannot write. Needs plan_done after success
 * and failure alike. */
bool plan_make(const struct job_options *options, struct arena *arena, struct plan *ret,
               struct vz_error *err) VZ_MUST_CHECK;
void plan_done(struct plan *plan);

/* Reads the vector column anew: fails when it has got the stamp of another model meanwhile. */
bool plan_look_again(struct plan *plan, struct arena *arena, struct vz_error *err) VZ_MUST_CHECK;

/* Counts again; repeats passing faults. */
bool plan_count(struct plan *plan, const char *where, struct counts *ret,
                struct vz_error *err) VZ_MUST_CHECK;

#endif
