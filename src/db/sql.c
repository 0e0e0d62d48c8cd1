/* SPDX-License-Identifier: Apache-2.0
 *
 * Filling a query's `:name` places. */
#include "db/sql.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || c == '_';
}

static const char *part_text(const struct sql_part *parts, struct str name)
{
    for (; parts && parts->name; parts++)
        if (str_is(name, parts->name))
            return parts->text;
    return NULL;
}

const char *sql_build(struct arena *arena, const struct sql_query *query, enum dialect_kind kind,
                      const struct sql_part *parts)
{
    struct buf b = buf_make(4 * LIMIT_SQL_TEXT);
    const char *at = query->text[kind];
    assert(at);
    bool fits = true;
    while (*at) {
        if (at[0] == ':' && at[1] == ':') { // a cast
            fits &= buf_puts(&b, "::");
            at += 2;
        } else if (at[0] == ':' && is_name(at[1])) {
            const char *end = at + 1;
            while (is_name(*end))
                end++;
            const char *text = part_text(parts, (struct str){ at + 1, (size_t)(end - at - 1) });
            assert(text);
            fits &= buf_puts(&b, text);
            at = end;
        } else {
            fits &= buf_putc(&b, *at++);
        }
    }
    if (!fits)
        oom("statement");
    const char *ret = arena_strdup(arena, buf_str(&b));
    buf_free(&b);
    return ret;
}
