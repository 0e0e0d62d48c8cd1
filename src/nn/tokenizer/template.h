/* SPDX-License-Identifier: Apache-2.0
 *
 * Post-processors: the special tokens before and after a text. A new type is one row in
 * template.c's table. */
#ifndef NN_TOKENIZER_TEMPLATE_H
#define NN_TOKENIZER_TEMPLATE_H

#include "base/json.h"

#define TEMPLATE_IDS 64

struct template
{
    int32_t before[TEMPLATE_IDS], after[TEMPLATE_IDS];
    size_t before_count, after_count;
};

/* `j` is the file's "post_processor": an object or null. */
bool template_parse(struct template *ret, const json_t *j, struct vz_error *err) VZ_MUST_CHECK;

#endif
