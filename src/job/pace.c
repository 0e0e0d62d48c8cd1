/* SPDX-License-Identifier: Apache-2.0
 *
 * Rate over a ring of samples. */
#include "job/pace.h"

struct pace pace_start(double now)
{
    return (struct pace){ .start = now, .at = { now }, .n = 1, .now = now };
}

void pace_sample(struct pace *p, double now, uint64_t done)
{
    p->now = now;
    p->now_done = done;
    if (now - p->at[p->last] < 1)
        return;
    p->last = (p->last + 1) % PACE_SAMPLES;
    p->at[p->last] = now;
    p->done[p->last] = done;
    p->n++;
}

static size_t oldest(const struct pace *p)
{
    return p->n <= PACE_SAMPLES ? 0 : (p->last + 1) % PACE_SAMPLES;
}

double pace_rate(const struct pace *p)
{
    size_t from = oldest(p);
    double seconds = p->now - p->at[from];
    if (seconds <= 0 || p->now_done <= p->done[from])
        return 0;
    return (double)(p->now_done - p->done[from]) / seconds;
}

double pace_eta(const struct pace *p, uint64_t total)
{
    double rate = pace_rate(p);
    if (rate <= 0)
        return -1;
    return p->now_done >= total ? 0 : (double)(total - p->now_done) / rate;
}
