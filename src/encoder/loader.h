/* SPDX-License-Identifier: Apache-2.0
 *
 * Modules from shared objects: the only user of dlopen. A module stays loaded until the program
 * ends (unloading would take code away from under threads and sanitizers). */
#ifndef ENCODER_LOADER_H
#define ENCODER_LOADER_H

#include <vectorize/encoder.h>

#include "base/error.h"

/* Loads the file, checks its table (ABI, sizes, required callbacks, name) and gives our own copy
 * of it, in which fields that an older module does not have are NULL. The same file gives the
 * same table again. Not for two threads at once. */
bool loader_load(const char *path, const struct vz_encoder **ret,
                 struct vz_error *err) VZ_MUST_CHECK;

/* Held against every module, built in or loaded. `origin` is for the message. */
bool loader_check(const struct vz_encoder *e, const char *origin,
                  struct vz_error *err) VZ_MUST_CHECK;

/* [a-z][a-z0-9_-]*, 31 bytes at most. */
bool loader_is_name(const char *name);

#endif
