/* SPDX-License-Identifier: Apache-2.0
 *
 * How near vectors of one precision stay to those of another: cosines, and which of each text's
 * nearest texts are still among its nearest. Scores of all pairs are the caller's to compute. */
#ifndef CMD_CLOSENESS_H
#define CMD_CLOSENESS_H

#include <stddef.h>

#define CLOSENESS_NEAREST ((size_t)10)

/* Cosines of the rows of a and b, both [count, dim]; the worst is 1 at most. */
void closeness_cosines(const float *a, const float *b, size_t count, size_t dim, double *ret_worst,
                       double *ret_mean);

/* ret[CLOSENESS_NEAREST] = the places of the largest of scores[count], that of `self` left out, the
 * largest first. There are more than CLOSENESS_NEAREST scores. */
void closeness_nearest(const float *scores, size_t count, size_t self, size_t *ret);

/* How many of a text's nearest a[CLOSENESS_NEAREST] are among b[CLOSENESS_NEAREST]. */
size_t closeness_kept(const size_t *a, const size_t *b);

#endif
