/* SPDX-License-Identifier: Apache-2.0
 *
 * What encoding writes to besides ids: one a thread, kept in the caller's struct tokens, so that
 * after the first texts nothing is allocated any more. */
#ifndef NN_TOKENIZER_SCRATCH_H
#define NN_TOKENIZER_SCRATCH_H

#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "nn/tokenizer/tokenizer.h"

struct text {
    char *p;
    size_t len, room;
};

/* A combining character that waits for its place in canonical order. */
struct mark {
    uint32_t code;
    uint8_t combining;
};

struct tokenizer_scratch {
    struct text text[2];         /* normalisers read one and write the other */
    struct mark *marks, *sorted; /* both of room */
    size_t marks_count, marks_room;
    uint32_t *codes; /* a text as code points, to compose it */
    size_t codes_room;
    void *match; /* of the regular expressions; made by replace.c */
};

/* Of `out`, made on first use. */
struct tokenizer_scratch *tokens_scratch(struct tokens *out);

static inline void text_reserve(struct text *t, size_t more)
{
    if (t->room - t->len >= more)
        return;
    t->room = (t->len + more) * 2;
    t->p = xrealloc(t->p, t->room, 1);
}

static inline void text_add(struct text *t, struct str s)
{
    text_reserve(t, s.len);
    if (s.len)
        memcpy(t->p + t->len, s.p, s.len);
    t->len += s.len;
}

static inline struct str text_str(const struct text *t)
{
    return (struct str){ t->p, t->len };
}

/* Where ids go: the first `limit` of them are kept, all are counted. Setting `count` back takes
 * the last ones away again. */
struct id_sink {
    struct tokens *out;
    size_t base;  /* of out->ids */
    size_t count; /* so far */
    size_t limit;
};

static inline void tokens_reserve(struct tokens *out, size_t room)
{
    if (room <= out->room)
        return;
    out->room = room * 2;
    out->ids = xrealloc(out->ids, out->room, sizeof *out->ids);
}

static inline void sink_put(struct id_sink *s, int32_t id)
{
    if (s->count < s->limit) {
        tokens_reserve(s->out, s->base + s->count + 1);
        s->out->ids[s->base + s->count] = id;
    }
    s->count++;
}

#endif
