/* SPDX-License-Identifier: Apache-2.0
 *
 * What bench measures, once for one encoder and once a precision for --compare. */
#ifndef CMD_BENCH_H
#define CMD_BENCH_H

#include "cli/command.h"
#include "cmd/texts.h"

struct encoder;

struct bench {
    struct encoder *encoder;
    enum vz_role role;
    size_t threads;
    float *rows;     /* [threads, TEXTS_MOST, dim] */
    double deadline; /* 0: none */

    size_t keep;        /* vectors to keep, of the first texts; 0: none */
    struct buf vectors; /* those */

    uint64_t texts, tokens, truncated;
    double flop;
    double load_seconds, seconds, ceiling_gflops;
};

/* Encodes the texts once, or again and again for some seconds; adds to what was measured before. */
bool bench_measure(struct bench *b, struct texts *in, double seconds,
                   struct vz_error *err) VZ_MUST_CHECK;
/* Forgets what was measured, but not the vectors. */
void bench_reset(struct bench *b);
/* The rate that the machine's matrix product reaches, where the encoder knows its own work. */
void bench_measure_ceiling(struct bench *b);
double bench_gflops(const struct bench *b);

/* Every precision on the same texts: rates, and how near to fp32 the vectors stay. `open` opens
 * the encoder in a precision, `texts` opens the input anew; both with `arg`. */
struct bench_compare {
    bool (*open)(void *arg, const char *precision, struct bench *ret, struct vz_error *err);
    bool (*texts)(void *arg, struct texts **ret, struct vz_error *err);
    void *arg;
    double seconds;
    FILE *out;
    bool json;
};
bool bench_compare_run(const struct bench_compare *c, struct vz_error *err) VZ_MUST_CHECK;

#endif
