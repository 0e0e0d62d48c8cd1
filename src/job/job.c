/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps of a run, one after the other. */
#include "job/job.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/conn.h"
#include "db/retry.h"
#include "job/pipeline.h"
#include "job/plan.h"

#define WRITERS 2     /* hide the round trip of one behind the other's */
#define SETTLE_MS 250 /* longer than another process takes from a look to its stamp */
#define NO_INDEX_GIVEN "--no-index was given"

struct job {
    const struct job_options *options;
    struct arena *arena;
    struct plan plan;
    struct job_summary *sum;
};

static void note_plan(struct job *job)
{
    const struct plan *p = &job->plan;
    struct job_summary *s = job->sum;
    s->target = p->target;
    // The encoder is closed before the summary is read.
    s->model = arena_strdup(job->arena, str_of(p->stamp.model));
    s->metric = metric_name(p->stamp.metric);
    s->dimension = p->stamp.dimension;
    s->before = p->counts;
    s->left = p->counts.missing;
    s->column_missing = p->add_column;
    s->stamp_missing = p->write_stamp;
    log_write(LOG_DEBUG, "job", "%s: %lld rows, %lld with a vector, %lld to embed with %s",
              p->target.table.text, (long long)p->counts.rows, (long long)p->counts.embedded,
              (long long)p->counts.missing, s->model);
}

/* --- the index, asked for twice ----------------------------------------------------------- */

struct index_arg {
    struct job *job;
    int64_t rows;
    struct index_plan *ret;
};

static bool plan_index_once(struct db *db, void *arg, struct vz_error *err)
{
    struct index_arg *a = arg; // reads only: may be repeated
    const struct plan *p = &a->job->plan;
    return ddl_plan_index(db, a->job->arena, &p->target, p->stamp.metric, a->rows, a->ret, err);
}

static bool plan_index(struct job *job, int64_t rows, struct index_plan *ret, struct vz_error *err)
{
    struct index_arg a = { job, rows, ret };
    return retry_run(job->plan.db, plan_index_once, &a, err);
}

static bool no_index(struct job *job, const char *why)
{
    job->sum->index = JOB_INDEX_NONE;
    job->sum->index_note = why;
    return true;
}

/* --- a dry run -------------------------------------------------------------------------- */

static bool describe_index(struct job *job, const char **ret, struct vz_error *err)
{
    struct plan *p = &job->plan;
    struct job_summary *s = job->sum;
    struct index_plan index = { 0 };
    if (job->options->no_index)
        return no_index(job, NO_INDEX_GIVEN);
    if (p->add_column)
        p->target.vector.dim = p->stamp.dimension; // as it would be
    if (!plan_index(job, p->counts.rows, &index, err))
        return false;
    if (!index.needed) {
        s->index = JOB_INDEX_PRESENT;
        s->index_name = index.name;
        return true;
    }
    if (index.possible)
        *ret = arena_printf(job->arena, "build the index: %s", index.sql);
    return no_index(job, index.possible ? "" : index.why_not);
}

static bool describe(struct job *job, struct vz_error *err)
{
    const struct plan *p = &job->plan;
    const char **list = arena_new(job->arena, const char *, 5);
    size_t n = 0;
    if (p->add_column)
        list[n++] = arena_printf(job->arena, "add column %s %s(%lld) to %s", p->target.vector.sql,
                                 p->target.vector_type ? p->target.vector_type : "vector",
                                 (long long)p->stamp.dimension, p->target.table.sql);
    if (p->write_stamp)
        list[n++] = arena_printf(job->arena, "stamp column %s with model %s", p->target.vector.sql,
                                 p->stamp.model);
    if (p->to_do)
        list[n++] = arena_printf(job->arena, "embed %llu rows", (unsigned long long)p->to_do);
    if (!describe_index(job, &list[n], err))
        return false;
    job->sum->actions = list;
    return true;
}

/* --- prepare ---------------------------------------------------------------------------- */

static bool ensure_type(struct db *db, void *arg, struct vz_error *err)
{
    struct job *job = arg; // repeatable: does nothing when the type is there
    return ddl_ensure_vector_type(db, job->arena, err);
}

static bool add_column(struct db *db, void *arg, struct vz_error *err)
{
    struct job *job = arg; // repeatable: IF NOT EXISTS, verified
    return ddl_add_column(db, job->arena, &job->plan.target, job->plan.stamp.dimension, err);
}

static bool write_stamp(struct db *db, void *arg, struct vz_error *err)
{
    struct job *job = arg; // repeatable: writes the same comment again
    return ddl_stamp(db, job->arena, &job->plan.target, &job->plan.stamp, err);
}

/* Two processes may begin at once, with two models. No statement writes a stamp only where there
 * is none, so each looks, writes, waits until the other must have written, and looks again: the
 * last stamp counts, and who finds another than its own has written nothing yet. */
static bool claim_column(struct job *job, struct vz_error *err)
{
    struct plan *p = &job->plan;
    if (!plan_look_again(p, job->arena, err) || !retry_run(p->db, write_stamp, job, err))
        return false;
    clock_sleep_ms(SETTLE_MS);
    return plan_look_again(p, job->arena, err);
}

static bool prepare(struct job *job, struct vz_error *err)
{
    struct plan *p = &job->plan;
    if (p->add_column &&
        (!retry_run(p->db, ensure_type, job, err) || !retry_run(p->db, add_column, job, err)))
        return false;
    if (p->write_stamp && !claim_column(job, err))
        return false;
    job->sum->target = p->target;
    return true;
}

/* --- the pipeline ----------------------------------------------------------------------- */

