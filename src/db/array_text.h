/* SPDX-License-Identifier: Apache-2.0
 *
 * Array constants: {"a","b \"c\"",NULL}. The one function that escapes an element; elements
 * are added one by one to a buffer. */
#ifndef DB_ARRAY_TEXT_H
#define DB_ARRAY_TEXT_H

#include "base/buf.h"

/* All false when the buffer's cap is reached, and then nothing of the element was added. */
bool array_begin(struct buf *b) VZ_MUST_CHECK;
bool array_add(struct buf *b, const char *element) VZ_MUST_CHECK; /* NULL: the word NULL */
bool array_end(struct buf *b) VZ_MUST_CHECK;

#endif
