/* SPDX-License-Identifier: Apache-2.0
 *
 * The host side of the module ABI: from a model reference to vectors. The only way to call a
 * module; locking, cancelling and checking of rows happen here, in one place.
 *
 *     struct encoder_settings s = { .threads = 2, .options = (const char *[]){ NULL } };
 *     struct encoder *e = NULL;
 *     if (!encoder_open("all-MiniLM-L6-v2", &s, &e, err)) …
 *     if (!encoder_encode(e, texts, n, VZ_DOCUMENT, rows, NULL, err)) …
 *     encoder_close(e);
 *
 * References: `NAME` (a folder in the model directories), `./path` or `/path` (a model folder),
 * `module:NAME` and `module:NAME:ARGUMENT` (a module by name, built in or loaded). */
#ifndef ENCODER_ENCODER_H
#define ENCODER_ENCODER_H

#include <stdatomic.h>

#include <vectorize/encoder.h>

#include "base/error.h"

struct encoder;

struct encoder_settings {
    uint32_t threads;           /* that will call encode at once; 0: one a core */
    const char *const *options; /* "name=value" for the module, NULL-terminated; or NULL */
    const char *precision;      /* goes in front of them as the option of that name; or NULL */
    const atomic_bool *cancel;  /* set by a signal; or NULL. Borrowed until close */
};

/* VZ_CONFIG with the nearest installed name when there is no such model. */
bool encoder_open(const char *reference, const struct encoder_settings *settings,
                  struct encoder **ret, struct vz_error *err) VZ_MUST_CHECK;
void encoder_close(struct encoder *e); /* NULL is allowed */

/* Valid until close. */
const struct vz_encoder_info *encoder_info(const struct encoder *e);
const struct vz_encoder *encoder_module(const struct encoder *e);
/* The reference as a stamp should hold it: a name stays a name, a path becomes absolute. */
const char *encoder_reference(const struct encoder *e);
uint32_t encoder_threads(const struct encoder *e);
const char *encoder_precision(struct encoder *e); /* "fp32"; "" when the module does not say */

/* From any thread. ret_rows: [count, dim], all of them checked finite and not zero. ret_info:
 * [count] or NULL. Texts must be valid UTF-8 (VZ_BUG otherwise); an empty text is legal here.
 * One failing text fails the call (VZ_ENCODER_FAILED): the caller bisects. */
bool encoder_encode(struct encoder *e, const struct vz_text *texts, size_t count, enum vz_role role,
                    float *ret_rows, struct vz_text_info *ret_info,
                    struct vz_error *err) VZ_MUST_CHECK;

/* VZ_USAGE when the encoder has no tokenizer. See encoder.h of the ABI for cap and ret_count. */
bool encoder_tokenize(struct encoder *e, const struct vz_text *text, enum vz_role role,
                      int32_t *ret_ids, size_t cap, size_t *ret_count,
                      struct vz_text_info *ret_info, struct vz_error *err) VZ_MUST_CHECK;

bool encoder_fingerprint(struct encoder *e, char ret[65], struct vz_error *err) VZ_MUST_CHECK;

/* 0 when the module does not know. */
double encoder_flop(struct encoder *e, uint32_t tokens);
double encoder_ceiling_gflops(struct encoder *e, uint32_t threads);

#endif
