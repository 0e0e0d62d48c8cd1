/* SPDX-License-Identifier: Apache-2.0
 *
 * What is in the user's schema: a table, its key, the column to read and the column to fill.
 * Everything that does not fit is an error here, before anything was written.
 *
 *     struct target t;
 *     if (!catalog_resolve(db, &job, &(struct target_names){ .table = "shop.items",
 *                                                            .input = "body" }, &t, err)) …
 *     if (!t.vector.exists) …
 *
 * All strings are in the arena given. Names come twice: `name` for people, `sql` quoted. */
#ifndef DB_CATALOG_H
#define DB_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/stamp.h"

struct db;

#define KEY_COLUMNS_MAX 60

struct table {
    uint32_t oid;
    const char *schema, *name;
    const char *sql;       /* "schema"."table" */
    const char *ref;       /* "table": qualifies a column inside a statement on it */
    const char *text;      /* schema.table, for people */
    int64_t rows_estimate; /* the server's guess; -1: it has none */
    bool partitioned;
};

struct key_column {
    const char *name, *sql;
    const char *type;       /* as a cast takes it: numeric(10,2), "Mood" */
    const char *array_type; /* of an array of it, for a cast */
};

struct input_column {
    const char *name, *sql;
    const char *type;
    const char *text; /* expression that gives its text: "table"."body"::text */
    bool generated;
};

struct vector_index {
    const char *name, *sql; /* sql: "schema"."index" */
    const char *definition;
    bool valid;    /* false: left over by a build that failed, or still being built */
    bool building; /* somebody is building it now */
    bool usable;   /* serves the metric below on this column alone */
    enum vz_metric metric;
    bool partial;
    bool partial_not_null;  /* partial, and the predicate is <column> IS NOT NULL */
    const char *expression; /* NULL, or over what expression it is */
};

struct vector_column {
    const char *name, *sql;
    bool exists;
    int64_t dim;         /* 0: the type has no fixed width */
    const char *comment; /* whole comment, or NULL */
    bool has_stamp;
    struct stamp stamp;
    struct vector_index *indexes;
    size_t n_indexes;
};

/* A table with what is read from it and what is written to it. Plain data; may be shared
 * between threads once it is filled. */
struct target {
    struct table table;
    struct key_column *keys; /* in key order */
    size_t n_keys;
    const char *key_index; /* name of the index behind the key, for people */
    struct input_column input;
    struct vector_column vector;
    const char *vector_type;   /* the type's name, qualified if need be: vector, ext.vector */
    const char *vector_schema; /* quoted, of type and operators; NULL: they are in the path */
    uint32_t vector_oid;       /* of the type; 0: the server has no arrays of it */
};

struct target_names {
    const char *table;  /* as typed */
    const char *input;  /* NULL: from the vector column's stamp */
    const char *vector; /* NULL: <input>_vector, or without input the only stamped column */
};

/* Resolves all of it; passing faults are repeated inside, here and below. VZ_DB with a hint
 * (nearest names) for anything missing or unfit: a view, no key, a type that has no text, a vector
 * column that is generated, NOT NULL or of another type. A vector column that is not there is no
 * error (vector.exists). */
bool catalog_resolve(struct db *db, struct arena *arena, const struct target_names *names,
                     struct target *ret, struct vz_error *err) VZ_MUST_CHECK;

/* Reads the vector column and its indexes again after a change. */
bool catalog_refresh_vector(struct db *db, struct arena *arena, struct target *target,
                            struct vz_error *err) VZ_MUST_CHECK;

/* The index that a search by `metric` would use: valid and usable. NULL without one. */
const struct vector_index *catalog_index_for(const struct target *target, enum vz_metric metric);

struct counts {
    int64_t rows;                  /* that match --where */
    int64_t embedded;              /* have a vector */
    int64_t missing;               /* have a usable text and no vector */
    int64_t null_text, blank_text; /* unusable, and have no vector */
    int64_t stale_blank;           /* have a vector though their text is NULL or blank */
};

/* Exact; reads the whole table once. `where` is the user's own condition or NULL. */
bool catalog_count(struct db *db, const struct target *target, const char *where,
                   struct counts *ret, struct vz_error *err) VZ_MUST_CHECK;

#endif
