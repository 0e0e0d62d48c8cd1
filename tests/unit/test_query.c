/* SPDX-License-Identifier: Apache-2.0
 *
 * What a search takes from its user: the list of columns, and texts that are none. */
#include "tests/lib/test.h"

#include "base/limits.h"
#include "search/query.h"

static void names_are_parted_by_commas_outside_quotes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *names[4];
    } rows[] = {
        { "a", { "a" } },
        { " a , b,c ", { "a", "b", "c" } },
        { "\"a,b\", c", { "\"a,b\"", "c" } },
        { "\"say \"\"x,y\"\"\",\"\"\"\"", { "\"say \"\"x,y\"\"\"", "\"\"\"\"" } },
        { "Größe €", { "Größe €" } },
    };
    struct arena arena = arena_open(MIB);
    struct vz_error err;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *const *names = NULL;
        size_t n = 0;
        assert_ok(search_split_names(&arena, rows[i].text, &names, &n, &err), &err);
        for (size_t j = 0; j < n; j++)
            assert_string_equal(names[j], rows[i].names[j]);
        assert_true(n < 4 && !rows[i].names[n]);
    }
    arena_close(&arena);
}

static void empty_names_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = { "", " ", ",", "a,", ",a", "a,,b", "a, ,b" };
    struct arena arena = arena_open(MIB);
    struct vz_error err;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        const char *const *names = NULL;
        size_t n = 0;
        assert_fails(search_split_names(&arena, texts[i], &names, &n, &err), &err, VZ_USAGE,
                     "empty column name");
    }
    arena_close(&arena);
}

/* Before anything is opened: a blank text has no nearest row. */
static void texts_that_are_none_are_refused(void **state)
{
    (void)state;
    static const struct {
        struct str text;
        const char *message;
    } rows[] = {
        { { "", 0 }, "empty" },
        { { " \t\n", 3 }, "empty" },
        { { "\xe3\x80\x80", 3 }, "empty" },
        { { "a\xff", 2 }, "not valid UTF-8" },
    };
    struct arena arena = arena_open(MIB);
    struct vz_error err;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct search_result result;
        struct search_options options = { .table = "t", .text = rows[i].text, .limit = 1 };
        assert_fails(search_run(&options, &arena, &result, &err), &err, VZ_USAGE, rows[i].message);
    }
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_parted_by_commas_outside_quotes),
        cmocka_unit_test(empty_names_are_refused),
        cmocka_unit_test(texts_that_are_none_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
