/* SPDX-License-Identifier: Apache-2.0
 *
 * Files read whole: mapped (weights) or copied (JSON). A mapping is borrowed memory that lives
 * until file_unmap. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"

struct file_map {
    const unsigned char *p; /* NULL for an empty file */
    size_t len;
};

/* Maps a regular file read-only. VZ_IO when it cannot be opened or is no regular file. */
bool file_map(const char *path, struct file_map *ret, struct vz_error *err) VZ_MUST_CHECK;
void file_unmap(struct file_map *m);

/* Appends the whole file to `ret` (owned by the caller, who made it with its cap). VZ_FORMAT
 * when the file is larger than the cap. */
bool file_read(const char *path, struct buf *ret, struct vz_error *err) VZ_MUST_CHECK;

bool file_is_regular(const char *path);
bool file_is_folder(const char *path);

#endif
