/* SPDX-License-Identifier: Apache-2.0
 *
 * config.json of a BERT: its sizes and its activation. What this engine does not compute
 * (another model_type, relative positions, an unknown activation) is refused here, by name. */
#ifndef NN_CONFIG_H
#define NN_CONFIG_H

#include "base/error.h"
#include "base/json.h"
#include "nn/kernel/kernel.h"

struct nn_config {
    size_t vocab, hidden, layers, heads, intermediate, positions, types;
    float eps; /* of the layer norms */
    enum nn_act act;
};

/* Errors do not name the file. */
bool config_read(const json_t *root, struct nn_config *ret, struct vz_error *err) VZ_MUST_CHECK;
bool config_parse(struct str json, struct nn_config *ret, struct vz_error *err) VZ_MUST_CHECK;

/* The activation of that Hugging Face name; false when there is none. */
bool config_act(const char *name, enum nn_act *ret);

#endif
