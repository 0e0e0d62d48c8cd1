/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables for people, on standard output. On a terminal they fit its width: columns that may be
 * cut are. Elsewhere they are aligned and whole.
 *
 *     static const struct table_column columns[] = {
 *         { "DISTANCE", .right = true }, { "TEXT", .cut = true },
 *     };
 *     struct table *t = table_new(columns, 2);
 *     table_row(t, (const char *[]){ "0.1234", text });
 *     table_print(t, inv->out);
 *     table_free(t);
 *
 * Control characters in cells (line ends, escapes) are shown as spaces, so that no row of a
 * database can move a cursor. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/compiler.h"

struct table;

struct table_column {
    const char *title;
    bool right; /* aligned to the right: numbers */
    bool cut;   /* gives way first when the terminal is narrow */
};

struct table *table_new(const struct table_column *columns, size_t count);

/* Copies the cells, one a column; NULL is an empty cell. Cells must be UTF-8. */
void table_row(struct table *t, const char *const *cells);

void table_print(struct table *t, FILE *out);
void table_free(struct table *t);

/* One line of a list of facts: "name:", and the value in a column of its own. */
void table_fact(FILE *out, const char *name, const char *fmt, ...) VZ_PRINTF(3, 4);

#endif
