/* SPDX-License-Identifier: Apache-2.0
 *
 * Parsing option values by type, and suggesting the nearest name. */
#include "base/option.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"

static bool set_flag(const struct vz_option *row, bool *field, const char *text,
                     struct vz_error *err)
{
    if (!text || strcmp(text, "true") == 0 || strcmp(text, "1") == 0)
        *field = true;
    else if (strcmp(text, "false") == 0 || strcmp(text, "0") == 0)
        *field = false;
    else
        return vz_fail(err, VZ_USAGE, "option \"%s\" takes true or false, not \"%s\"", row->name,
                       text);
    return true;
}

static bool set_int(const struct vz_option *row, int64_t *field, const char *text,
                    struct vz_error *err)
{
    char *end = NULL;
    errno = 0;
    long long n = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0)
        return vz_fail(err, VZ_USAGE, "option \"%s\" takes a whole number, not \"%s\"", row->name,
                       text);
    if ((row->min != 0 || row->max != 0) && (n < row->min || n > row->max)) {
        if (row->max == INT64_MAX)
            return vz_fail(err, VZ_USAGE, "option \"%s\" takes a number of at least %lld, not %lld",
                           row->name, (long long)row->min, n);
        return vz_fail(err, VZ_USAGE, "option \"%s\" takes a number from %lld to %lld, not %lld",
                       row->name, (long long)row->min, (long long)row->max, n);
    }
    *field = n;
    return true;
}

static bool set_number(const struct vz_option *row, double *field, const char *text,
                       struct vz_error *err)
{
    char *end = NULL;
    double d = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(d))
        return vz_fail(err, VZ_USAGE, "option \"%s\" takes a number, not \"%s\"", row->name, text);
    *field = d;
    return true;
}

static bool set_choice(const struct vz_option *row, int *field, const char *text,
                       struct vz_error *err)
{
    VZ_CLEANUP(buf_free) struct buf accepted = buf_make(256);
    for (int i = 0; row->choices[i]; i++) {
        if (strcmp(row->choices[i], text) == 0) {
            *field = i;
            return true;
        }
        buf_printf(&accepted, "%s%s", i ? ", " : "", row->choices[i]);
    }
    return vz_fail(err, VZ_USAGE, "option \"%s\" takes one of %s, not \"%s\"", row->name,
                   accepted.p ? accepted.p : "nothing", text);
}

bool option_set(const struct vz_option *row, void *fields, const char *text, struct vz_error *err)
{
    void *field = (char *)fields + row->offset;
    if (!text && row->type != VZ_OPTION_FLAG)
        return vz_fail(err, VZ_USAGE, "option \"%s\" needs a value", row->name);
    switch (row->type) {
    case VZ_OPTION_FLAG:
        return set_flag(row, field, text, err);
    case VZ_OPTION_INT:
        return set_int(row, field, text, err);
    case VZ_OPTION_NUMBER:
        return set_number(row, field, text, err);
    case VZ_OPTION_STRING:
        *(const char **)field = text;
        return true;
    case VZ_OPTION_CHOICE:
        return set_choice(row, field, text, err);
    }
    return vz_fail(err, VZ_BUG, "option \"%s\" has no type", row->name);
}

static void set_zero(const struct vz_option *row, void *field)
{
    static const size_t sizes[] = {
        [VZ_OPTION_FLAG] = sizeof(bool),     [VZ_OPTION_INT] = sizeof(int64_t),
        [VZ_OPTION_NUMBER] = sizeof(double), [VZ_OPTION_STRING] = sizeof(const char *),
        [VZ_OPTION_CHOICE] = sizeof(int),
    };
    memset(field, 0, sizes[row->type]);
}

bool option_defaults(const struct vz_option *rows, void *fields, struct vz_error *err)
{
    for (const struct vz_option *row = rows; row && row->name; row++) {
        set_zero(row, (char *)fields + row->offset);
        if (row->initial && !option_set(row, fields, row->initial, err))
            return false;
    }
    return true;
}

const struct vz_option *option_find(const struct vz_option *rows, struct str name)
{
    for (const struct vz_option *row = rows; row && row->name; row++)
        if (str_is(name, row->name))
            return row;
    return NULL;
}

/* Levenshtein distance; names are short, so one row of it lives on the stack. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[64];
    size_t n = strlen(b);
    if (n >= ARRAY_LEN(row) || strlen(a) >= ARRAY_LEN(row))
        return SIZE_MAX;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t above = row[j];
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            if (above + 1 < best)
                best = above + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
            diagonal = above;
        }
    }
    return row[n];
}

const char *option_nearest(const char *const *names, size_t n, const char *wrong)
{
    const char *best = NULL;
    size_t best_distance = strlen(wrong) / 3 + 2; // further than this is no typing mistake
    for (size_t i = 0; i < n; i++) {
        size_t d = edit_distance(wrong, names[i]);
        if (d < best_distance) {
            best_distance = d;
            best = names[i];
        }
    }
    return best;
}
