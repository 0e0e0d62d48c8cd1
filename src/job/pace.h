/* SPDX-License-Identifier: Apache-2.0
 *
 * How fast a run goes and when it will be done, from samples (seconds, rows done). The rate is
 * that of the last half minute, so that the estimate follows a server that slows down; it falls
 * back to the whole run while that is shorter. No clock in here: the caller passes the time.
 *
 *     struct pace p = pace_start(now);
 *     pace_sample(&p, now, done);
 *     double eta = pace_eta(&p, total); */
#ifndef JOB_PACE_H
#define JOB_PACE_H

#include <stddef.h>
#include <stdint.h>

#define PACE_SAMPLES 30

struct pace {
    double start, at[PACE_SAMPLES]; /* seconds; a ring of one sample a second */
    uint64_t done[PACE_SAMPLES];
    size_t n, last; /* samples ever taken; the newest */
    double now;
    uint64_t now_done;
};

struct pace pace_start(double now);
void pace_sample(struct pace *p, double now, uint64_t done);

/* Rows a second; 0 while nothing is known. */
double pace_rate(const struct pace *p);
/* Seconds until `total` rows are done; negative while nothing is known. */
double pace_eta(const struct pace *p, uint64_t total);

#endif
