/* SPDX-License-Identifier: Apache-2.0
 *
 * All columns of the database that carry a stamp, for a list of what is embedded. */
#ifndef DB_STAMPED_H
#define DB_STAMPED_H

#include <stddef.h>

#include "db/stamp.h"

struct db;

struct stamped_column {
    const char *table, *column; /* schema.table, for people */
    struct stamp stamp;
};

/* By schema, table and column; all in arena. */
bool stamped_list(struct db *db, struct arena *arena, struct stamped_column **ret,
                  size_t *ret_count, struct vz_error *err) VZ_MUST_CHECK;

#endif
