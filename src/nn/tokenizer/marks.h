/* SPDX-License-Identifier: Apache-2.0
 *
 * Canonical order of combining characters (Unicode Standard, 3.11): they wait here until the next
 * starter and leave sorted by class, those of one class in the order they came in. */
#ifndef NN_TOKENIZER_MARKS_H
#define NN_TOKENIZER_MARKS_H

#include "nn/tokenizer/scratch.h"

void marks_add(struct tokenizer_scratch *s, uint32_t code, uint8_t combining);
/* Puts s->marks[0, marks_count) in order; the caller takes them and sets marks_count to 0. */
void marks_sort(struct tokenizer_scratch *s);

#endif
