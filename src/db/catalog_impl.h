/* SPDX-License-Identifier: Apache-2.0
 *
 * Shared by the files that read the catalogue: table.c, key.c, catalog.c, vector_index.c. */
#ifndef DB_CATALOG_IMPL_H
#define DB_CATALOG_IMPL_H

#include "db/catalog.h"
#include "db/conn.h"
#include "db/ident.h"
#include "db/sql.h"

/* A row of sql/columns.sql. In arena. */
struct column {
    int attnum, typmod;
    const char *name, *type;
    const char *base;    /* name of the type; of a domain: of what it is over */
    const char *comment; /* NULL without one */
    char category;       /* pg_type.typcategory */
    bool not_null, generated, has_array;
};

struct columns {
    struct column *v;
    size_t n;
};

bool table_find(struct db *db, struct arena *arena, const char *text, struct table *ret,
                struct vz_error *err) VZ_MUST_CHECK;
bool columns_read(struct db *db, struct arena *arena, const struct table *table,
                  struct columns *ret, struct vz_error *err) VZ_MUST_CHECK;
/* The column a user means; NULL without one. */
const struct column *columns_find(const struct columns *columns, const struct ident *name);
/* VZ_DB: there is no such column, with the nearest name. Returns false. */
bool columns_fail(struct arena *arena, const struct columns *columns, const struct table *table,
                  const char *typed, struct vz_error *err);
/* The columns that tell rows apart, in key order. */
bool key_find(struct db *db, struct arena *arena, const struct columns *columns,
              struct target *target, struct vz_error *err) VZ_MUST_CHECK;
/* Fills target->vector.indexes. */
bool vector_indexes_read(struct db *db, struct arena *arena, int attnum, struct target *target,
                         struct vz_error *err) VZ_MUST_CHECK;

/* Runs a statement that only reads, passing faults repeated; its answer has the shape of the
 * query it was made of, if that has one (NULL: it was made of none). */
bool catalog_run(struct db *db, const struct sql_query *query, const char *sql,
                 const char *const *params, size_t n_params, struct rows **ret,
                 struct vz_error *err) VZ_MUST_CHECK;
/* The same for a query file without parts. */
bool catalog_query(struct db *db, struct arena *arena, const struct sql_query *query,
                   const char *const *params, size_t n_params, struct rows **ret,
                   struct vz_error *err) VZ_MUST_CHECK;
const char *catalog_text(struct arena *arena, const struct rows *rows, size_t row, size_t column);

#endif
