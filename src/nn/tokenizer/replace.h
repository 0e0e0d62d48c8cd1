/* SPDX-License-Identifier: Apache-2.0
 *
 * What normalizer "Replace" keeps in the scratch. */
#ifndef NN_TOKENIZER_REPLACE_H
#define NN_TOKENIZER_REPLACE_H

struct tokenizer_scratch;

void replace_scratch_done(struct tokenizer_scratch *scratch);

#endif
