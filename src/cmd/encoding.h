/* SPDX-License-Identifier: Apache-2.0
 *
 * What encode, tokenize and bench share beside the stream: the options that say what the input
 * is, and encoding a batch text by text when it fails as a whole. */
#ifndef CMD_ENCODING_H
#define CMD_ENCODING_H

#include "cli/command.h"
#include "cmd/texts.h"

#define MOST_THREADS 1024

struct encoder;

/* { "Encoding", input_rows, offsetof(struct x_options, input) } */
struct input_options {
    int format;              /* enum texts_format */
    int role;                /* enum vz_role */
    const char *prompt_name; /* or NULL */
    int64_t threads;         /* 0: one a core */
};
extern const struct vz_option input_rows[];

/* path NULL: standard input. */
bool open_input(const struct invocation *inv, const struct input_options *o, const char *path,
                struct texts **ret, struct vz_error *err) VZ_MUST_CHECK;

/* Encodes the batch: rows [count, dim], ret_info [count] or NULL. On failure *ret_done says how
 * many texts, from the first, have their rows, and the error names the line of the next. */
bool encode_batch(struct encoder *e, const struct texts_batch *in, enum vz_role role, float *rows,
                  struct vz_text_info *ret_info, size_t *ret_done,
                  struct vz_error *err) VZ_MUST_CHECK;

#endif
