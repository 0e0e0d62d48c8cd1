/* SPDX-License-Identifier: Apache-2.0
 *
 * Whoever is free takes the next turn. */
#include "base/parallel.h"

#include <pthread.h>
#include <stdatomic.h>

#define THREADS_MOST 32

struct loop {
    void (*turn)(void *arg, size_t i);
    void *arg;
    size_t n;
    atomic_size_t next;
};

static void *take_turns(void *arg)
{
    struct loop *l = arg;
    for (;;) {
        size_t i = atomic_fetch_add_explicit(&l->next, 1, memory_order_relaxed);
        if (i >= l->n)
            return NULL;
        l->turn(l->arg, i);
    }
}

void parallel_for(size_t n, size_t threads, void (*turn)(void *arg, size_t i), void *arg)
{
    struct loop l = { .turn = turn, .arg = arg, .n = n };
    pthread_t helpers[THREADS_MOST];
    size_t started = 0;
    threads = threads < n ? threads : n;
    while (started + 1 < threads && started < THREADS_MOST &&
           pthread_create(&helpers[started], NULL, take_turns, &l) == 0)
        started++;
    take_turns(&l);
    for (size_t i = 0; i < started; i++)
        pthread_join(helpers[i], NULL);
}
