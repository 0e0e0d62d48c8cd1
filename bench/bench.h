/* SPDX-License-Identifier: Apache-2.0
 *
 * What the programs here share: processor time, texts of a file, medians, names of precisions. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <vectorize/encoder.h>

#include "base/arena.h"
#include "base/str.h"
#include "nn/kernel/precision.h"

/* Of one thread (CLOCK_THREAD_CPUTIME_ID) or of the program (CLOCK_PROCESS_CPUTIME_ID): a busy
 * machine does not count. */
static inline double cpu_seconds(clockid_t of)
{
    struct timespec t;
    clock_gettime(of, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* For qsort, to find a median. */
static inline int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Ends the program when there is no precision of that name. */
static inline enum nn_precision precision_named(const char *name)
{
    for (int p = NN_FP32; p < NN_PRECISIONS; p++)
        if (strcmp(name, nn_precision_name((enum nn_precision)p)) == 0)
            return (enum nn_precision)p;
    fprintf(stderr, "there is no precision \"%s\"\n", name);
    exit(2);
}

/* Borrows the lines of `all`; xfree. */
static inline struct vz_text *split_lines(struct str all, size_t *ret_count)
{
    struct vz_text *texts = NULL;
    size_t n = 0;
    while (all.len) {
        struct str_cut cut = str_cut(all, '\n');
        if (n % 1024 == 0)
            texts = xrealloc(texts, n + 1024, sizeof *texts);
        texts[n++] = (struct vz_text){ .key = "", .text = cut.head.p, .len = cut.head.len };
        all = cut.tail;
    }
    *ret_count = n;
    return texts;
}

#endif
