/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenizer_config.json beside tokenizer.json: what it says about lower case, accents,
 * ideographs and the side to cut from. Python's loaders let it win over tokenizer.json, other
 * programs read tokenizer.json alone; where the two disagree nobody can know what the model was
 * trained with. */
#ifndef NN_TOKENIZER_CONFIG_H
#define NN_TOKENIZER_CONFIG_H

#include "nn/tokenizer/normalize.h"

/* VZ_FORMAT when they disagree. */
bool config_agrees(const json_t *config, const struct normalizer *n, bool cut_left,
                   struct vz_error *err) VZ_MUST_CHECK;

#endif
