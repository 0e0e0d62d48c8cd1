/* SPDX-License-Identifier: Apache-2.0
 *
 * Stamps in comments. */
#include "db/stamp.h"

#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"

#define STAMP_LINE_MAX (64 * KIB) /* a longer line is not one of ours */

static const char *const metric_names[] = {
    [VZ_COSINE] = "cosine",
    [VZ_INNER_PRODUCT] = "ip",
    [VZ_L2] = "l2",
};

const char *metric_name(enum vz_metric metric)
{
    return metric_names[metric];
}

bool metric_of(const char *name, enum vz_metric *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(metric_names); i++) {
        if (!strcmp(name, metric_names[i])) {
            *ret = (enum vz_metric)i;
            return true;
        }
    }
    return false;
}

/* The fields, once: reading and writing go through the same rows. */
enum field_type { FIELD_TEXT, FIELD_INT, FIELD_METRIC };

static const struct field {
    const char *key;
    enum field_type type;
    size_t offset;
    bool required;
    int64_t min, max;
} fields[] = {
    { "version", FIELD_INT, offsetof(struct stamp, version), true, 1, INT32_MAX },
    { "model", FIELD_TEXT, offsetof(struct stamp, model), true, 0, 0 },
    { "module", FIELD_TEXT, offsetof(struct stamp, module), false, 0, 0 },
    { "fingerprint", FIELD_TEXT, offsetof(struct stamp, fingerprint), true, 0, 0 },
    { "precision", FIELD_TEXT, offsetof(struct stamp, precision), false, 0, 0 },
    { "dimension", FIELD_INT, offsetof(struct stamp, dimension), true, 1, LIMIT_DIM },
    { "metric", FIELD_METRIC, offsetof(struct stamp, metric), true, 0, 0 },
    { "input", FIELD_TEXT, offsetof(struct stamp, input), false, 0, 0 },
    { "document_prompt", FIELD_TEXT, offsetof(struct stamp, document_prompt), false, 0, 0 },
    { "query_prompt", FIELD_TEXT, offsetof(struct stamp, query_prompt), false, 0, 0 },
    { "text", FIELD_TEXT, offsetof(struct stamp, text), false, 0, 0 },
    { "tool", FIELD_TEXT, offsetof(struct stamp, tool), false, 0, 0 },
};

static bool read_field(struct arena *arena, const json_t *object, const struct field *f,
                       struct stamp *ret)
{
    struct vz_error ignored;
    void *place = (char *)ret + f->offset;
    const char *text = "";
    switch (f->type) {
    case FIELD_INT:
        return json_want_int(object, f->key, f->min, f->max, place, &ignored);
    case FIELD_METRIC:
        return json_want_string(object, f->key, &text, &ignored) && metric_of(text, place);
    case FIELD_TEXT:
        if (!(f->required ? json_want_string(object, f->key, &text, &ignored)
                          : json_opt_string(object, f->key, &text, &ignored)))
            return false;
        if (strlen(text) != json_string_length(json_object_get(object, f->key)))
            return false; // a NUL inside
        *(const char **)place = arena_strdup(arena, str_of(text));
        return true;
    }
    return false;
}

static bool read_stamp(struct arena *arena, struct str text, struct stamp *ret)
{
    struct vz_error ignored;
    VZ_CLEANUP(json_decref_at) json_t *object = NULL;
    if (text.len > STAMP_LINE_MAX || !json_load_str(text, &object, &ignored) ||
        !json_is_object(object))
        return false;
    struct stamp found = { 0 };
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (!read_field(arena, object, &fields[i], &found))
            return false;
    *ret = found;
    return true;
}

/* The last line of the comment that is a stamp; p is NULL when there is none. */
static struct str find_line(struct arena *arena, const char *comment, struct stamp *ret)
{
    struct str found = { 0 };
    struct str_cut rest = { .tail = str_of(comment), .ok = comment != NULL };
    while (rest.ok) {
        rest = str_cut(rest.tail, '\n');
        struct str json = rest.head;
        if (!str_starts(json, STAMP_MARK))
            continue;
        json.p += strlen(STAMP_MARK);
        json.len -= strlen(STAMP_MARK);
        if (read_stamp(arena, json, ret))
            found = rest.head;
    }
    return found;
}

bool stamp_find(struct arena *arena, const char *comment, struct stamp *ret)
{
    return find_line(arena, comment, ret).p != NULL;
}

