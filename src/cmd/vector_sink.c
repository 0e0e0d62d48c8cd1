/* SPDX-License-Identifier: Apache-2.0
 *
 * Formats of vectors, and the .npy header that is known last
 * (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). */
#include "cmd/vector_sink.h"

#include <endian.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "db/vector_text.h"

#define NPY_HEADER_SIZE 128 /* room for any shape; a multiple of 64, as the format wants */

const char *const vectors_format_names[] = { "jsonl", "f32", "npy", NULL };

struct vector_sink {
    FILE *out;
    enum vectors_format format;
    size_t dim;
    uint64_t rows;
    FILE *spool; /* .npy that cannot be patched in place: what goes to `out` at the end */
    off_t start; /* of the header in `out`, when it can be */
};

/* ---- bytes of rows ---- */

static void encode_text(const float *row, size_t dim, struct buf *ret)
{
    if (!buf_reserve(ret, vector_text_size(dim) + 1))
        oom("vectors as text");
    ret->len += vector_text(row, dim, ret->p + ret->len);
    ret->p[ret->len++] = '\n';
}

static void encode_floats(const float *values, size_t count, struct buf *ret)
{
    if (!buf_reserve(ret, count * sizeof(float)))
        oom("vectors as floats");
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        bits = htole32(bits);
        memcpy(ret->p + ret->len, &bits, sizeof bits);
        ret->len += sizeof bits;
    }
}

void vector_encode(enum vectors_format format, const float *rows, size_t count, size_t dim,
                   struct buf *ret)
{
    if (format != VECTORS_JSONL) {
        encode_floats(rows, count * dim, ret);
        return;
    }
    for (size_t i = 0; i < count; i++)
        encode_text(rows + i * dim, dim, ret);
}

/* ---- writing ---- */

static bool write_bytes(FILE *to, const void *p, size_t len, struct vz_error *err)
{
    if (fwrite(p, 1, len, to) == len)
        return true;
    return vz_fail(err, VZ_IO, "could not write vectors: %m");
}

/* Version 1.0: magic, version, length of the rest (little endian), a Python dictionary, spaces. */
static void npy_header(char header[NPY_HEADER_SIZE], uint64_t rows, size_t dim)
{
    static const char magic[8] = { '\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0 };
    uint16_t rest = NPY_HEADER_SIZE - 10;
    char text[NPY_HEADER_SIZE];
    int n = snprintf(text, sizeof text,
                     "{'descr': '<f4', 'fortran_order': False, 'shape': (%llu, %zu), }",
                     (unsigned long long)rows, dim);
    memset(header, ' ', NPY_HEADER_SIZE);
    memcpy(header, magic, sizeof magic);
    header[8] = (char)(rest & 0xFF);
    header[9] = (char)(rest >> 8);
    memcpy(header + 10, text, (size_t)n);
    header[NPY_HEADER_SIZE - 1] = '\n';
}

/* Where the header stands in `out`, or -1 when it cannot be written later: a pipe, or a file that
 * is only appended to. */
static off_t patchable_start(FILE *out)
{
    int flags = fcntl(fileno(out), F_GETFL);
    if (flags < 0 || flags & O_APPEND)
        return -1;
    return lseek(fileno(out), 0, SEEK_CUR);
}

/* An unnamed file in TMPDIR's place for temporary files. */
static bool open_spool(FILE **ret, struct vz_error *err)
{
    *ret = tmpfile();
    if (*ret)
        return true;
    vz_fail(err, VZ_IO, "could not make a temporary file for --format npy: %m");
    return vz_hint(err, "Write to a file (> vectors.npy) instead of a pipe: it needs none.");
}

bool vector_sink_open(FILE *out, enum vectors_format format, size_t dim, struct vector_sink **ret,
                      struct vz_error *err)
{
    struct vector_sink *s = xcalloc(1, sizeof *s);
    *s = (struct vector_sink){ .out = out, .format = format, .dim = dim };
    bool ok = true;
    if (format == VECTORS_NPY) {
        char header[NPY_HEADER_SIZE];
        npy_header(header, 0, dim);
        s->start = patchable_start(out);
        ok = s->start < 0 ? open_spool(&s->spool, err)
                          : write_bytes(out, header, sizeof header, err);
    }
    if (!ok) {
        xfree(s);
        return false;
    }
    *ret = s;
    return true;
}

bool vector_sink_add(struct vector_sink *s, struct str bytes, size_t rows, struct vz_error *err)
{
    s->rows += rows;
    return write_bytes(s->spool ? s->spool : s->out, bytes.p, bytes.len, err);
}

bool vector_sink_flush(struct vector_sink *s, struct vz_error *err)
{
    if (fflush(s->out) == 0)
        return true;
    return vz_fail(err, VZ_IO, "could not write vectors: %m");
}

static bool copy_spool(struct vector_sink *s, struct vz_error *err)
{
    char block[1 << 16];
    rewind(s->spool);
    for (size_t n; (n = fread(block, 1, sizeof block, s->spool)) > 0;)
        if (!write_bytes(s->out, block, n, err))
            return false;
    if (ferror(s->spool))
        return vz_fail(err, VZ_IO, "could not read a temporary file: %m");
    return true;
}

static bool finish_npy(struct vector_sink *s, struct vz_error *err)
{
    char header[NPY_HEADER_SIZE];
    npy_header(header, s->rows, s->dim);
    if (s->spool) {
        if (fflush(s->spool) != 0)
            return vz_fail(err, VZ_IO, "could not write a temporary file: %m");
        return write_bytes(s->out, header, sizeof header, err) && copy_spool(s, err);
    }
    if (!vector_sink_flush(s, err))
        return false;
    if (pwrite(fileno(s->out), header, sizeof header, s->start) != (ssize_t)sizeof header)
        return vz_fail(err, VZ_IO, "could not write the header of the .npy file: %m");
    return true;
}

bool vector_sink_close(struct vector_sink *s, struct vz_error *err)
{
    bool ok = s->format == VECTORS_NPY ? finish_npy(s, err) : vector_sink_flush(s, err);
    if (s->spool)
        fclose(s->spool);
    xfree(s);
    return ok;
}
