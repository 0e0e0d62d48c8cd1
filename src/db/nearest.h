/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows nearest to a query vector: through the vector index where there is one that serves
 * the question, exactly otherwise, and the caller is told which. Rows without a vector never
 * come out. */
#ifndef DB_NEAREST_H
#define DB_NEAREST_H

#include "db/catalog.h"
#include "db/conn.h"

struct nearest_query {
    const float *vector; /* target->vector.dim components, finite and not all zero */
    enum vz_metric metric;
    size_t limit;
    const char *const *select; /* names of columns as typed; n_select 0: the input column */
    size_t n_select;
    const char *where;   /* the user's own SQL condition, executed as it is; or NULL */
    bool exact;          /* do not use an index */
    bool follower_reads; /* CockroachDB: may be some seconds old */
    size_t beam;         /* how far an index is searched; 0: by the limit */
};

struct nearest_info {
    const char *index; /* that was used, or NULL: every row was compared */
    const char *note;  /* "" or a sentence why the answer is exact and slow. In arena */
};

/* Rows: first the distance, then the key columns, then the selected ones, all as text, nearest
 * first; owned by the caller. */
bool nearest_rows(struct db *db, struct arena *arena, const struct target *target,
                  const struct nearest_query *query, struct rows **ret, struct nearest_info *info,
                  struct vz_error *err) VZ_MUST_CHECK;

#endif
