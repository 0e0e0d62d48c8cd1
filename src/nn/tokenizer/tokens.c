/* SPDX-License-Identifier: Apache-2.0
 *
 * The array of ids that a caller reuses, and the scratch that lives in it. */
#include "base/limits.h"
#include "nn/tokenizer/replace.h"
#include "nn/tokenizer/scratch.h"

struct tokenizer_scratch *tokens_scratch(struct tokens *out)
{
    if (!out->scratch)
        out->scratch = xcalloc(1, sizeof *out->scratch);
    return out->scratch;
}

/* A text of hundreds of megabytes must not hold its memory for the rest of a run. */
#define KEPT_BYTES (8 * MIB)

static void drop_large(struct text *t)
{
    if (t->room <= KEPT_BYTES)
        return;
    xfree(t->p);
    *t = (struct text){ 0 };
}

static void shrink_scratch(struct tokenizer_scratch *s)
{
    drop_large(&s->text[0]);
    drop_large(&s->text[1]);
    if (s->codes_room > KEPT_BYTES / sizeof *s->codes) {
        xfree(s->codes);
        s->codes = NULL;
        s->codes_room = 0;
    }
    if (s->marks_room > KEPT_BYTES / sizeof *s->marks) {
        xfree(s->marks);
        xfree(s->sorted);
        s->marks = s->sorted = NULL;
        s->marks_room = 0;
    }
}

void tokens_clear(struct tokens *out)
{
    out->count = 0;
    out->dropped = 0;
    if (out->scratch)
        shrink_scratch(out->scratch);
    if (out->room > KEPT_BYTES / sizeof *out->ids) {
        xfree(out->ids);
        out->ids = NULL;
        out->room = 0;
    }
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
