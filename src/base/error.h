/* SPDX-License-Identifier: Apache-2.0
 *
 * A failure is a value. A function that can fail returns bool, takes `struct vz_error *err` as
 * its last parameter and fills it only when it returns false. Nobody below main() prints it.
 *
 *     static bool load(const char *path, struct vz_error *err)
 *     {
 *         if (access(path, R_OK) < 0)
 *             return vz_fail(err, VZ_IO, "could not read \"%s\": %m", path);
 *         if (!parse(path, err))
 *             return vz_context(err, "model \"%s\"", path);
 *         return true;
 *     }
 *
 * Messages: lower case, no full stop, names in double quotes; "could not" for what may work
 * later, "cannot" for what never will. Detail and hint are whole sentences. Everything is held
 * inline, so an error can be made when memory is gone. Never put row text, a password or a key
 * in one. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdarg.h>
#include <stdbool.h>

#include <vectorize/encoder.h> /* enum vz_kind, shared with modules */

#include "base/compiler.h"

struct vz_error {
    enum vz_kind kind; /* decides the exit code and whether to retry */
    int sys;           /* errno, or 0 */
    char sqlstate[6];  /* "" when no server said anything */
    char message[512]; /* what happened, to which table, row or file */
    char detail[512];  /* "" or whole sentences */
    char hint[512];    /* "" or what to do next */
};

/* The five exit codes of the program, by kind (docs: vectorize(1), EXIT STATUS). */
enum vz_exit {
    VZ_EXIT_DONE = 0,
    VZ_EXIT_FAILED = 1,
    VZ_EXIT_USAGE = 2,
    VZ_EXIT_ROWS_FAILED = 3,   /* finished, but some rows could not be embedded */
    VZ_EXIT_INTERRUPTED = 130, /* by SIGINT or SIGTERM; run again to resume */
};

/* Fills *err and returns false. `%m` is allowed. Takes errno into err->sys for VZ_IO. */
bool vz_fail(struct vz_error *err, enum vz_kind kind, const char *fmt, ...) VZ_PRINTF(3, 4);
bool vz_failv(struct vz_error *err, enum vz_kind kind, const char *fmt, va_list args)
    VZ_PRINTF(3, 0);

/* Adds a part to an error that is already filled; both return false for chaining. */
bool vz_hint(struct vz_error *err, const char *fmt, ...) VZ_PRINTF(2, 3);
bool vz_detail(struct vz_error *err, const char *fmt, ...) VZ_PRINTF(2, 3);

/* Puts "context: " in front of the message on the way up; returns false. */
bool vz_context(struct vz_error *err, const char *fmt, ...) VZ_PRINTF(2, 3);

enum vz_exit vz_exit_code(const struct vz_error *err);
const char *vz_kind_name(enum vz_kind kind); /* "usage", "database", … for --json */

#endif
