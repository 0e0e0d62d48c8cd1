/* SPDX-License-Identifier: Apache-2.0
 *
 * What encoders there are: built-in modules, shared objects in the module folders, and model
 * folders in the model directories. Listing loads no model and runs no module's code but its
 * constant table.
 *
 * Model directories, in order: $VECTORIZE_MODELS (colon-separated), else
 * $XDG_DATA_HOME/vectorize/models (~/.local/share/…); then <prefix>/share/vectorize/models.
 * Module folders, in order: $VECTORIZE_MODULE_PATH, $XDG_DATA_HOME/vectorize/modules,
 * <prefix>/lib/vectorize/modules. */
#ifndef ENCODER_REGISTRY_H
#define ENCODER_REGISTRY_H

#include "base/arena.h"
#include "base/error.h"

#include <vectorize/encoder.h>

struct model_entry {
    const char *reference; /* what -m takes */
    const char *module;    /* the module that would encode */
    const char *kind;      /* "bert, 6 layers", or the module's summary */
    const char *path;      /* folder, or "" */
    int64_t dim;           /* 0: not known without opening */
    int64_t max_tokens;    /* 0: no limit or not known */
    const char *problem;   /* why it cannot be used, or NULL */
};

/* All that can be named, sorted by reference; strings in arena. A broken model is listed with
 * its problem; it never breaks the list. */
bool registry_list(struct arena *arena, struct model_entry **ret, size_t *ret_count,
                   struct vz_error *err) VZ_MUST_CHECK;

/* The module of that name, built in or found in a module folder (then loaded and checked). */
bool registry_module(const char *name, const struct vz_encoder **ret,
                     struct vz_error *err) VZ_MUST_CHECK;

/* The module that reads this model folder, and what the folder claims to be. VZ_FORMAT when no
 * module does, or with the reason why the folder is unusable. */
bool registry_folder_module(const char *folder, const struct vz_encoder **ret,
                            struct vz_encoder_info *ret_info, struct vz_error *err) VZ_MUST_CHECK;

/* The folder of the model called `name`, in arena; VZ_CONFIG with the nearest name otherwise. */
bool registry_model_folder(struct arena *arena, const char *name, const char **ret,
                           struct vz_error *err) VZ_MUST_CHECK;

#endif