static void note_result(struct job *job, const struct pipeline_result *r)
{
    struct job_summary *s = job->sum;
    s->written = r->n[TALLY_WRITTEN];
    s->changed = r->n[TALLY_CHANGED];
    s->failed = r->n[TALLY_FAILED];
    s->invalid = r->n[TALLY_INVALID];
    s->truncated = r->n[TALLY_TRUNCATED];
    s->dropped_tokens = r->n[TALLY_DROPPED];
    s->seconds = r->seconds;
    s->failures = r->failures;
    s->restless = r->restless;
    int64_t settled = (int64_t)(s->written + s->failed);
    s->left = s->before.missing > settled ? s->before.missing - settled : 0;
    s->interrupted = atomic_load(job->options->cancel);
    s->limited = !s->interrupted && !r->complete && !r->restless;
}

static bool run_pipeline(struct job *job, struct vz_error *err)
{
    const struct job_options *o = job->options;
    struct plan *p = &job->plan;
    struct pipeline_options options = { .target = &p->target,
                                        .encoder = p->encoder,
                                        .db = p->db,
                                        .url = o->url,
                                        .where = o->where,
                                        .limit = p->limit,
                                        .expected = p->to_do,
                                        .batch = p->batch,
                                        .workers = p->workers,
                                        .writers = p->small_writes ? 1 : WRITERS,
                                        .follower_reads = p->follower_reads,
                                        .progress = o->progress,
                                        .cancel = o->cancel };
    struct pipeline_result result;
    bool ok = pipeline_run(&options, &result, err);
    note_result(job, &result);
    return ok;
}

/* --- finish ----------------------------------------------------------------------------- */

static void tell_index(void *arg, double fraction)
{
    double *next = arg;
    double now = clock_seconds();
    if (now < *next)
        return;
    *next = now + 10;
    if (fraction >= 0)
        log_write(LOG_INFO, "job", "building the vector index: %.0f %%", fraction * 100);
    else
        log_write(LOG_INFO, "job", "building the vector index");
}

static bool build_index(struct job *job, struct vz_error *err)
{
    struct plan *p = &job->plan;
    struct job_summary *s = job->sum;
    int64_t embedded = s->before.embedded + (int64_t)s->written;
    struct index_plan index = { 0 };
    if (!plan_index(job, embedded, &index, err))
        return false;
    if (!index.needed) {
        s->index = JOB_INDEX_PRESENT;
        return true;
    }
    if (!index.possible)
        return no_index(job, index.why_not);
    if (embedded == 0)
        return no_index(job, "there is no vector yet");
    if (index.warning && *index.warning)
        log_write(LOG_WARNING, "job", "%s", index.warning);
    double next_line = clock_seconds() + 10;
    if (!ddl_build_index(p->db, job->arena, &p->target, p->stamp.metric, embedded, tell_index,
                         &next_line, err))
        return false;
    s->index = JOB_INDEX_BUILT;
    return true;
}

static bool index_or_reason(struct job *job, struct vz_error *err)
{
    struct job_summary *s = job->sum;
    const struct vector_index *there = catalog_index_for(&job->plan.target, job->plan.stamp.metric);
    s->index_note = "";
    if (there) {
        s->index = JOB_INDEX_PRESENT;
        s->index_name = there->name;
        return true;
    }
    if (job->options->no_index)
        return no_index(job, NO_INDEX_GIVEN);
    if (s->interrupted || s->limited)
        return no_index(job, "it is built when all rows have their vector");
    if (!build_index(job, err)) {
        if (err->kind == VZ_CANCELLED) {
            s->interrupted = true;
            return no_index(job, "the build was interrupted; the next run goes on with it");
        }
        return vz_context(err, "the vectors are written, but there is no index yet");
    }
    there = catalog_index_for(&job->plan.target, job->plan.stamp.metric);
    s->index_name = there ? there->name : NULL;
    return true;
}

/* A process that stood still between its look and its stamp is the one that claim_column cannot
 * see: if it came, this is said, whatever else there is to say. */
static bool still_ours(struct job *job, struct vz_error *err)
{
    struct db *db = job->plan.db;
    db_heed_cancel(db, false);
    bool ok = plan_look_again(&job->plan, job->arena, err);
    db_heed_cancel(db, true);
    if (ok)
        return true;
    if (err->kind == VZ_USAGE)
        vz_hint(
            err,
            "Another process stamped the column while this one wrote into it, so vectors of "
            "both may stand there. Set the whole column to NULL, and run again with one model.");
    return false;
}

static bool finish(struct job *job, struct vz_error *err)
{
    struct job_summary *s = job->sum;
    if (s->written && !still_ours(job, err))
        return false;
    bool all = !s->interrupted && !s->limited;
    if (all && s->written + s->changed + s->failed > 0) {
        s->has_after = plan_count(&job->plan, job->options->where, &s->after, err);
        if (s->has_after)
            s->left = s->after.missing;
        else if (err->kind == VZ_CANCELLED)
            s->interrupted = true;
        else
            return false;
    }
    return index_or_reason(job, err);
}

static bool run(struct job *job, struct vz_error *err)
{
    if (!plan_make(job->options, job->arena, &job->plan, err))
        return false;
    note_plan(job);
    if (job->options->dry_run)
        return describe(job, err);
    if (!prepare(job, err))
        return false;
    if (job->plan.to_do && !run_pipeline(job, err))
        return false;
    return finish(job, err);
}

bool job_run(const struct job_options *options, struct arena *arena, struct job_summary *ret,
             struct vz_error *err)
{
    struct job job = { .options = options, .arena = arena, .sum = ret };
    *ret = (struct job_summary){ .dry_run = options->dry_run, .index_note = "" };
    bool ok = run(&job, err);
    plan_done(&job.plan);
    return ok;
}
