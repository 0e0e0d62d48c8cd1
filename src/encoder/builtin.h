/* SPDX-License-Identifier: Apache-2.0
 *
 * The encoders that are part of the program. They are ordinary `struct vz_encoder`s: nothing but
 * this table knows that they were not loaded. */
#ifndef ENCODER_BUILTIN_H
#define ENCODER_BUILTIN_H

#include <vectorize/encoder.h>

/* Asked in this order whose a model folder is. Ends with NULL. */
extern const struct vz_encoder *const builtin_encoders[];

#endif
