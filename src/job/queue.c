/* SPDX-License-Identifier: Apache-2.0
 *
 * One lock, one list, two conditions. */
#include "job/queue.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "base/arena.h"

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t rows_came, room_came;
    struct job_row *head, **tail;
    size_t rows, bytes;
    size_t max_rows, max_bytes;
    bool hurry, closed, stopped;
};

struct queue *queue_new(size_t max_bytes, size_t max_rows)
{
    struct queue *q = xcalloc(1, sizeof *q);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->rows_came, &attr);
    pthread_cond_init(&q->room_came, &attr);
    pthread_condattr_destroy(&attr);
    q->tail = &q->head;
    q->max_bytes = max_bytes;
    q->max_rows = max_rows;
    return q;
}

void queue_free(struct queue *q)
{
    if (!q)
        return;
    row_free_list(q->head);
    pthread_cond_destroy(&q->rows_came);
    pthread_cond_destroy(&q->room_came);
    pthread_mutex_destroy(&q->lock);
    xfree(q);
}

/* A row that is larger than the whole queue goes in when the queue is empty. */
static bool has_room(const struct queue *q, size_t size)
{
    return q->rows == 0 || (q->rows < q->max_rows && q->bytes + size <= q->max_bytes);
}

bool queue_put(struct queue *q, struct job_row *row)
{
    pthread_mutex_lock(&q->lock);
    while (!q->stopped && !has_room(q, row->size)) {
        pthread_cond_broadcast(&q->rows_came); // full is as good as enough
        pthread_cond_wait(&q->room_came, &q->lock);
    }
    bool taken = !q->stopped;
    if (taken) {
        row->next = NULL;
        *q->tail = row;
        q->tail = &row->next;
        q->rows++;
        q->bytes += row->size;
        pthread_cond_signal(&q->rows_came);
    }
    pthread_mutex_unlock(&q->lock);
    if (!taken)
        row_free(row);
    return taken;
}

/* A consumer that wants more than there is waits for it only while more may come. */
static bool is_enough(const struct queue *q, const struct queue_want *want)
{
    if (q->stopped || q->closed)
        return true;
    if (q->rows == 0)
        return false;
    return q->hurry || q->rows >= want->rows || q->bytes >= want->bytes || q->rows >= q->max_rows ||
           q->bytes >= q->max_bytes / 2;
}

static struct timespec after_ms(int64_t ms)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += (time_t)(ms / 1000);
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

static void wait_for_rows(struct queue *q, const struct queue_want *want)
{
    struct timespec deadline = after_ms(want->patience_ms);
    while (!is_enough(q, want)) {
        int rc = pthread_cond_timedwait(&q->rows_came, &q->lock, &deadline);
        if (rc == ETIMEDOUT && q->rows > 0)
            return;
        if (rc == ETIMEDOUT)
            deadline = after_ms(want->patience_ms);
    }
}

static size_t share_of(const struct queue *q, const struct queue_want *want)
{
    size_t n = want->rows;
    if (q->hurry || q->closed) {
        size_t sharers = want->sharers ? want->sharers : 1;
        size_t share = (q->rows + sharers - 1) / sharers;
        if (share < want->least)
            share = want->least;
        n = share < n ? share : n;
    }
    return n ? n : 1;
}

static struct job_row *cut(struct queue *q, size_t max_rows, size_t max_bytes)
{
    struct job_row *first = q->head;
    struct job_row **end = &q->head;
    size_t rows = 0, bytes = 0;
    while (*end && rows < max_rows && (rows == 0 || bytes + (*end)->size <= max_bytes)) {
        rows++;
        bytes += (*end)->size;
        end = &(*end)->next;
    }
    struct job_row *rest = *end;
    *end = NULL;
    q->head = rest;
    if (!rest)
        q->tail = &q->head;
    q->rows -= rows;
    q->bytes -= bytes;
    return first;
}

struct job_row *queue_take(struct queue *q, const struct queue_want *want)
{
    struct job_row *list = NULL;
    pthread_mutex_lock(&q->lock);
    do { // another consumer may have been faster
        wait_for_rows(q, want);
    } while (q->rows == 0 && !q->closed && !q->stopped);
    if (!q->stopped && q->rows > 0) {
        list = cut(q, share_of(q, want), want->bytes);
        pthread_cond_broadcast(&q->room_came);
        if (q->rows > 0)
            pthread_cond_signal(&q->rows_came);
    }
    pthread_mutex_unlock(&q->lock);
    return list;
}

static void set(struct queue *q, bool *flag, bool value)
{
    pthread_mutex_lock(&q->lock);
    *flag = value;
    pthread_cond_broadcast(&q->rows_came);
    pthread_cond_broadcast(&q->room_came);
    pthread_mutex_unlock(&q->lock);
}

void queue_hurry(struct queue *q, bool hurry)
{
    set(q, &q->hurry, hurry);
}

void queue_close(struct queue *q)
{
    set(q, &q->closed, true);
}

void queue_stop(struct queue *q)
{
    set(q, &q->stopped, true);
}
