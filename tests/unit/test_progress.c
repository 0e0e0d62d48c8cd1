/* SPDX-License-Identifier: Apache-2.0
 *
 * What the user is told while a run goes on: the arithmetic of pace, and bars of any width. */
#include "tests/lib/test.h"

#include "job/pace.h"
#include "job/progress.h"

static void nothing_is_claimed_before_anything_is_known(void **state)
{
    (void)state;
    struct pace p = pace_start(100);
    assert_true(pace_rate(&p) == 0);
    assert_true(pace_eta(&p, 1000) < 0);
    pace_sample(&p, 100, 0); // no time has passed: no division by zero
    assert_true(pace_rate(&p) == 0);
    pace_sample(&p, 105, 0);
    assert_true(pace_eta(&p, 1000) < 0);
}

static void the_rate_is_that_of_the_last_half_minute(void **state)
{
    (void)state;
    struct pace p = pace_start(0);
    uint64_t done = 0;
    for (int t = 1; t <= 100; t++)
        pace_sample(&p, t, done += 1000);
    assert_float_equal(pace_rate(&p), 1000, 1e-6);
    for (int t = 101; t <= 140; t++) // the server slows down
        pace_sample(&p, t, done += 10);
    assert_float_equal(pace_rate(&p), 10, 1e-6);
    assert_float_equal(pace_eta(&p, done + 500), 50, 1e-3);
    assert_float_equal(pace_eta(&p, done), 0, 0);
    assert_float_equal(pace_eta(&p, 1), 0, 0);
}

static void samples_of_one_second_are_one(void **state)
{
    (void)state;
    struct pace p = pace_start(0);
    for (int i = 1; i <= 100; i++)
        pace_sample(&p, i * 0.1, (uint64_t)i * 50);
    assert_int_equal(p.n, 11);
    assert_float_equal(pace_rate(&p), 500, 1e-3);
}

static void bars_fit_any_width(void **state)
{
    (void)state;
    char bar[512];
    for (size_t width = 0; width < 200; width++) {
        progress_render_bar("embedding", 123456, 9876543, 512, 19050, width, bar, sizeof bar);
        assert_in_range(strlen(bar), 0, width);
    }
    char small[20]; // never past the buffer either
    progress_render_bar("embedding", 1, 2, 3, 4, 200, small, sizeof small);
    assert_in_range(strlen(small), 0, sizeof small - 1);
}

static void a_bar_says_what_matters_most_first(void **state)
{
    (void)state;
    char bar[512];
    progress_render_bar("embedding", 50, 100, 12.4, 65, 6, bar, sizeof bar);
    assert_string_equal(bar, " 50 %");
    progress_render_bar("embedding", 50, 100, 12.4, 65, 100, bar, sizeof bar);
    assert_string_equal(bar, "embedding [####################....................]  50 %  50/100"
                             "  1:05 left  12 rows/s");
    progress_render_bar("embedding", 0, 0, 0, -1, 60, bar, sizeof bar);
    assert_non_null(strstr(bar, "100 %"));
    assert_non_null(strstr(bar, "-:-- left"));
}

static void hundred_percent_only_when_done(void **state)
{
    (void)state;
    char line[256];
    progress_render_line("embedding", 999999, 1000000, 512, 1, line, sizeof line);
    assert_string_equal(line, "embedding: 999,999 of 1,000,000 rows (99 %), 512 rows/s, 0:01 left");
    progress_render_line("embedding", 7, 7, 0.25, -1, line, sizeof line);
    assert_string_equal(line, "embedding: 7 of 7 rows (100 %), 0.2 rows/s, -:-- left");
}

static void numbers_for_people(void **state)
{
    (void)state;
    static const struct {
        uint64_t n;
        const char *text;
    } counts[] = { { 0, "0" },
                   { 999, "999" },
                   { 1000, "1,000" },
                   { 1234567, "1,234,567" },
                   { UINT64_MAX, "18,446,744,073,709,551,615" } };
    static const struct {
        double seconds;
        const char *text;
    } times[] = { { -5, "0:00" },       { 0, "0:00" },          { 59.6, "1:00" },
                  { 3599, "59:59" },    { 3600, "1:00:00" },    { 86399, "23:59:59" },
                  { 90000, "1 d 1 h" }, { 1e18, "34722 d 5 h" } };
    char text[64];
    for (size_t i = 0; i < ARRAY_LEN(counts); i++)
        assert_string_equal(progress_count(counts[i].n, text, sizeof text), counts[i].text);
    for (size_t i = 0; i < ARRAY_LEN(times); i++)
        assert_string_equal(progress_time(times[i].seconds, text, sizeof text), times[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_claimed_before_anything_is_known),
        cmocka_unit_test(the_rate_is_that_of_the_last_half_minute),
        cmocka_unit_test(samples_of_one_second_are_one),
        cmocka_unit_test(bars_fit_any_width),
        cmocka_unit_test(a_bar_says_what_matters_most_first),
        cmocka_unit_test(hundred_percent_only_when_done),
        cmocka_unit_test(numbers_for_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
