/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole files, mapped or read. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static bool open_regular(const char *path, int *ret_fd, size_t *ret_len, struct vz_error *err)
{
    // O_NONBLOCK: a FIFO in the place of a model file must not hang us.
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return vz_fail(err, VZ_IO, "could not open \"%s\": %m", path);

    struct stat st;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return vz_fail(err, VZ_IO, "cannot read \"%s\": not a regular file", path);
    }
    *ret_fd = fd;
    *ret_len = (size_t)st.st_size;
    return true;
}

bool file_map(const char *path, struct file_map *ret, struct vz_error *err)
{
    VZ_CLEANUP(close_fd) int fd = -1;
    size_t len = 0;
    if (!open_regular(path, &fd, &len, err))
        return false;

    *ret = (struct file_map){ .len = len };
    if (len == 0)
        return true;
    void *p = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED)
        return vz_fail(err, VZ_IO, "could not map \"%s\": %m", path);
    ret->p = p;
    return true;
}

void file_unmap(struct file_map *m)
{
    if (m->p)
        munmap((void *)m->p, m->len);
    *m = (struct file_map){ 0 };
}

bool file_read(const char *path, struct buf *ret, struct vz_error *err)
{
    VZ_CLEANUP(close_fd) int fd = -1;
    size_t len = 0;
    if (!open_regular(path, &fd, &len, err))
        return false;
    if (!buf_reserve(ret, len))
        return vz_fail(err, VZ_FORMAT, "cannot read \"%s\": %zu bytes, more than the limit of %zu",
                       path, len, ret->cap);
    for (;;) {
        char chunk[16384];
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return vz_fail(err, VZ_IO, "could not read \"%s\": %m", path);
        if (n == 0)
            return true;
        if (!buf_add(ret, chunk, (size_t)n))
            return vz_fail(err, VZ_FORMAT, "cannot read \"%s\": more than %zu bytes", path,
                           ret->cap);
    }
}

bool file_is_regular(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool file_is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}
