/* SPDX-License-Identifier: Apache-2.0
 *
 * Planning: connect, resolve, choose and open the model, hold the two against each other. */
#include "job/plan.h"

#include <string.h>

#include "base/log.h"
#include "db/conn.h"
#include "db/dialect.h"
#include "db/retry.h"
#include "encoder/registry.h"

#define BATCH_ROWS 200
#define BATCH_ROWS_INDEXED 25 /* each row splits and merges partitions of the index */

/* Without -m and without a stamp: the model that is installed, if it is the only one. */
static bool only_model(struct arena *arena, const char **ret, struct vz_error *err)
{
    struct model_entry *list = NULL;
    size_t n = 0, usable = 0;
    if (!registry_list(arena, &list, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (list[i].problem || str_starts(str_of(list[i].reference), "module:"))
            continue;
        *ret = list[i].reference;
        usable++;
    }
    if (usable == 1)
        return true;
    vz_fail(err, VZ_USAGE,
            usable ? "%zu models are installed: -m says which to use"
                   : "no model is installed: -m says what to encode with",
            usable);
    return vz_hint(err, "\"vectorize model list\" shows what there is. The variable "
                        "VECTORIZE_MODEL serves as well.");
}

static bool open_encoder(const struct job_options *o, struct arena *arena, struct plan *p,
                         struct vz_error *err)
{
    const char *reference = o->model;
    if (!reference && p->target.vector.has_stamp)
        reference = p->target.vector.stamp.model;
    if (!reference && !only_model(arena, &reference, err))
        return false;
    // No cancel flag for the encoder: what it has begun when the user wants to stop is finished.
    const struct vector_column *v = &p->target.vector;
    struct encoder_settings s = { .threads = (uint32_t)o->workers,
                                  .options = o->encoder_options,
                                  .precision = stamp_precision(v->has_stamp ? &v->stamp : NULL,
                                                               o->precision) };
    if (!encoder_open(reference, &s, &p->encoder, err))
        return false;
    p->workers = encoder_threads(p->encoder);
    return true;
}

static bool make_stamp(const struct job_options *o, struct arena *arena, struct plan *p,
                       struct vz_error *err)
{
    const struct vz_encoder_info *info = encoder_info(p->encoder);
    const struct vector_column *v = &p->target.vector;
    char *fingerprint = arena_new(arena, char, 65);
    if (!encoder_fingerprint(p->encoder, fingerprint, err))
        return false;
    p->stamp = (struct stamp){ .version = STAMP_VERSION,
                               .model = encoder_reference(p->encoder),
                               .module = encoder_module(p->encoder)->name,
                               .fingerprint = fingerprint,
                               .precision = encoder_precision(p->encoder),
                               .dimension = info->dim,
                               .metric = o->metric      ? *o->metric
                                         : v->has_stamp ? v->stamp.metric
                                                        : info->metric,
                               .input = p->target.input.name,
                               .document_prompt = info->document_prompt,
                               .query_prompt = info->query_prompt,
                               .text = "as-is",
                               .tool = o->tool };
    return true;
}

static bool check_stamp(struct arena *arena, struct plan *p, struct vz_error *err)
{
    const struct vector_column *v = &p->target.vector;
    const char *why = "";
    if (strcmp(v->stamp.input, p->target.input.name) != 0) {
        vz_fail(err, VZ_USAGE, "column \"%s\" holds vectors of column \"%s\", not of \"%s\"",
                v->name, v->stamp.input, p->target.input.name);
        return vz_hint(err, "Choose another vector column with -o.");
    }
    if (stamp_same(arena, &v->stamp, &p->stamp, &why))
        return true;
    vz_fail(err, VZ_USAGE, "column \"%s\" holds vectors of model \"%s\", not of \"%s\": %s",
            v->name, v->stamp.model, p->stamp.model, why);
    return vz_hint(err,
                   "Vectors of two models cannot be compared. Go on with -m %s, or choose "
                   "another vector column with -o, or drop this one first.",
                   v->stamp.model);
}

bool plan_look_again(struct plan *p, struct arena *arena, struct vz_error *err)
{
    return catalog_refresh_vector(p->db, arena, &p->target, err) &&
           (!p->target.vector.has_stamp || check_stamp(arena, p, err));
}

/* Vectors of unknown origin: to be taken as this model's only when the user says so. */
static bool check_unstamped(const struct job_options *o, struct plan *p, struct vz_error *err)
{
    const struct vector_column *v = &p->target.vector;
    int64_t there = p->counts.embedded;
    if (there == 0 || o->yes)
        return true;
    vz_fail(err, VZ_USAGE,
            "column \"%s\" holds %lld vectors, and nothing says which model made them", v->name,
            (long long)there);
    return vz_hint(err,
                   "If they were made by %s from \"%s\", --yes takes them over as they are. "
                   "If not, choose another column with -o.",
                   p->stamp.model, p->target.input.name);
}

static bool check_width(const struct plan *p, struct vz_error *err)
{
    const struct vector_column *v = &p->target.vector;
    if (v->dim == p->stamp.dimension)
        return true;
    if (v->dim == 0) {
        vz_fail(err, VZ_USAGE, "column \"%s\" has no fixed width, which a vector index needs",
                v->name);
        return vz_hint(err, "ALTER TABLE %s ALTER COLUMN %s TYPE vector(%lld) gives it one.",
                       p->target.table.sql, v->sql, (long long)p->stamp.dimension);
    }
    vz_fail(err, VZ_USAGE,
            "column \"%s\" takes vectors of %lld components, model \"%s\" makes %lld", v->name,
            (long long)v->dim, p->stamp.model, (long long)p->stamp.dimension);
    return vz_hint(err, "Choose another model with -m, or another vector column with -o.");
}

static bool check_fit(const struct job_options *o, struct arena *arena, struct plan *p,
                      struct vz_error *err)
{
    const struct vector_column *v = &p->target.vector;
    p->add_column = !v->exists;
    p->write_stamp = true;
    if (p->add_column)
        return true;
    // Vectors without a stamp: perhaps another process began while the model was loaded.
    if (!v->has_stamp && p->counts.embedded && !plan_look_again(p, arena, err))
        return false;
    p->write_stamp = !v->has_stamp || v->stamp.metric != p->stamp.metric;
    // The model before the width: of two models, mostly both differ, and one says more.
    if (v->has_stamp && !check_stamp(arena, p, err))
        return false;
    if (!check_width(p, err))
        return false;
    return v->has_stamp || check_unstamped(o, p, err);
}

static void choose_sizes(const struct job_options *o, struct plan *p)
{
    const struct vector_column *v = &p->target.vector;
    const struct dialect *dialect = db_dialect(p->db);
    p->small_writes = v->n_indexes > 0 && dialect->small_writes_indexed;
    p->follower_reads = v->has_stamp && dialect->has_follower_reads;
    p->batch = o->batch ? o->batch : p->small_writes ? BATCH_ROWS_INDEXED : BATCH_ROWS;
    p->limit = o->limit;
    if (o->batches && (p->limit == 0 || o->batches * p->batch < p->limit))
        p->limit = o->batches * p->batch;
    p->to_do = (uint64_t)(p->counts.missing > 0 ? p->counts.missing : 0);
    if (p->limit && p->to_do > p->limit)
        p->to_do = p->limit;
}

struct resolve_arg {
    struct arena *arena;
    struct target_names names;
    struct target *ret;
};

static bool resolve_once(struct db *db, void *arg, struct vz_error *err)
{
    struct resolve_arg *a = arg; // reads only: may be repeated
    return catalog_resolve(db, a->arena, &a->names, a->ret, err);
}

static bool resolve(const struct job_options *o, struct arena *arena, struct plan *p,
                    struct vz_error *err)
{
    struct resolve_arg a = { arena, { o->table, o->input, o->vector }, &p->target };
    return retry_run(p->db, resolve_once, &a, err);
}

struct count_arg {
    const struct target *target;
    const char *where;
    struct counts *ret;
};

static bool count_once(struct db *db, void *arg, struct vz_error *err)
{
    struct count_arg *a = arg; // reads only: may be repeated
    return catalog_count(db, a->target, a->where, a->ret, err);
}

bool plan_count(struct plan *plan, const char *where, struct counts *ret, struct vz_error *err)
{
    struct count_arg a = { &plan->target, where, ret };
    return retry_run(plan->db, count_once, &a, err);
}

static void note_retry(void *arg, int attempt, int64_t wait_ms, const struct vz_error *why)
{
    (void)arg;
    log_write(LOG_DEBUG, "db", "attempt %d: %s; again in %lld ms", attempt, why->message,
              (long long)wait_ms);
}

static bool connect_db(const struct job_options *o, struct plan *p, struct vz_error *err)
{
    struct db_settings settings = { .url = o->url, .cancel = o->cancel, .stop = o->cancel };
    if (!db_open(&settings, &p->db, err))
        return false;
    retry_watch(p->db, note_retry, NULL, 0);
    return !o->dry_run || db_set(p->db, "default_transaction_read_only", "on", err);
}

bool plan_make(const struct job_options *options, struct arena *arena, struct plan *ret,
               struct vz_error *err)
{
    *ret = (struct plan){ 0 };
    if (!connect_db(options, ret, err) || !resolve(options, arena, ret, err) ||
        !open_encoder(options, arena, ret, err) || !make_stamp(options, arena, ret, err) ||
        !plan_count(ret, options->where, &ret->counts, err) || !check_fit(options, arena, ret, err))
        return false;
    choose_sizes(options, ret);
    return true;
}

void plan_done(struct plan *plan)
{
    encoder_close(plan->encoder);
    db_close(plan->db);
    *plan = (struct plan){ 0 };
}
