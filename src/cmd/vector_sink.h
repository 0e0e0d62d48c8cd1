/* SPDX-License-Identifier: Apache-2.0
 *
 * Vectors on standard output, in one of three formats: a JSON array a line, raw float32 (little
 * endian), or NumPy's .npy, whose header carries the number of rows. That number is known only at
 * the end: in a file the header is written last; a pipe gets everything at the end, out of a
 * temporary file.
 *
 *     struct vector_sink *sink = NULL;
 *     if (!vector_sink_open(stdout, VECTORS_NPY, dim, &sink, err)) …
 *     vector_encode(VECTORS_NPY, rows, n, dim, &buf);        // on any thread
 *     if (!vector_sink_add(sink, buf_str(&buf), n, err)) …   // in order
 *     if (!vector_sink_close(sink, err)) …                   // always, also after a failure
 */
#ifndef CMD_VECTOR_SINK_H
#define CMD_VECTOR_SINK_H

#include <stdio.h>

#include "base/buf.h"
#include "base/error.h"

enum vectors_format { VECTORS_JSONL, VECTORS_F32, VECTORS_NPY };
extern const char *const vectors_format_names[];

/* Appends [count, dim] rows as the format has them. */
void vector_encode(enum vectors_format format, const float *rows, size_t count, size_t dim,
                   struct buf *ret);

struct vector_sink;

bool vector_sink_open(FILE *out, enum vectors_format format, size_t dim, struct vector_sink **ret,
                      struct vz_error *err) VZ_MUST_CHECK;
bool vector_sink_add(struct vector_sink *s, struct str bytes, size_t rows,
                     struct vz_error *err) VZ_MUST_CHECK;
bool vector_sink_flush(struct vector_sink *s, struct vz_error *err) VZ_MUST_CHECK;

/* Completes the output for the rows that were added, and releases the sink. */
bool vector_sink_close(struct vector_sink *s, struct vz_error *err) VZ_MUST_CHECK;

#endif
