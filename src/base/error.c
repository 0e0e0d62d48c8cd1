/* SPDX-License-Identifier: Apache-2.0
 *
 * The error value: filling it, adding to it, and its exit code. */
#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    enum vz_exit exit;
} kinds[] = {
    [VZ_OK] = { "ok", VZ_EXIT_DONE },
    [VZ_USAGE] = { "usage", VZ_EXIT_USAGE },
    [VZ_CONFIG] = { "configuration", VZ_EXIT_FAILED },
    [VZ_IO] = { "io", VZ_EXIT_FAILED },
    [VZ_FORMAT] = { "format", VZ_EXIT_FAILED },
    [VZ_DB] = { "database", VZ_EXIT_FAILED },
    [VZ_RETRY] = { "database, transient", VZ_EXIT_FAILED },
    [VZ_ENCODER_FAILED] = { "encoder", VZ_EXIT_FAILED },
    [VZ_CANCELLED] = { "interrupted", VZ_EXIT_INTERRUPTED },
    [VZ_BUG] = { "internal", VZ_EXIT_FAILED },
};

bool vz_failv(struct vz_error *err, enum vz_kind kind, const char *fmt, va_list args)
{
    int saved = errno;
    *err = (struct vz_error){ .kind = kind, .sys = kind == VZ_IO ? saved : 0 };
    errno = saved; // for %m
    vsnprintf(err->message, sizeof err->message, fmt, args);
    return false;
}

bool vz_fail(struct vz_error *err, enum vz_kind kind, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vz_failv(err, kind, fmt, args);
    va_end(args);
    return false;
}

bool vz_hint(struct vz_error *err, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(err->hint, sizeof err->hint, fmt, args);
    va_end(args);
    return false;
}

bool vz_detail(struct vz_error *err, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(err->detail, sizeof err->detail, fmt, args);
    va_end(args);
    return false;
}

bool vz_context(struct vz_error *err, const char *fmt, ...)
{
    char joined[sizeof err->message];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(joined, sizeof joined, fmt, args);
    va_end(args);
    if (n >= 0 && (size_t)n < sizeof joined)
        snprintf(joined + n, sizeof joined - (size_t)n, ": %s", err->message);
    memcpy(err->message, joined, sizeof joined);
    return false;
}

enum vz_exit vz_exit_code(const struct vz_error *err)
{
    return (size_t)err->kind < ARRAY_LEN(kinds) ? kinds[err->kind].exit : VZ_EXIT_FAILED;
}

const char *vz_kind_name(enum vz_kind kind)
{
    return (size_t)kind < ARRAY_LEN(kinds) ? kinds[kind].name : "unknown";
}
