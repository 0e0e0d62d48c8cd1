/* SPDX-License-Identifier: Apache-2.0
 *
 * What the small files of a sentence-transformers folder say: which modules a text runs through
 * (modules.json), how tokens are pooled, how many there may be, which prompts stand in front.
 * A folder without modules.json is a bare Transformer with mean pooling, as that library has it.
 *
 *     struct nn_folder f = { 0 };
 *     if (!folder_read("models/all-MiniLM-L6-v2", &f, err)) …
 *     folder_free(&f);
 */
#ifndef NN_FOLDER_H
#define NN_FOLDER_H

#include <vectorize/encoder.h>

#include "base/error.h"
#include "base/json.h"
#include "nn/kernel/kernel.h"

/* In the order in which several of them are put side by side. */
enum nn_pooling {
    NN_POOL_CLS,
    NN_POOL_MAX,
    NN_POOL_MEAN,
    NN_POOL_MEAN_SQRT_LEN,
    NN_POOL_WEIGHTED_MEAN,
    NN_POOL_LAST,
    NN_POOLINGS,
};

/* One module after the pooling. */
struct nn_stage {
    enum { NN_STAGE_DENSE, NN_STAGE_NORMALISE } type;
    char *folder; /* of a dense one; owned */
    size_t in, out;
    bool has_bias;
    enum nn_act act;
};

#define FOLDER_MAX_STAGES 16

struct nn_folder {
    char *transformer; /* the folder of config.json, weights and tokenizer.json; owned */
    char *pooling;     /* the folder of the Pooling's config.json, or NULL; owned */
    enum nn_pooling poolings[NN_POOLINGS];
    size_t n_poolings;
    size_t pooled_width; /* of one token, as the pooling's config says; 0: it does not */
    bool include_prompt; /* pool over the prompt's tokens as well */
    struct nn_stage stages[FOLDER_MAX_STAGES];
    size_t n_stages;
    size_t max_tokens; /* special tokens included; 0: no file says */
    enum vz_metric metric;
    json_t *prompts;            /* name → text, or NULL; owned */
    const char *default_prompt; /* a name in prompts, or NULL */
};

/* VZ_FORMAT or VZ_IO; the message names the file and what is wrong in it. */
bool folder_read(const char *folder, struct nn_folder *ret, struct vz_error *err) VZ_MUST_CHECK;
void folder_free(struct nn_folder *f);

/* The prompt of a role ("" for none), or of that name for both. VZ_CONFIG when there is none of
 * that name. */
bool folder_prompt(const struct nn_folder *f, enum vz_role role, const char *name, const char **ret,
                   struct vz_error *err) VZ_MUST_CHECK;

const char *folder_pooling_name(enum nn_pooling p); /* "mean" */

/* True when the folder claims to hold a transformer: its first module, or a bare config.json. */
bool folder_is_transformer(const char *folder);

/* Components of a vector, given the transformer's width. */
size_t folder_dim(const struct nn_folder *f, size_t hidden);
/* Tokens of a text, given how many positions the transformer has. */
size_t folder_max_tokens(const struct nn_folder *f, size_t positions);
bool folder_is_unit(const struct nn_folder *f); /* vectors have length 1 */

#endif
