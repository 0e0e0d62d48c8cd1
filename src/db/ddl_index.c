/* SPDX-License-Identifier: Apache-2.0
 *
 * The vector index: what building it takes, and building it whatever happens meanwhile. Each
 * round looks at the catalogue and does the next thing:
 *
 *     a valid index of ours  → done
 *     somebody builds it     → wait, look again
 *     a broken one of ours   → drop it
 *     none                   → CREATE, look again
 *
 * so a lost connection, a killed client or a second client lead back into the same rounds. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "db/catalog_impl.h"
#include "db/ddl.h"
#include "db/ddl_impl.h"
#include "db/dialect.h"
#include "db/reply.h"
#include "db/retry.h"
#include "queries.h"

#define NAMES_MAX 100 /* numbered names tried when the first is taken */
#define BUILD_MEMORY_MAX (512 * MIB)
#define LOOK_MS 1000

static bool has_row(struct db *db, struct arena *arena, const struct sql_query *query,
                    const char *const *params, size_t n, bool *ret, struct vz_error *err)
{
    VZ_CLEANUP(rows_free_at) struct rows *rows = NULL;
    if (!catalog_query(db, arena, query, params, n, &rows, err))
        return false;
    *ret = rows_count(rows) > 0;
    return true;
}

static const struct vector_index *index_called(const struct target *t, const char *name)
{
    for (size_t i = 0; i < t->vector.n_indexes; i++)
        if (!strcmp(t->vector.indexes[i].name, name))
            return &t->vector.indexes[i];
    return NULL;
}

/* The first of our names that is free, or that a broken index of the same definition has. */
static bool choose_name(struct db *db, struct arena *arena, const struct target *t,
                        enum vz_metric metric, struct index_plan *ret, struct vz_error *err)
{
    const char *base = arena_printf(arena, "%s_%s", t->table.name, t->vector.name);
    for (int i = 1; i <= NAMES_MAX; i++) {
        const char *suffix = i == 1 ? arena_printf(arena, "_%s_idx", metric_name(metric))
                                    : arena_printf(arena, "_%s_idx%d", metric_name(metric), i);
        ret->name = ident_join(arena, base, suffix);
        const struct vector_index *x = index_called(t, ret->name);
        if (x && x->usable && x->metric == metric && !x->valid) {
            ret->leftover = x->sql;
            return true;
        }
        bool taken = false;
        const char *params[] = { t->table.schema, ret->name, t->table.name };
        if (!has_row(db, arena, &sql_name_taken, params, 3, &taken, err))
            return false;
        if (!taken)
            return true;
    }
    return vz_fail(err, VZ_DB, "no free name for an index on \"%s\": \"%s\" and others are taken",
                   t->table.text, ret->name);
}

static void plan_postgres(const struct dialect *d, struct arena *arena, const struct target *t,
                          enum vz_metric metric, struct index_plan *ret)
{
    if ((size_t)t->vector.dim > d->max_index_dim) {
        ret->possible = false;
        ret->why_not =
            arena_printf(arena,
                         "pgvector indexes at most %zu components, this column has %lld: searches "
                         "compare every row.",
                         d->max_index_dim, (long long)t->vector.dim);
        return;
    }
    if (t->table.partitioned)
        ret->warning = "Writes to the table wait while its index is built: a partitioned table "
                       "has no concurrent build.";
    const char *prefix = t->vector_schema ? arena_printf(arena, "%s.", t->vector_schema) : "";
    ret->sql =
        arena_printf(arena, "CREATE INDEX%s %s ON %s USING hnsw (%s %s%s)",
                     t->table.partitioned ? "" : " CONCURRENTLY", ident_quote(arena, ret->name),
                     t->table.sql, t->vector.sql, prefix, d->operator_class[metric]);
}

/* Larger partitions keep the tree of a large table low. */
static const struct {
    int64_t rows;
    int min, max;
} partition_sizes[] = { { 10000000, 64, 512 }, { 1000000, 32, 256 }, { 0, 16, 128 } };

/* Up to 25.3 an administrator has to allow vector indexes. Who may not ask finds out later. */
static bool is_gate_closed(struct db *db)
{
    struct vz_error ignored;
    VZ_CLEANUP(rows_free_at) struct rows *rows = NULL;
    return db_query(db, "SHOW CLUSTER SETTING feature.vector_index.enabled", NULL, 0, &rows,
                    &ignored) &&
           rows_count(rows) && !rows_bool(rows, 0, 0);
}

