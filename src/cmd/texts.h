/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts from a file or standard input, a batch at a time: one a line, or one JSON value a line.
 * Memory is bounded by the longest line and the batches that are alive.
 *
 *     struct texts *in = NULL;
 *     if (!texts_open(NULL, TEXTS_LINES, cancel, &in, err)) …
 *     struct texts_batch b = { 0 };
 *     while (texts_read(in, true, &b, err) && b.count) …
 *     texts_batch_free(&b);
 *     texts_close(in);
 *
 * Every line is a text, an empty one too, so that text n stands on line n. A line ends with LF
 * or CRLF; the last one may lack it. */
#ifndef CMD_TEXTS_H
#define CMD_TEXTS_H

#include <stdatomic.h>
#include <stdint.h>

#include <vectorize/encoder.h>

#include "base/buf.h"
#include "base/error.h"

#define TEXTS_MOST 32 /* texts of one batch */

enum texts_format { TEXTS_LINES, TEXTS_JSONL };
extern const char *const texts_format_names[]; /* for an option row's choices */

struct texts_batch {
    struct vz_text texts[TEXTS_MOST]; /* key: "line 12" */
    size_t count;                     /* 0 at the end, or when nothing is there yet */
    struct buf bytes;                 /* what the texts point into */
    char keys[TEXTS_MOST][28];
};

struct texts;

/* path NULL: standard input. `repeat`: starts again at the end of the file, for ever. */
bool texts_open(const char *path, enum texts_format format, const atomic_bool *cancel,
                struct texts **ret, struct vz_error *err) VZ_MUST_CHECK;
void texts_set_repeat(struct texts *t, bool repeat);
void texts_close(struct texts *t);

/* Fills the batch with what is there, a batch at most. With `wait`, waits for at least one text
 * or the end; without, gives none rather than wait. VZ_FORMAT names the line that is no text;
 * the texts before it have been given by then. VZ_CANCELLED once *cancel is set. */
bool texts_read(struct texts *t, bool wait, struct texts_batch *ret,
                struct vz_error *err) VZ_MUST_CHECK;

void texts_batch_free(struct texts_batch *b);

#endif
