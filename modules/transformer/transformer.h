/* SPDX-License-Identifier: Apache-2.0
 *
 * The native encoder for model folders, as a built-in module. */
#ifndef MODULES_TRANSFORMER_H
#define MODULES_TRANSFORMER_H

#include <vectorize/encoder.h>

extern const struct vz_encoder transformer_encoder;

#endif
