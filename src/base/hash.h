/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA-256 (OpenSSL's), as lower-case hexadecimal: fingerprints of models and of row texts. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>

#include "base/str.h"

#define HASH_HEX_SIZE 65 /* 64 digits and the NUL */

/* Over any number of pieces, in order. */
struct hash;
struct hash *hash_new(void);
void hash_add(struct hash *h, const void *p, size_t len);
void hash_finish(struct hash *h, char ret[HASH_HEX_SIZE]); /* frees h */

void hash_str(struct str s, char ret[HASH_HEX_SIZE]);

#endif
