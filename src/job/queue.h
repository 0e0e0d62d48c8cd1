/* SPDX-License-Identifier: Apache-2.0
 *
 * A queue of rows between two stages, bounded by bytes and by rows, for any number of threads at
 * both ends.
 *
 *     struct queue *q = queue_new(16 * MIB, 2048);
 *     producer:  while (…) if (!queue_put(q, row)) break;
 *                queue_close(q);
 *     consumer:  while ((list = queue_take(q, &want))) …
 *
 * A consumer takes many rows at once. While rows are coming it gets as many as it wants; once the
 * producer says that the rows in the queue are the last for now (queue_hurry, queue_close), each
 * of `sharers` consumers gets its share of what remains, so that the last windows shrink and no
 * consumer waits for another (guided self-scheduling). */
#ifndef JOB_QUEUE_H
#define JOB_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "job/row.h"

struct queue;

struct queue_want {
    size_t rows, bytes;  /* at most; one row always fits */
    size_t sharers;      /* consumers that divide the rest among them */
    size_t least;        /* rows that are worth a turn even when sharing */
    int64_t patience_ms; /* after this long, what there is has to do */
};

struct queue *queue_new(size_t max_bytes, size_t max_rows);
void queue_free(struct queue *q); /* with the rows that are still in it; NULL is allowed */

/* Takes the row over, waiting for room. False when the queue was stopped (the row is freed). */
bool queue_put(struct queue *q, struct job_row *row);

/* A list of rows in the order they were put, owned by the caller; NULL when the queue is stopped,
 * or closed and empty. */
struct job_row *queue_take(struct queue *q, const struct queue_want *want);

/* true: hand out what there is. Set at the end of a pass, taken back at the start of the next. */
void queue_hurry(struct queue *q, bool hurry);
/* No row will be put any more; what is in the queue is still handed out. */
void queue_close(struct queue *q);
/* Nothing goes in or out any more. */
void queue_stop(struct queue *q);

#endif
