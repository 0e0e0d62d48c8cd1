/* SPDX-License-Identifier: Apache-2.0
 *
 * The queue between stages: order, bounds, sharing out at the end, stopping. */
#include "tests/lib/test.h"

#include <pthread.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/limits.h"
#include "job/queue.h"

static struct job_row *row_of(int key, size_t text_len)
{
    char text[4096] = { 0 }, name[16];
    const char *keys[] = { name };
    memset(text, 'x', text_len);
    snprintf(name, sizeof name, "%d", key);
    return row_new(keys, 1, (struct str){ text, text_len }, "hash");
}

static size_t length(const struct job_row *list)
{
    size_t n = 0;
    for (; list; list = list->next)
        n++;
    return n;
}

static const struct queue_want ten = { .rows = 10, .bytes = MIB, .sharers = 1, .patience_ms = 20 };

static void rows_come_out_in_order_and_whole(void **state)
{
    (void)state;
    struct queue *q = queue_new(MIB, 100);
    for (int i = 0; i < 25; i++)
        assert_true(queue_put(q, row_of(i, 3)));
    queue_close(q);
    int next = 0;
    struct job_row *list;
    while ((list = queue_take(q, &ten))) {
        assert_in_range(length(list), 1, 10);
        for (struct job_row *row = list; row; row = row->next) {
            char expected[16];
            snprintf(expected, sizeof expected, "%d", next++);
            assert_string_equal(row->keys[0], expected);
            assert_int_equal(row->text.len, 3);
            assert_string_equal(row->hash, "hash");
        }
        row_free_list(list);
    }
    assert_int_equal(next, 25);
    queue_free(q);
}

/* The predecessor divided by the number of workers and got a step of zero with few rows. */
static void few_rows_reach_many_consumers(void **state)
{
    (void)state;
    for (size_t n = 0; n <= 5; n++) {
        for (size_t sharers = 1; sharers <= 16; sharers++) {
            struct queue *q = queue_new(MIB, 100);
            for (size_t i = 0; i < n; i++)
                assert_true(queue_put(q, row_of((int)i, 1)));
            queue_close(q);
            struct queue_want want = { .rows = 256, .bytes = MIB, .sharers = sharers };
            size_t got = 0;
            struct job_row *list;
            while ((list = queue_take(q, &want))) {
                got += length(list);
                row_free_list(list);
            }
            assert_int_equal(got, n);
            queue_free(q);
        }
    }
}

static void last_windows_shrink(void **state)
{
    (void)state;
    struct queue *q = queue_new(MIB, 1000);
    for (int i = 0; i < 400; i++)
        assert_true(queue_put(q, row_of(i, 1)));
    queue_hurry(q, true);
    struct queue_want want = { .rows = 256, .bytes = MIB, .sharers = 4, .least = 8 };
    size_t before = 1000, total = 0;
    while (total < 400) {
        struct job_row *list = queue_take(q, &want);
        size_t n = length(list);
        assert_in_range(n, 1, 100);
        assert_in_range(n, 1, before);
        before = n;
        total += n;
        row_free_list(list);
    }
    assert_in_range(before, 1, 8);
    queue_free(q);
}

static void a_window_is_cut_by_bytes_but_never_empty(void **state)
{
    (void)state;
    struct queue *q = queue_new(MIB, 1000);
    for (int i = 0; i < 4; i++)
        assert_true(queue_put(q, row_of(i, 4000)));
    queue_close(q);
    struct queue_want want = { .rows = 100, .bytes = 100, .sharers = 1 };
    for (int i = 0; i < 4; i++) {
        struct job_row *list = queue_take(q, &want);
        assert_int_equal(length(list), 1);
        row_free_list(list);
    }
    assert_null(queue_take(q, &want));
    queue_free(q);
}

static void a_row_larger_than_the_queue_goes_through(void **state)
{
    (void)state;
    struct queue *q = queue_new(100, 10);
    assert_true(queue_put(q, row_of(1, 4000)));
    struct job_row *list = queue_take(q, &ten);
    assert_int_equal(length(list), 1);
    row_free_list(list);
    queue_free(q);
}

static void patience_ends_with_what_there_is(void **state)
{
    (void)state;
    struct queue *q = queue_new(MIB, 100);
    assert_true(queue_put(q, row_of(1, 1)));
    double begin = clock_seconds();
    struct job_row *list = queue_take(q, &ten);
    assert_int_equal(length(list), 1);
    assert_true(clock_seconds() - begin >= 0.015);
    row_free_list(list);
    queue_free(q);
}

#define PUSHED 20000

static void *produce(void *arg)
{
    for (int i = 0; i < PUSHED; i++)
        if (!queue_put(arg, row_of(i, (size_t)i % 50)))
            break;
    return NULL;
}

static void *consume(void *arg)
{
    size_t n = 0;
    struct job_row *list;
    while ((list = queue_take(arg, &ten))) {
        n += length(list);
        row_free_list(list);
    }
    return (void *)n;
}

static void nothing_is_lost_between_many_threads(void **state)
{
    (void)state;
    struct queue *q = queue_new(4096, 64); // far smaller than what goes through
    pthread_t from[3], to[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&to[i], NULL, consume, q), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&from[i], NULL, produce, q), 0);
    for (int i = 0; i < 3; i++)
        pthread_join(from[i], NULL);
    queue_close(q);
    size_t total = 0;
    for (int i = 0; i < 4; i++) {
        void *n = NULL;
        pthread_join(to[i], &n);
        total += (size_t)n;
    }
    assert_int_equal(total, 3 * PUSHED);
    queue_free(q);
}

static void stopping_wakes_both_ends(void **state)
{
    (void)state;
    struct queue *full = queue_new(100, 1), *empty = queue_new(100, 1);
    pthread_t producer, consumer;
    pthread_create(&producer, NULL, produce, full);
    pthread_create(&consumer, NULL, consume, empty);
    clock_sleep_ms(10);
    queue_stop(full);
    queue_stop(empty);
    pthread_join(producer, NULL);
    pthread_join(consumer, NULL);
    assert_false(queue_put(full, row_of(1, 1)));
    assert_null(queue_take(full, &ten));
    queue_free(full);
    queue_free(empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_out_in_order_and_whole),
        cmocka_unit_test(few_rows_reach_many_consumers),
        cmocka_unit_test(last_windows_shrink),
        cmocka_unit_test(a_window_is_cut_by_bytes_but_never_empty),
        cmocka_unit_test(a_row_larger_than_the_queue_goes_through),
        cmocka_unit_test(patience_ends_with_what_there_is),
        cmocka_unit_test(nothing_is_lost_between_many_threads),
        cmocka_unit_test(stopping_wakes_both_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
