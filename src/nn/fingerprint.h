/* SPDX-License-Identifier: Apache-2.0
 *
 * Which model this is: SHA-256 over every file that decides its vectors. It is stored with a
 * column, so that vectors of two models never mix. */
#ifndef NN_FINGERPRINT_H
#define NN_FINGERPRINT_H

#include "base/error.h"
#include "base/hash.h"
#include "nn/folder.h"
#include "nn/kernel/precision.h"
#include "nn/weights.h"

/* In fp32 it is over the files alone; another precision goes in beside them.
 * `cache` is a folder in which the result is kept under the identity of the files (device,
 * inode, size, times), so that the weights are read once; NULL: not kept. */
bool fingerprint_make(const char *path, const struct nn_folder *folder,
                      const struct weights *weights, enum nn_precision precision, const char *cache,
                      char ret[HASH_HEX_SIZE], struct vz_error *err) VZ_MUST_CHECK;

#endif
