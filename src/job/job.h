/* SPDX-License-Identifier: Apache-2.0
 *
 * Embedding a column, from the user's wish to the summary: plan (everything checked before
 * anything is written), prepare (column, stamp), pipeline, finish (index, what is left).
 *
 *     struct job_summary s;
 *     if (!job_run(&(struct job_options){ .url = url, .table = "passages", … }, arena, &s, err)) …
 *
 * Can be repeated at any time, and by several processes at once: what is left to do is a query,
 * and every write is guarded. The model is opened here; nothing in this folder knows which. */
#ifndef JOB_JOB_H
#define JOB_JOB_H

#include <stdatomic.h>

#include "base/arena.h"
#include "db/catalog.h"
#include "job/failures.h"
#include "job/progress.h"

struct job_options {
    const char *url;                    /* or NULL */
    const char *table, *input, *vector; /* as typed; input and vector may be NULL */
    const char *model;                  /* NULL: the stamp's, else the only one installed */
    const char *const *encoder_options; /* or NULL */
    const char *precision;              /* NULL: the stamp's, else fp32; "auto": else the CPU's */
    const char *where;                  /* or NULL */
    uint64_t limit;                     /* rows; 0: all */
    uint64_t batches;                   /* of `batch` rows; 0: all */
    size_t batch;                       /* rows of one write; 0: as suits the server */
    size_t workers;                     /* 0: one a core */
    const enum vz_metric *metric;       /* NULL: the stamp's, else the model's */
    enum progress_style progress;
    bool no_index, yes, dry_run;
    const char *tool; /* "vectorize 1.2.3", for the stamp */
    const atomic_bool *cancel;
};

/* What became of the vector index. */
enum job_index { JOB_INDEX_PRESENT, JOB_INDEX_BUILT, JOB_INDEX_NONE };

struct job_summary {
    struct target target;
    const char *model, *metric;
    int64_t dimension;

    bool dry_run;
    bool column_missing, stamp_missing; /* before the run */
    const char *const *actions;         /* what a dry run would have done; ends with NULL */

    struct counts before;
    bool has_after;
    struct counts after; /* only of a run that ended by itself over all rows */
    uint64_t written, changed, failed, invalid, truncated, dropped_tokens;
    int64_t left; /* rows with a usable text and without a vector, as far as known */
    double seconds;
    bool interrupted; /* run again to go on */
    bool limited;     /* by --limit or --num-batches */
    bool restless;    /* rows changed as fast as they were embedded */

    enum job_index index;
    const char *index_name; /* or NULL */
    const char *index_note; /* why there is none; "" otherwise */

    struct failures *failures; /* or NULL; failures_free */
};

/* Strings in arena, which must outlive the summary. After a failure `ret` holds how far it came
 * (written, left, failures). */
bool job_run(const struct job_options *options, struct arena *arena, struct job_summary *ret,
             struct vz_error *err) VZ_MUST_CHECK;

#endif
