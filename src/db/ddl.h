/* SPDX-License-Identifier: Apache-2.0
 *
 * The changes this program makes to a schema: the vector column, its stamp, its index. Each is
 * one statement outside any transaction, safe to repeat, and verified in the catalogue after it
 * ran: "IF NOT EXISTS" looks at names only. Callers go through retry_run where they can wait. */
#ifndef DB_DDL_H
#define DB_DDL_H

#include <stdbool.h>

#include "db/catalog.h"

/* PostgreSQL: the vector type is there; creates the extension when that is allowed, else VZ_DB
 * with what an administrator has to run. CockroachDB: nothing to do. */
bool ddl_ensure_vector_type(struct db *db, struct arena *arena, struct vz_error *err) VZ_MUST_CHECK;

/* Adds the vector column if it is missing and refreshes target->vector; VZ_DB when it has
 * another width. */
bool ddl_add_column(struct db *db, struct arena *arena, struct target *target, int64_t dim,
                    struct vz_error *err) VZ_MUST_CHECK;

/* Writes the stamp into the column's comment, what the user wrote there kept, and refreshes
 * target->vector. Writes nothing when it stands there already. */
bool ddl_stamp(struct db *db, struct arena *arena, struct target *target, const struct stamp *stamp,
               struct vz_error *err) VZ_MUST_CHECK;

struct index_plan {
    bool needed;          /* there is no valid one for this metric */
    bool possible;        /* this server can build it at this width and metric */
    const char *why_not;  /* when it cannot: a sentence */
    const char *warning;  /* "" or a sentence: writes are blocked meanwhile, … */
    const char *name;     /* it will have */
    const char *sql;      /* the statement that builds it */
    const char *leftover; /* "" or the quoted name of a broken one of ours to drop first */
};

/* What building the index would take; changes nothing. `rows` chooses the partition sizes. */
bool ddl_plan_index(struct db *db, struct arena *arena, const struct target *target,
                    enum vz_metric metric, int64_t rows, struct index_plan *ret,
                    struct vz_error *err) VZ_MUST_CHECK;

/* Told every second or so while the build runs; fraction is -1 when the server does not say. */
typedef void index_progress_fn(void *arg, double fraction);

/* Builds it, or waits for the build that somebody else began; rejoins after a lost connection;
 * verifies; refreshes target->vector. Repeats passing faults by itself. VZ_CANCELLED leaves a
 * state that the next call goes on from. */
bool ddl_build_index(struct db *db, struct arena *arena, struct target *target,
                     enum vz_metric metric, int64_t rows, index_progress_fn *progress, void *arg,
                     struct vz_error *err) VZ_MUST_CHECK;

#endif
