/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of built-in encoders. */
#include "encoder/builtin.h"

#include <stddef.h>

#include "modules/transformer/transformer.h"

const struct vz_encoder *const builtin_encoders[] = {
    &transformer_encoder,
    NULL,
};
