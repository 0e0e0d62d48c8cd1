/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine: an ordinary sentence-transformers folder in, vectors out. No database, no network,
 * no modules; modules/transformer is its only user.
 *
 *     struct nn_model *m = NULL;
 *     struct nn_settings s = { .threads = 2 };
 *     if (!nn_model_open("models/all-MiniLM-L6-v2", &s, &m, err)) …
 *     if (!nn_model_encode(m, texts, n, VZ_DOCUMENT, rows, NULL, err)) …
 *     nn_model_close(m);
 *
 * Weights are mapped or packed once and shared read-only. Each call to encode takes a scratch
 * state from a pool (at most `threads` of them are kept), tokenises its texts, orders them by
 * length, cuts them into ragged batches by a token budget and writes each row to its text's
 * place: the caller's order is kept. A text gives the same bits in any batch, any order and from
 * any thread; CPUs with different instruction sets differ by about 2e-6 of a vector's length. A
 * call runs on the caller's thread alone; to use more cores, call from more threads. */
#ifndef NN_MODEL_H
#define NN_MODEL_H

#include <stdatomic.h>

#include <vectorize/encoder.h>

#include "base/error.h"
#include "nn/kernel/precision.h"

struct nn_model;

struct nn_settings {
    uint32_t threads;             /* callers at once */
    enum nn_precision precision;  /* of the transformer's linear layers */
    const char *prompt_name;      /* a named prompt for both roles; NULL: the role's own */
    bool (*cancelled)(void *arg); /* asked between batches; or NULL */
    void *cancelled_arg;
    const char *cache_folder; /* where the fingerprint is kept; NULL: nowhere. Borrowed */
};

/* VZ_FORMAT, VZ_IO or VZ_CONFIG; the message names the file and what is wrong in it. */
bool nn_model_open(const char *folder, const struct nn_settings *settings, struct nn_model **ret,
                   struct vz_error *err) VZ_MUST_CHECK;
void nn_model_close(struct nn_model *m);

void nn_model_info(const struct nn_model *m, struct vz_encoder_info *ret);

bool nn_model_encode(struct nn_model *m, const struct vz_text *texts, size_t count,
                     enum vz_role role, float *ret_rows, struct vz_text_info *ret_info,
                     struct vz_error *err) VZ_MUST_CHECK;

bool nn_model_tokenize(struct nn_model *m, const struct vz_text *text, enum vz_role role,
                       int32_t *ret_ids, size_t cap, size_t *ret_count,
                       struct vz_text_info *ret_info, struct vz_error *err) VZ_MUST_CHECK;

/* The fastest precision that this CPU multiplies in by itself and that gives fp32's vectors up to
 * a cosine of 0.9995: bf16 or fp32. */
enum nn_precision nn_model_auto_precision(void);

/* SHA-256 over every file that decides the vectors, and the precision if it is not fp32. Cached by
 * the files' identity (device, inode, size, times) in the settings' cache_folder, so that a search
 * does not read all weights. */
bool nn_model_fingerprint(struct nn_model *m, char ret[65], struct vz_error *err) VZ_MUST_CHECK;

double nn_model_flop(const struct nn_model *m, uint32_t tokens);
/* Best of a few shapes of this model's linear layers in its precision, `threads` at once, in
 * GFLOP/s. */
double nn_model_ceiling_gflops(struct nn_model *m, uint32_t threads);

/* True when the folder claims to be a Transformer, of whatever family. */
bool nn_model_is_ours(const char *folder);
/* What such a folder claims to be, from its small files alone; for lists. */
bool nn_model_peek(const char *folder, struct vz_encoder_info *ret,
                   struct vz_error *err) VZ_MUST_CHECK;

#endif
