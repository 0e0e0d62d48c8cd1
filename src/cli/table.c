/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables over libsmartcols. */
#include "cli/table.h"

#include <libsmartcols.h>
#include <stdarg.h>
#include <string.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "cli/terminal.h"

#define FACT_COLUMN 18 /* where the values of a list of facts start */

struct table {
    struct libscols_table *scols;
    size_t column_count;
};

struct table *table_new(const struct table_column *columns, size_t count)
{
    struct table *t = xcalloc(1, sizeof *t);
    t->scols = scols_new_table();
    if (!t->scols)
        oom("a table");
    t->column_count = count;
    for (size_t i = 0; i < count; i++) {
        int flags = (columns[i].right ? SCOLS_FL_RIGHT : 0) | (columns[i].cut ? SCOLS_FL_TRUNC : 0);
        if (!scols_table_new_column(t->scols, columns[i].title, columns[i].cut ? 0.1 : 0, flags))
            oom("a table");
    }
    return t;
}

/* C0, DEL and C1 (two bytes in UTF-8: C2 80 to C2 9F) become spaces. */
static void blank_controls(char *text)
{
    for (unsigned char *p = (unsigned char *)text; *p; p++) {
        if (*p < ' ' || *p == 0x7F)
            *p = ' ';
        else if (p[0] == 0xC2 && p[1] >= 0x80 && p[1] < 0xA0)
            p[0] = p[1] = ' ';
    }
}

void table_row(struct table *t, const char *const *cells)
{
    struct libscols_line *line = scols_table_new_line(t->scols, NULL);
    if (!line)
        oom("a table");
    for (size_t i = 0; i < t->column_count; i++) {
        VZ_CLEANUP(free_at) char *cell = xstrdup(cells[i] ? cells[i] : "");
        blank_controls(cell);
        if (scols_line_set_data(line, i, cell) != 0)
            oom("a table");
    }
}

void table_print(struct table *t, FILE *out)
{
    size_t width = terminal_width(out);
    scols_table_set_stream(t->scols, out);
    scols_table_set_termforce(t->scols, width ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
    if (width)
        scols_table_set_termwidth(t->scols, width);
    if (scols_print_table(t->scols) != 0)
        oom("a table");
}

void table_free(struct table *t)
{
    if (!t)
        return;
    scols_unref_table(t->scols);
    xfree(t);
}

void table_fact(FILE *out, const char *name, const char *fmt, ...)
{
    int used = fprintf(out, "%s:", name);
    fprintf(out, "%*s", used < FACT_COLUMN ? FACT_COLUMN - used : 1, "");
    va_list args;
    va_start(args, fmt);
    vfprintf(out, fmt, args);
    va_end(args);
    fputc('\n', out);
}
