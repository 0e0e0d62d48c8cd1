/* SPDX-License-Identifier: Apache-2.0
 *
 * What one call to encode needs beside the weights, and a pool of it: calls come from many
 * threads at once, each takes a state and gives it back. At most `keep` idle ones are kept. */
#ifndef NN_STATES_H
#define NN_STATES_H

#include "base/buf.h"
#include "nn/bert.h"
#include "nn/pool.h"
#include "nn/tokenizer/tokenizer.h"

/* One text of a window. */
struct item {
    size_t text, start, count; /* its ids in `tokens` */
    const int32_t *ids;        /* those, once no more are added */
    size_t same_as;            /* a text of the same ids: itself, or the one that is encoded */
};

struct state {
    struct state *next; /* in the pool */
    size_t budget;      /* tokens of a batch */
    struct bert_state *bert;
    float *pool_scratch;
    int32_t *ids;         /* [budget], of one batch */
    uint32_t *starts;     /* [budget + 1] */
    uint32_t *only;       /* [budget]; rows that are pooled, where it is one a text */
    struct tokens tokens; /* of one window */
    struct item *items;   /* [room] */
    size_t room;
    struct buf text; /* prompt and text together */
};

struct states;

struct states *states_new(const struct bert *bert, const struct pool *pool, size_t budget,
                          size_t keep);
void states_free(struct states *s); /* NULL is allowed; all states have been given back */

struct state *states_take(struct states *s);
void states_give(struct states *s, struct state *one);

/* Room for that many items. */
void state_reserve(struct state *s, size_t items);

#endif
