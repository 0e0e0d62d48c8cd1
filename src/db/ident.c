/* SPDX-License-Identifier: Apache-2.0
 *
 * Quoting names and reading them. */
#include "db/ident.h"

#include <string.h>

#include "base/hash.h"

static char *fold(struct arena *arena, struct str s)
{
    char *p = arena_strdup(arena, s);
    for (char *c = p; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    return p;
}

/* Reads "…" at *at, doubled quotes undone, and moves *at behind it. NULL: it does not end. */
static const char *read_quoted(struct arena *arena, const char **at)
{
    char *to = arena_new(arena, char, strlen(*at) + 1), *end = to;
    for (const char *c = *at + 1; *c; c++) {
        if (*c != '"') {
            *end++ = *c;
        } else if (c[1] == '"') {
            *end++ = *c++;
        } else {
            *at = c + 1;
            return to;
        }
    }
    return NULL;
}

static bool fail_name(struct vz_error *err, const char *text, const char *why)
{
    vz_fail(err, VZ_USAGE, "cannot read the name %s: %s", text, why);
    return vz_hint(err, "Write schema.table; put a part with dots or capitals in double quotes "
                        "(and the whole in single ones for the shell): '\"My Table\"'.");
}

/* One part at *at, up to `stop` (0: the end). */
static bool read_part(struct arena *arena, const char *text, const char **at, char stop,
                      struct ident *ret, struct vz_error *err)
{
    if (**at == '"') {
        const char *name = read_quoted(arena, at);
        if (!name)
            return fail_name(err, text, "a quote is open");
        if (**at && **at != stop)
            return fail_name(err, text, "something stands after a closing quote");
        *ret = (struct ident){ name, name };
    } else {
        size_t len = stop ? strcspn(*at, (char[]){ stop, 0 }) : strlen(*at);
        struct str part = { *at, len };
        *at += len;
        *ret = (struct ident){ fold(arena, part), arena_strdup(arena, part) };
    }
    if (!*ret->name)
        return fail_name(err, text, "a part is empty");
    return true;
}

bool ident_parse(struct arena *arena, const char *text, struct ident_path *ret,
                 struct vz_error *err)
{
    *ret = (struct ident_path){ 0 };
    for (const char *at = text;; at++) { // past the dot
        if (ret->n == 3)
            return fail_name(err, text, "it has more than three parts");
        if (!read_part(arena, text, &at, '.', &ret->part[ret->n++], err))
            return false;
        if (!*at)
            return true;
    }
}

bool ident_parse_column(struct arena *arena, const char *text, struct ident *ret,
                        struct vz_error *err)
{
    const char *at = text;
    return read_part(arena, text, &at, '\0', ret, err);
}

/* `name` between `mark`s, with every `mark` in it doubled. */
static char *quote(struct arena *arena, const char *name, char mark)
{
    char *ret = arena_new(arena, char, 2 * strlen(name) + 3), *to = ret;
    *to++ = mark;
    for (; *name; name++) {
        if (*name == mark)
            *to++ = mark;
        *to++ = *name;
    }
    *to = mark;
    return ret;
}

const char *ident_quote(struct arena *arena, const char *name)
{
    return quote(arena, name, '"');
}

const char *ident_quote_pair(struct arena *arena, const char *schema, const char *name)
{
    return arena_printf(arena, "%s.%s", ident_quote(arena, schema), ident_quote(arena, name));
}

const char *ident_literal(struct arena *arena, const char *text)
{
    if (!strchr(text, '\\'))
        return quote(arena, text, '\'');
    // E'…' reads backslashes the same way under every setting.
    char *doubled = arena_new(arena, char, 2 * strlen(text) + 1), *to = doubled;
    for (; *text; text++) {
        if (*text == '\\')
            *to++ = '\\';
        *to++ = *text;
    }
    return arena_printf(arena, "E%s", quote(arena, doubled, '\''));
}

const char *ident_join(struct arena *arena, const char *base, const char *suffix)
{
    size_t room = IDENT_MAX - strlen(suffix);
    if (strlen(base) <= room)
        return arena_printf(arena, "%s%s", base, suffix);
    char hash[HASH_HEX_SIZE];
    hash_str(str_of(base), hash);
    size_t len = room - 9;
    while (len && ((unsigned char)base[len] & 0xC0) == 0x80) // not inside a character
        len--;
    return arena_printf(arena, "%.*s_%.8s%s", (int)len, base, hash, suffix);
}
