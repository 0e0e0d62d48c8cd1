/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows, tallies and failures: keys never mix, a pass is over when all rows are settled, and rows
 * that failed are known again. */
#include "tests/lib/test.h"

#include <pthread.h>
#include <stdio.h>

#include "base/clock.h"
#include "job/failures.h"
#include "job/tally.h"

static void a_row_keeps_key_text_and_vector_together(void **state)
{
    (void)state;
    char a[] = "eu", b[] = "7";
    const char *keys[] = { a, b };
    float vector[] = { 1, 2, 3 };
    struct job_row *row = row_new(keys, 2, STR_LIT("a text"), "h");
    size_t with_text = row->size;
    a[0] = b[0] = '?'; // the row has copies
    char text[64];
    assert_string_equal(row_key_text(row, text, sizeof text), "(eu, 7)");
    assert_true(str_is(row->text, "a text"));
    row_set_vector(row, vector, 3);
    vector[0] = 9;
    assert_true(row->vector[0] == 1 && row->vector[2] == 3);
    assert_int_equal(row->size, with_text - strlen("a text") - 1 + sizeof vector);
    char tiny[4];
    assert_string_equal(row_key_text(row, tiny, sizeof tiny), "(eu");
    row_free(row);
}

static void *settle_later(void *arg)
{
    clock_sleep_ms(10);
    tally_add(arg, TALLY_WRITTEN, 1);
    clock_sleep_ms(10);
    tally_add(arg, TALLY_CHANGED, 1);
    tally_add(arg, TALLY_FAILED, 1);
    return NULL;
}

static void a_pass_is_over_when_every_row_is_settled(void **state)
{
    (void)state;
    struct tally *t = tally_new();
    assert_true(tally_wait(t)); // nothing offered
    tally_add(t, TALLY_OFFERED, 3);
    pthread_t thread;
    pthread_create(&thread, NULL, settle_later, t);
    assert_true(tally_wait(t));
    pthread_join(thread, NULL);
    uint64_t n[TALLY_ITEMS];
    tally_read(t, n);
    assert_int_equal(n[TALLY_WRITTEN] + n[TALLY_CHANGED] + n[TALLY_FAILED], 3);
    tally_free(t);
}

static void a_stopped_tally_lets_go(void **state)
{
    (void)state;
    struct tally *t = tally_new();
    tally_add(t, TALLY_OFFERED, 1);
    tally_stop(t);
    assert_false(tally_wait(t));
    tally_free(t);
}

static bool add(struct failures *f, const char *a, const char *b, struct vz_error *err)
{
    struct vz_error why = { .kind = VZ_ENCODER_FAILED, .message = "cannot be read" };
    struct job_row *row = row_new((const char *[]){ a, b }, 2, STR_LIT(""), "");
    bool go_on = failures_add(f, row, &why, err);
    row_free(row);
    return go_on;
}

static void failed_keys_are_known_again_and_no_others(void **state)
{
    (void)state;
    struct vz_error err;
    struct failures *f = failures_new();
    failures_note_success(f);
    for (int i = 0; i < 2000; i++) {
        char key[16];
        snprintf(key, sizeof key, "%d", i);
        assert_ok(add(f, "x", key, &err), &err);
    }
    assert_true(failures_has(f, (const char *[]){ "x", "1999" }, 2));
    assert_true(failures_has(f, (const char *[]){ "x", "0" }, 2));
    assert_false(failures_has(f, (const char *[]){ "x", "2000" }, 2));
    assert_false(failures_has(f, (const char *[]){ "x1", "0" }, 2)); // parts have borders
    assert_int_equal(failures_count(f), 2000);
    size_t told = 0;
    const struct failure *list = failures_told(f, &told);
    assert_int_equal(told, FAILURES_TOLD);
    assert_string_equal(list[7].key, "(x, 7)");
    assert_string_equal(list[7].reason, "cannot be read");
    failures_free(f);
}

static void nothing_but_failures_ends_the_run(void **state)
{
    (void)state;
    struct vz_error err;
    struct failures *f = failures_new();
    int n = 1;
    while (add(f, "k", (char[]){ (char)('0' + n % 60), (char)('0' + n / 60), 0 }, &err))
        n++;
    assert_int_equal(n, FAILURES_FIRST);
    assert_int_equal(err.kind, VZ_ENCODER_FAILED);
    assert_string_equal(err.message, "the first 100 rows all failed: cannot be read");
    failures_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_keeps_key_text_and_vector_together),
        cmocka_unit_test(a_pass_is_over_when_every_row_is_settled),
        cmocka_unit_test(a_stopped_tally_lets_go),
        cmocka_unit_test(failed_keys_are_known_again_and_no_others),
        cmocka_unit_test(nothing_but_failures_ends_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
