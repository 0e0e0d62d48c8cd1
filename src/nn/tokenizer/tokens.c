/* SPDX-License-Identifier: Apache-2.0
 *
 * The array of ids that a caller reuses, and the scratch that lives in it. */
#include "nn/tokenizer/replace.h"
#include "nn/tokenizer/scratch.h"

struct tokenizer_scratch *tokens_scratch(struct tokens *out)
{
    if (!out->scratch)
        out->scratch = xcalloc(1, sizeof *out->scratch);
    return out->scratch;
}

void tokens_clear(struct tokens *out)
{
    out->count = 0;
    out->dropped = 0;
}

static void free_scratch(struct tokenizer_scratch *s)
{
    xfree(s->text[0].p);
    xfree(s->text[1].p);
    xfree(s->marks);
    xfree(s->sorted);
    xfree(s->codes);
    replace_scratch_done(s);
    xfree(s);
}

void tokens_free(struct tokens *out)
{
    if (out->scratch)
        free_scratch(out->scratch);
    xfree(out->ids);
    *out = (struct tokens){ 0 };
}
