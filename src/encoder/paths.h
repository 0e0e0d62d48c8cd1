/* SPDX-License-Identifier: Apache-2.0
 *
 * Where models and modules are looked for; the only place of the encoder layer that reads the
 * environment. See registry.h for the order. */
#ifndef ENCODER_PATHS_H
#define ENCODER_PATHS_H

#include "base/arena.h"

/* NULL-terminated lists, in arena, in the order of search; the folders need not exist. */
const char *const *paths_models(struct arena *arena);
const char *const *paths_modules(struct arena *arena);

/* $XDG_CACHE_HOME/vectorize (~/.cache/vectorize), in arena; NULL without a home. */
const char *paths_cache(struct arena *arena);

/* The folder of `owner/name` (and a branch, tag or commit) in the Hugging Face cache that other
 * tools filled, in arena; NULL when it is not there. $HF_HUB_CACHE, else $HF_HOME/hub, else
 * ~/.cache/huggingface/hub. */
const char *paths_hugging_face(struct arena *arena, struct str repository, struct str revision);

#endif