static void plan_cockroach(struct db *db, const struct dialect *d, struct arena *arena,
                           const struct target *t, enum vz_metric metric, int64_t rows,
                           struct index_plan *ret)
{
    if (!d->has_vector_index)
        ret->why_not = "This version of CockroachDB has no vector indexes (25.2 or newer has): "
                       "searches compare every row.";
    else if (d->only_l2_index && metric != VZ_L2)
        ret->why_not = "CockroachDB 25.2 indexes L2 distance only (25.3 or newer has the others): "
                       "searches compare every row. --metric l2 makes an index; vectors of one "
                       "length come in the same order by it.";
    else if (d->index_gate && is_gate_closed(db))
        ret->why_not = "Vector indexes are not enabled on this cluster. An administrator has to "
                       "run: SET CLUSTER SETTING feature.vector_index.enabled = true; Until then "
                       "searches compare every row.";
    ret->possible = !ret->why_not;
    if (d->index_blocks_writes)
        ret->warning = "Writes to the table are refused while its index is built: CockroachDB "
                       "25.4 or newer builds it online.";
    size_t i = 0;
    while (rows < partition_sizes[i].rows)
        i++;
    ret->sql =
        arena_printf(arena,
                     "CREATE VECTOR INDEX IF NOT EXISTS %s ON %s (%s %s) "
                     "WITH (min_partition_size = %d, max_partition_size = %d)",
                     ident_quote(arena, ret->name), t->table.sql, t->vector.sql,
                     d->operator_class[metric], partition_sizes[i].min, partition_sizes[i].max);
}

bool ddl_plan_index(struct db *db, struct arena *arena, const struct target *target,
                    enum vz_metric metric, int64_t rows, struct index_plan *ret,
                    struct vz_error *err)
{
    const struct dialect *d = db_dialect(db);
    *ret = (struct index_plan){ .possible = true, .warning = "", .leftover = "" };
    const struct vector_index *there = catalog_index_for(target, metric);
    if (there) {
        ret->name = there->name;
        ret->sql = "";
        return true;
    }
    ret->needed = true;
    if (!choose_name(db, arena, target, metric, ret, err))
        return false;
    if (d->kind == DIALECT_COCKROACH)
        plan_cockroach(db, d, arena, target, metric, rows, ret);
    else
        plan_postgres(d, arena, target, metric, ret);
    return true;
}

/* One build, over all its rounds. */
struct build {
    struct arena *arena;
    struct target *target;
    enum vz_metric metric;
    int64_t rows;
    index_progress_fn *progress;
    void *arg;
    struct db *beside; /* looks on while the first connection waits; or NULL */
    const char *job;   /* CockroachDB: schema change to follow, "" when unknown */
    bool one_process;  /* PostgreSQL: no shared memory for parallel building */
};

static double first_fraction(struct db *db, struct arena *arena, const struct sql_query *query,
                             const char *param, size_t column)
{
    struct vz_error ignored;
    VZ_CLEANUP(rows_free_at) struct rows *rows = NULL;
    const char *sql = sql_build(arena, query, db_dialect(db)->kind, NULL);
    if (!db_ask(db, query, sql, &param, 1, &rows, &ignored) || !rows_count(rows) ||
        rows_is_null(rows, 0, column))
        return -1;
    return strtod(rows_text(rows, 0, column), NULL);
}

static void tell(void *arg)
{
    struct build *b = arg;
    if (!b->progress)
        return;
    double fraction = -1;
    struct arena scratch = arena_open(4 * MIB);
    if (b->beside && !db_is_lost(b->beside)) {
        bool postgres = db_dialect(b->beside)->kind == DIALECT_POSTGRES;
        const char *oid = arena_printf(&scratch, "%u", b->target->table.oid);
        if (postgres)
            fraction = first_fraction(b->beside, &scratch, &sql_build_progress, oid, 0);
        else if (*b->job)
            fraction = first_fraction(b->beside, &scratch, &sql_job, b->job, 1);
    }
    arena_close(&scratch);
    b->progress(b->arg, fraction);
}

static bool pause_round(struct db *db, struct build *b, struct vz_error *err)
{
    tell(b);
    if (db_is_stopping(db))
        return vz_fail(err, VZ_CANCELLED, "interrupted while the index was being built");
    clock_sleep_ms(LOOK_MS);
    return true;
}

/* CockroachDB: finds the job of this index and waits until it is over. *ret: there was one. */
static bool follow_job(struct db *db, struct build *b, const char *index, bool *ret,
                       struct vz_error *err)
{
    VZ_CLEANUP(rows_free_at) struct rows *found = NULL;
    const char *sql = sql_build(b->arena, &sql_index_jobs, DIALECT_COCKROACH, NULL);
    if (!db_ask(db, &sql_index_jobs, sql, &index, 1, &found, err))
        return false;
    *ret = rows_count(found) > 0;
    if (!*ret)
        return true;
    b->job = arena_strdup(b->arena, rows_str(found, 0, 0));
    sql = sql_build(b->arena, &sql_job, DIALECT_COCKROACH, NULL);
    for (;;) {
        VZ_CLEANUP(rows_free_at) struct rows *rows = NULL;
        if (!db_ask(db, &sql_job, sql, &b->job, 1, &rows, err))
            return false;
        const char *status = rows_count(rows) ? rows_text(rows, 0, 0) : "gone";
        if (!strcmp(status, "failed") || !strcmp(status, "canceled"))
            return vz_fail(err, VZ_DB, "schema-change job %s, which built the index, is %s: %s",
                           b->job, status, rows_text(rows, 0, 2) ? rows_text(rows, 0, 2) : "");
        if (strncmp(status, "paus", 4) == 0) {
            vz_fail(err, VZ_DB, "schema-change job %s, which builds the index, is paused", b->job);
            return vz_hint(err, "RESUME JOB %s; then run this command again.", b->job);
        }
        if (strcmp(status, "pending") != 0 && strcmp(status, "running") != 0 &&
            strcmp(status, "reverting") != 0)
            return true;
        if (!pause_round(db, b, err))
            return false;
    }
}

