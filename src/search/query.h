/* SPDX-License-Identifier: Apache-2.0
 *
 * One search: the model that the column is stamped with encodes the question, the database finds
 * the rows nearest to it. Writes nothing: the session is read-only.
 *
 *     struct search_result r;
 *     if (!search_run(&(struct search_options){ .table = "passages", .text = text, … },
 *                     arena, &r, err)) …
 *     rows_free(r.rows);
 */
#ifndef SEARCH_QUERY_H
#define SEARCH_QUERY_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/str.h"
#include "db/catalog.h"
#include "db/conn.h"
#include "db/nearest.h"

struct search_options {
    const char *url;                    /* or NULL */
    const char *table, *input, *vector; /* as typed; input and vector may be NULL */
    const char *model;                  /* NULL: the stamp's; another one is refused */
    const char *const *encoder_options; /* or NULL */
    const char *precision;              /* NULL, "auto": the stamp's; another one is refused */
    struct str text;
    size_t limit;
    const char *select;  /* "a, b": columns to show; NULL: the input column */
    const char *where;   /* or NULL */
    bool exact;          /* compare every row */
    bool follower_reads; /* CockroachDB: from the nearest replica, some seconds old */
    size_t beam;         /* candidates that the index keeps; 0: by the limit */
    const atomic_bool *cancel;
};

struct search_result {
    struct target target;
    const char *model, *metric;
    struct nearest_info info;
    struct rows *rows; /* distance, key columns, selected columns; owned: rows_free */
};

/* Strings in arena. */
bool search_run(const struct search_options *options, struct arena *arena,
                struct search_result *ret, struct vz_error *err) VZ_MUST_CHECK;

/* Names parted by commas, except within double quotes; blanks around them do not count. The
 * list is in arena; VZ_USAGE for an empty name. */
bool search_split_names(struct arena *arena, const char *names, const char *const **ret,
                        size_t *ret_count, struct vz_error *err) VZ_MUST_CHECK;

#endif
