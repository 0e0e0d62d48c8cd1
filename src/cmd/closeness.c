/* SPDX-License-Identifier: Apache-2.0
 *
 * Cosines in double; the nearest by insertion into a short list. */
#include "cmd/closeness.h"

#include <math.h>

static double cosine(const float *a, const float *b, size_t n)
{
    double ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < n; i++) {
        double x = (double)a[i], y = (double)b[i];
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    return ab / sqrt(aa * bb);
}

void closeness_cosines(const float *a, const float *b, size_t count, size_t dim, double *ret_worst,
                       double *ret_mean)
{
    *ret_worst = 1;
    *ret_mean = 0;
    for (size_t i = 0; i < count; i++) {
        double c = cosine(a + i * dim, b + i * dim, dim);
        *ret_worst = c < *ret_worst ? c : *ret_worst;
        *ret_mean += c / (double)count;
    }
}

void closeness_nearest(const float *scores, size_t count, size_t self, size_t *ret)
{
    float best[CLOSENESS_NEAREST];
    size_t n = 0;
    for (size_t j = 0; j < count; j++) {
        if (j == self || (n == CLOSENESS_NEAREST && scores[j] <= best[n - 1]))
            continue;
        size_t at = n < CLOSENESS_NEAREST ? n++ : n - 1;
        for (; at > 0 && best[at - 1] < scores[j]; at--) {
            best[at] = best[at - 1];
            ret[at] = ret[at - 1];
        }
        best[at] = scores[j];
        ret[at] = j;
    }
}

size_t closeness_kept(const size_t *a, const size_t *b)
{
    size_t kept = 0;
    for (size_t i = 0; i < CLOSENESS_NEAREST * CLOSENESS_NEAREST; i++)
        kept += a[i / CLOSENESS_NEAREST] == b[i % CLOSENESS_NEAREST];
    return kept;
}