/* JSON is UTF-8: bytes that are not (a path may have some) become '?'. */
static json_t *json_text(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, str_of(text));
    size_t at = 0, len = strlen(copy);
    while ((at += utf8_valid_prefix((struct str){ copy + at, len - at })) < len)
        copy[at] = '?';
    return json_string(copy);
}

static int add_bytes(const char *bytes, size_t len, void *arg)
{
    return buf_add(arg, bytes, len) ? 0 : -1;
}

static const char *write_stamp(struct arena *arena, const struct stamp *stamp)
{
    VZ_CLEANUP(json_decref_at) json_t *object = json_object();
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        const struct field *f = &fields[i];
        const void *place = (const char *)stamp + f->offset;
        const char *text = f->type == FIELD_METRIC ? metric_name(*(const enum vz_metric *)place)
                           : f->type == FIELD_TEXT ? *(const char *const *)place
                                                   : NULL;
        json_t *value = f->type == FIELD_INT ? json_integer(*(const int64_t *)place)
                                             : json_text(arena, text ? text : "");
        if (json_object_set_new(object, f->key, value) < 0)
            oom("stamp");
    }
    struct buf b = buf_make(LIMIT_SQL_TEXT);
    buf_puts(&b, STAMP_MARK);
    if (json_dump_callback(object, add_bytes, &b, JSON_COMPACT) < 0)
        oom("stamp");
    const char *ret = arena_strdup(arena, buf_str(&b));
    buf_free(&b);
    return ret;
}

const char *stamp_merge(struct arena *arena, const char *comment, const struct stamp *stamp)
{
    struct stamp old;
    const char *line = write_stamp(arena, stamp);
    struct str at = find_line(arena, comment, &old);
    if (at.p)
        return arena_printf(arena, "%.*s%s%s", (int)(at.p - comment), comment, line, at.p + at.len);
    if (!comment || !*comment)
        return line;
    return arena_printf(arena, "%s\n%s", comment, line);
}

const char *stamp_remove(struct arena *arena, const char *comment)
{
    struct stamp old;
    struct str at = find_line(arena, comment, &old);
    if (!at.p)
        return comment && *comment ? comment : NULL;
    size_t head = (size_t)(at.p - comment);
    const char *tail = at.p + at.len;
    if (head)
        head--; // the line break that stamp_merge put there
    else if (*tail)
        tail++;
    const char *ret = arena_printf(arena, "%.*s%s", (int)head, comment, tail);
    return *ret ? ret : NULL;
}

static bool differs(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") != 0;
}

static const char *or_none(const char *text)
{
    return text && *text ? text : "none";
}

static const char *precision_of(const struct stamp *s)
{
    return s->precision && *s->precision ? s->precision : "fp32";
}

const char *stamp_precision(const struct stamp *stamp, const char *given)
{
    if (!stamp || (given && strcmp(given, "auto") != 0))
        return given;
    // fp32 is every encoder's own choice, also of those that have no such option.
    return strcmp(precision_of(stamp), "fp32") == 0 ? NULL : precision_of(stamp);
}

bool stamp_same(struct arena *arena, const struct stamp *column, const struct stamp *wanted,
                const char **ret_why)
{
    if (differs(column->model, wanted->model) && differs(column->fingerprint, wanted->fingerprint))
        *ret_why = "they are different models";
    else if (strcmp(precision_of(column), precision_of(wanted)) != 0)
        *ret_why = arena_printf(arena, "its vectors were computed in %s, not in %s",
                                precision_of(column), precision_of(wanted));
    else if (differs(column->fingerprint, wanted->fingerprint))
        *ret_why = arena_printf(arena,
                                "model \"%s\" has other weights or settings than it had "
                                "when the column was filled",
                                or_none(wanted->model));
    else if (column->dimension != wanted->dimension)
        *ret_why = arena_printf(arena, "its vectors have %lld components, the model's %lld",
                                (long long)column->dimension, (long long)wanted->dimension);
    else if (differs(column->input, wanted->input))
        *ret_why = arena_printf(arena, "it was filled from column \"%s\", not from \"%s\"",
                                or_none(column->input), or_none(wanted->input));
    else if (differs(column->document_prompt, wanted->document_prompt))
        *ret_why = arena_printf(arena, "its texts were given the prompt \"%s\", not \"%s\"",
                                or_none(column->document_prompt), or_none(wanted->document_prompt));
    else if (differs(column->text, wanted->text))
        *ret_why = arena_printf(arena, "its texts were treated as \"%s\", not as \"%s\"",
                                or_none(column->text), or_none(wanted->text));
    else
        return true;
    return false;
}
