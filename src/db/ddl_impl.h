/* SPDX-License-Identifier: Apache-2.0
 *
 * Shared by ddl_column.c and ddl_index.c. */
#ifndef DB_DDL_IMPL_H
#define DB_DDL_IMPL_H

#include "db/catalog.h"
#include "db/sql.h"

/* Adds table and hints to the error of a schema change; returns false. */
bool ddl_fail(const struct target *target, struct vz_error *err);

#endif
