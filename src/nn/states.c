/* SPDX-License-Identifier: Apache-2.0
 *
 * The pool of scratch states: a list under a lock. */
#include "nn/states.h"

#include <pthread.h>

#include "base/arena.h"
#include "base/limits.h"

struct states {
    pthread_mutex_t lock;
    struct state *idle; /* the last one given is taken first: its memory is warm */
    size_t n_idle, keep;
    const struct bert *bert;
    const struct pool *pool;
    size_t budget;
};

struct states *states_new(const struct bert *bert, const struct pool *pool, size_t budget,
                          size_t keep)
{
    struct states *s = xcalloc(1, sizeof *s);
    *s = (struct states){ .bert = bert, .pool = pool, .budget = budget, .keep = keep ? keep : 1 };
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

static struct state *state_new(const struct states *from)
{
    struct state *s = xcalloc(1, sizeof *s);
    s->budget = from->budget;
    s->bert = bert_state_new(from->bert, from->budget);
    s->pool_scratch = aligned_new(pool_scratch(from->pool), sizeof(float));
    s->ids = xcalloc(from->budget, sizeof *s->ids);
    s->starts = xcalloc(from->budget + 1, sizeof *s->starts);
    s->only = xcalloc(from->budget, sizeof *s->only);
    s->text = buf_make(LIMIT_TEXT);
    return s;
}

static void state_free(struct state *s)
{
    bert_state_free(s->bert);
    xfree(s->pool_scratch);
    xfree(s->ids);
    xfree(s->starts);
    xfree(s->only);
    xfree(s->items);
    tokens_free(&s->tokens);
    buf_free(&s->text);
    xfree(s);
}

void states_free(struct states *s)
{
    if (!s)
        return;
    while (s->idle) {
        struct state *next = s->idle->next;
        state_free(s->idle);
        s->idle = next;
    }
    pthread_mutex_destroy(&s->lock);
    xfree(s);
}

struct state *states_take(struct states *s)
{
    pthread_mutex_lock(&s->lock);
    struct state *one = s->idle;
    if (one) {
        s->idle = one->next;
        s->n_idle--;
    }
    pthread_mutex_unlock(&s->lock);
    return one ? one : state_new(s);
}

void states_give(struct states *s, struct state *one)
{
    pthread_mutex_lock(&s->lock);
    bool keep = s->n_idle < s->keep;
    if (keep) {
        one->next = s->idle;
        s->idle = one;
        s->n_idle++;
    }
    pthread_mutex_unlock(&s->lock);
    if (!keep)
        state_free(one);
}

void state_reserve(struct state *s, size_t items)
{
    if (items <= s->room)
        return;
    s->room = items < 256 ? 256 : 2 * items;
    s->items = xrealloc(s->items, s->room, sizeof *s->items);
}