/* PostgreSQL: memory for the graph, or the build gets slow by an order of magnitude. */
static bool set_build_memory(struct db *db, const struct build *b, struct vz_error *err)
{
    if (db_dialect(db)->kind != DIALECT_POSTGRES)
        return true;
    int64_t row = b->target->vector.dim * 4 + 400;
    int64_t want = (b->rows > 0 ? b->rows : 0) * row * 5 / 4 / (int64_t)KIB + 65536;
    if (want > (int64_t)(BUILD_MEMORY_MAX / KIB))
        want = (int64_t)(BUILD_MEMORY_MAX / KIB);
    char value[32];
    snprintf(value, sizeof value, "%lldkB", (long long)want);
    return db_set(db, "maintenance_work_mem", value, err) &&
           (!b->one_process || db_set(db, "max_parallel_maintenance_workers", "0", err));
}

static bool fail_build(struct build *b, struct vz_error *err)
{
    if (err->kind == VZ_RETRY || err->kind == VZ_CANCELLED)
        return false;
    if (!strcmp(err->sqlstate, "42P07")) { // another process was faster: look again
        err->kind = VZ_RETRY;
        return false;
    }
    if (!strcmp(err->sqlstate, "53100") && strstr(err->message, "shared memory") &&
        !b->one_process) {
        b->one_process = true; // a container with a small /dev/shm
        err->kind = VZ_RETRY;
        return false;
    }
    if (strstr(err->message, "vector indexes are not enabled"))
        vz_hint(err, "An administrator has to run: SET CLUSTER SETTING "
                     "feature.vector_index.enabled = true;");
    ddl_fail(b->target, err);
    return vz_context(err, "could not build the vector index");
}

static bool create(struct db *db, struct build *b, const struct index_plan *plan,
                   struct vz_error *err)
{
    if (*plan->leftover) {
        const char *concurrently = b->target->table.partitioned ? "" : "CONCURRENTLY ";
        if (!db_exec(db,
                     arena_printf(b->arena, "DROP INDEX %sIF EXISTS %s", concurrently,
                                  plan->leftover),
                     err))
            return fail_build(b, err);
    }
    if (!set_build_memory(db, b, err))
        return false;
    db_set_tick(db, tell, b);
    bool ok = db_exec(db, plan->sql, err);
    db_set_tick(db, NULL, NULL);
    const char *job = db_take_job(db);
    if (*job)
        b->job = arena_strdup(b->arena, str_of(job));
    return ok || fail_build(b, err);
}

static bool is_building(const struct target *t, enum vz_metric metric)
{
    for (size_t i = 0; i < t->vector.n_indexes; i++) {
        const struct vector_index *x = &t->vector.indexes[i];
        if (x->building && x->usable && x->metric == metric)
            return true;
    }
    return false;
}

/* May be repeated: every round starts from what the catalogue says. */
static bool build_rounds(struct db *db, void *arg, struct vz_error *err)
{
    struct build *b = arg;
    bool created = false;
    for (;;) {
        struct index_plan plan;
        if (!catalog_refresh_vector(db, b->arena, b->target, err) ||
            !ddl_plan_index(db, b->arena, b->target, b->metric, b->rows, &plan, err))
            return false;
        if (!plan.needed)
            return true;
        // A name that is taken may be that of the index which another process has just finished.
        if (!catalog_refresh_vector(db, b->arena, b->target, err))
            return false;
        if (catalog_index_for(b->target, b->metric))
            return true;
        if (!plan.possible)
            return vz_fail(err, VZ_DB, "no vector index on \"%s\": %s", b->target->table.text,
                           plan.why_not);
        if (is_building(b->target, b->metric)) {
            if (!pause_round(db, b, err))
                return false;
            continue;
        }
        bool followed = false;
        if (db_dialect(db)->kind == DIALECT_COCKROACH &&
            !follow_job(db, b, plan.name, &followed, err))
            return false;
        if (followed)
            continue;
        if (created) // it ran without an error and yet there is no such index
            return vz_fail(err, VZ_RETRY, "index \"%s\" is not there after it was built",
                           plan.name);
        if (!create(db, b, &plan, err))
            return false;
        created = true;
    }
}

bool ddl_build_index(struct db *db, struct arena *arena, struct target *target,
                     enum vz_metric metric, int64_t rows, index_progress_fn *progress, void *arg,
                     struct vz_error *err)
{
    struct build b = { .arena = arena,
                       .target = target,
                       .metric = metric,
                       .rows = rows,
                       .progress = progress,
                       .arg = arg,
                       .job = "" };
    struct vz_error ignored;
    if (progress && !db_open_beside(db, &b.beside, &ignored))
        b.beside = NULL; // only the fraction is missing then
    bool ok = retry_run(db, build_rounds, &b, err);
    db_close(b.beside);
    return ok;
}
