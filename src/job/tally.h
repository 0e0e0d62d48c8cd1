/* SPDX-License-Identifier: Apache-2.0
 *
 * What became of the rows, counted by all stages, and the point where a pass is over: every row
 * that was offered has been settled (written, refused by its guard, or failed).
 *
 *     tally_add(t, TALLY_OFFERED, 1);      reader, before the row goes into the queue
 *     tally_add(t, TALLY_WRITTEN, n);      writer
 *     tally_wait(t);                       reader, at the end of a pass */
#ifndef JOB_TALLY_H
#define JOB_TALLY_H

#include <stdbool.h>
#include <stdint.h>

enum tally_item {
    TALLY_OFFERED,   /* handed to the encoders; a row may be offered again in a later pass */
    TALLY_WRITTEN,   /* settled: its vector is in the table */
    TALLY_CHANGED,   /* settled: changed or gone since it was read; comes up again if it is there */
    TALLY_FAILED,    /* settled: cannot be encoded */
    TALLY_TRUNCATED, /* texts that were longer than the model's limit */
    TALLY_DROPPED,   /* their tokens past the limit */
    TALLY_BLANK,     /* of the last pass: nothing but white space */
    TALLY_INVALID,   /* of the last pass: not UTF-8 */
    TALLY_ITEMS
};

struct tally;

struct tally *tally_new(void);
void tally_free(struct tally *t); /* NULL is allowed */

void tally_add(struct tally *t, enum tally_item item, uint64_t n);
void tally_zero(struct tally *t, enum tally_item item);
void tally_read(struct tally *t, uint64_t ret[TALLY_ITEMS]);

/* Waits until no row is under way; false when the tally was stopped before. */
bool tally_wait(struct tally *t);
/* Nobody settles rows any more: wakes who waits. */
void tally_stop(struct tally *t);

#endif
