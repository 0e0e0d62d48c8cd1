/* SPDX-License-Identifier: Apache-2.0
 *
 * SQL names. The one function that quotes them, and the reading of names that a user types:
 * `table`, `schema.table`, `database.schema.table`, any part in double quotes.
 *
 *     ident_quote(&a, "Größe \"x\"")  →  "Größe ""x"""
 *
 * An unquoted part is folded as the servers fold (A-Z only); `exact` keeps it as typed, for
 * when only that exists. */
#ifndef DB_IDENT_H
#define DB_IDENT_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

#define IDENT_MAX 63 /* bytes; PostgreSQL's limit, which generated names keep to everywhere */

struct ident {
    const char *name;  /* folded unless it was quoted */
    const char *exact; /* as typed, without quotes */
};

struct ident_path {
    size_t n; /* 1 to 3 */
    struct ident part[3];
};

/* Strings in arena. VZ_USAGE for an empty part, an open quote, more than three parts. */
bool ident_parse(struct arena *arena, const char *text, struct ident_path *ret,
                 struct vz_error *err) VZ_MUST_CHECK;
/* The same for a name of one part: a column. A name with dots and no quotes is taken whole. */
bool ident_parse_column(struct arena *arena, const char *text, struct ident *ret,
                        struct vz_error *err) VZ_MUST_CHECK;

/* In arena. */
const char *ident_quote(struct arena *arena, const char *name);
/* "schema"."table" */
const char *ident_quote_pair(struct arena *arena, const char *schema, const char *name);
/* A string constant, safe in both servers' syntax whatever the settings. In arena. */
const char *ident_literal(struct arena *arena, const char *text);

/* `base` + `suffix` in at most IDENT_MAX bytes: base is cut at a character's border, and a short
 * hash of the whole keeps names that were cut apart. In arena. */
const char *ident_join(struct arena *arena, const char *base, const char *suffix);

#endif
