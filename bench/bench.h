/* SPDX-License-Identifier: Apache-2.0
 *
 * What the programs here share: processor time, texts of a file, medians. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <time.h>

#include <vectorize/encoder.h>

#include "base/arena.h"
#include "base/str.h"

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
