/* SPDX-License-Identifier: Apache-2.0
 *
 * Counters under one lock. */
#include "job/tally.h"

#include <pthread.h>
#include <string.h>

#include "base/arena.h"

struct tally {
    pthread_mutex_t lock;
    pthread_cond_t settled;
    uint64_t n[TALLY_ITEMS];
    bool stopped;
};

struct tally *tally_new(void)
{
    struct tally *t = xcalloc(1, sizeof *t);
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->settled, NULL);
    return t;
}

void tally_free(struct tally *t)
{
    if (!t)
        return;
    pthread_cond_destroy(&t->settled);
    pthread_mutex_destroy(&t->lock);
    xfree(t);
}

static bool is_settled(const struct tally *t)
{
    return t->n[TALLY_OFFERED] == t->n[TALLY_WRITTEN] + t->n[TALLY_CHANGED] + t->n[TALLY_FAILED];
}

void tally_add(struct tally *t, enum tally_item item, uint64_t n)
{
    pthread_mutex_lock(&t->lock);
    t->n[item] += n;
    if (is_settled(t))
        pthread_cond_broadcast(&t->settled);
    pthread_mutex_unlock(&t->lock);
}

void tally_zero(struct tally *t, enum tally_item item)
{
    pthread_mutex_lock(&t->lock);
    t->n[item] = 0;
    pthread_mutex_unlock(&t->lock);
}

void tally_read(struct tally *t, uint64_t ret[TALLY_ITEMS])
{
    pthread_mutex_lock(&t->lock);
    memcpy(ret, t->n, sizeof t->n);
    pthread_mutex_unlock(&t->lock);
}

bool tally_wait(struct tally *t)
{
    pthread_mutex_lock(&t->lock);
    while (!t->stopped && !is_settled(t))
        pthread_cond_wait(&t->settled, &t->lock);
    bool settled = is_settled(t);
    pthread_mutex_unlock(&t->lock);
    return settled;
}

void tally_stop(struct tally *t)
{
    pthread_mutex_lock(&t->lock);
    t->stopped = true;
    pthread_cond_broadcast(&t->settled);
    pthread_mutex_unlock(&t->lock);
}
