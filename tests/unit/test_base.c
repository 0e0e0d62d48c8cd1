/* SPDX-License-Identifier: Apache-2.0
 *
 * base/: errors, options, UTF-8, buffers, arenas, hashing, JSON look-ups. */
#include "tests/lib/test.h"

#include <errno.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/option.h"
#include "base/parallel.h"
#include "base/utf8.h"

static void error_keeps_errno_and_context(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    errno = ENOENT;
    assert_false(vz_fail(&err, VZ_IO, "could not open \"%s\": %m", "x"));
    assert_int_equal(err.sys, ENOENT);
    vz_context(&err, "model \"%s\"", "m");
    assert_string_equal(err.message,
                        "model \"m\": could not open \"x\": No such file or directory");
    assert_int_equal(vz_exit_code(&err), VZ_EXIT_FAILED);
}

struct fields {
    bool flag;
    int64_t count;
    double ratio;
    const char *name;
    int shape;
};

static const char *const shapes[] = { "round", "square", NULL };

static const struct vz_option rows[] = {
    { .name = "flag", .type = VZ_OPTION_FLAG, .offset = VZ_OFFSET(struct fields, flag, bool) },
    { .name = "count",
      .type = VZ_OPTION_INT,
      .min = 1,
      .max = 10,
      .initial = "3",
      .offset = VZ_OFFSET(struct fields, count, int64_t) },
    { .name = "ratio",
      .type = VZ_OPTION_NUMBER,
      .offset = VZ_OFFSET(struct fields, ratio, double) },
    { .name = "name",
      .type = VZ_OPTION_STRING,
      .offset = VZ_OFFSET(struct fields, name, const char *) },
    { .name = "shape",
      .type = VZ_OPTION_CHOICE,
      .choices = shapes,
      .initial = "square",
      .offset = VZ_OFFSET(struct fields, shape, int) },
    { 0 },
};

static void options_parse_and_refuse(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct fields f;
    assert_ok(option_defaults(rows, &f, &err), &err);
    assert_int_equal(f.count, 3);
    assert_int_equal(f.shape, 1);

    static const struct {
        const char *name, *text;
        bool expect_fail;
    } cases[] = {
        { "flag", NULL, false },
        { "flag", "maybe", true },
        { "count", "10", false },
        { "count", "11", true },
        { "count", "0", true },
        { "count", "1x", true },
        { "count", "", true },
        { "count", NULL, true },
        { "ratio", "0.5", false },
        { "ratio", "nan", true },
        { "ratio", "", true },
        { "shape", "round", false },
        { "shape", "Round", true },
        { "name", "", false },
        { "count", "99999999999999999999", true },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct vz_option *row = option_find(rows, str_of(cases[i].name));
        assert_non_null(row);
        assert_int_equal(option_set(row, &f, cases[i].text, &err), !cases[i].expect_fail);
        if (cases[i].expect_fail)
            assert_int_equal(err.kind, VZ_USAGE);
    }
    assert_null(option_find(rows, STR_LIT("coun")));
    const char *names[] = { "flag", "count" };
    assert_string_equal(option_nearest(names, 2, "cuont"), "count");
    assert_null(option_nearest(names, 2, "elephant"));
}

static void utf8_accepts_and_refuses(void **state)
{
    (void)state;
    static const struct {
        struct str text;
        size_t valid;
    } cases[] = {
        { { "plain ascii, long enough", 24 }, 24 },
        { { "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9 }, 9 },
        { { "\xc0\x80", 2 }, 0 },
        { { "a\xed\xa0\x80", 4 }, 1 },
        { { "\xf4\x90\x80\x80", 4 }, 0 },
        { { "ab\xe2\x82", 4 }, 2 },
        { { "\x80", 1 }, 0 },
        { { "12345678\xff", 9 }, 8 },
        { { "", 0 }, 0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(utf8_valid_prefix(cases[i].text), cases[i].valid);

    for (uint32_t c = 1; c < 0x110000; c += c < 0x3000 ? 1 : 97) {
        if (c >= 0xD800 && c < 0xE000)
            continue;
        char bytes[4];
        size_t n = utf8_put(bytes, c);
        assert_int_equal(utf8_valid_prefix((struct str){ bytes, n }), n);
        const char *at = bytes;
        assert_int_equal(utf8_next(&at), c);
        assert_ptr_equal(at, bytes + n);
    }
}

static void blank_is_white_space_only(void **state)
{
    (void)state;
    assert_true(utf8_is_blank(STR_LIT("")));
    assert_true(utf8_is_blank(STR_LIT(" \t\r\n\xc2\xa0\xe3\x80\x80\xe2\x80\x8b")));
    assert_false(utf8_is_blank(STR_LIT(" .")));
    assert_false(utf8_is_blank((struct str){ "\0", 1 }));
    assert_false(utf8_is_blank(STR_LIT("\xc2\xa0\xc3\xa9")));
}

static void numbers_are_taken_from_the_front(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t number;
        const char *rest;
    } cases[] = {
        { "", 0, "" },
        { "17 rest", 17, " rest" },
        { "-5", -5, "" },
        { "x", 0, "x" },
        { "9223372036854775807", INT64_MAX, "" },
        { "9223372036854775808", INT64_MAX, "" },
        { "-9223372036854775808", INT64_MIN, "" },
        { "-99999999999999999999,1", INT64_MIN, ",1" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct str s = str_of(cases[i].text);
        assert_true(str_take_int(&s) == cases[i].number);
        assert_true(str_is(s, cases[i].rest));
    }
}

static void buffer_holds_its_cap(void **state)
{
    (void)state;
    struct buf b = buf_make(10);
    assert_true(buf_puts(&b, "12345"));
    assert_true(buf_printf(&b, "%d", 67890));
    assert_false(buf_putc(&b, 'x'));
    assert_false(buf_printf(&b, "%d", 1));
    assert_string_equal(b.p, "1234567890");
    buf_free(&b);
}

static void arena_is_zeroed_after_reset(void **state)
{
    (void)state;
    struct arena a = arena_open(1 << 20);
    char *p = arena_new(&a, char, 100000);
    memset(p, 'x', 100000);
    arena_reset(&a, 8192);
    char *q = arena_new(&a, char, 100000);
    assert_ptr_equal(p, q);
    for (size_t i = 0; i < 100000; i++)
        assert_int_equal(q[i], 0);
    assert_string_equal(arena_printf(&a, "%s-%d", "a", 1), "a-1");
    arena_close(&a);
}

static void arena_is_zeroed_after_a_copy(void **state)
{
    (void)state;
    struct arena a = arena_open(1 << 20);
    struct arena scratch = a;
    memset(arena_new(&scratch, char, 100), 'x', 100);
    const char *p = arena_new(&a, char, 100);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(p[i], 0);
    arena_close(&a);
}

static void sha256_of_abc(void **state)
{
    (void)state;
    char hex[HASH_HEX_SIZE];
    hash_str(STR_LIT("abc"), hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void json_lookups_name_the_key(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    VZ_CLEANUP(json_decref_at) json_t *j = NULL;
    assert_ok(json_load_str(STR_LIT("{\"a\": 12.0, \"b\": \"x\", \"c\": null, \"d\": 1.5}"), &j,
                            &err),
              &err);
    int64_t n = 7;
    assert_ok(json_want_int(j, "a", 0, 100, &n, &err), &err);
    assert_int_equal(n, 12);
    assert_ok(json_opt_int(j, "c", 0, 100, &n, &err), &err);
    assert_int_equal(n, 12);
    assert_fails(json_want_int(j, "a", 0, 10, &n, &err), &err, VZ_FORMAT,
                 "\"a\" is 12, not between");
    assert_fails(json_want_int(j, "b", 0, 10, &n, &err), &err, VZ_FORMAT, "\"b\" is a string");
    assert_fails(json_want_int(j, "d", 0, 10, &n, &err), &err, VZ_FORMAT, "not an integer");
    assert_fails(json_want_int(j, "e", 0, 10, &n, &err), &err, VZ_FORMAT, "\"e\" is missing");
    json_t *bad = NULL;
    assert_fails(json_load_str(STR_LIT("{\"a\": }"), &bad, &err), &err, VZ_FORMAT,
                 "not valid JSON");
    assert_fails(json_load_str(STR_LIT("[\"\xff\"]"), &bad, &err), &err, VZ_FORMAT,
                 "not valid JSON");
}

static void count_turn(void *arg, size_t i)
{
    atomic_int *turns = arg;
    atomic_fetch_add(&turns[i], 1);
}

/* Each turn is taken once, however many threads there are. */
static void parallel_takes_each_turn_once(void **state)
{
    (void)state;
    static const size_t threads[] = { 0, 1, 2, 7, 1000 };
    for (size_t t = 0; t < ARRAY_LEN(threads); t++) {
        atomic_int turns[300] = { 0 };
        parallel_for(299, threads[t], count_turn, turns);
        for (size_t i = 0; i < 300; i++)
            assert_int_equal(atomic_load(&turns[i]), i < 299);
    }
    parallel_for(0, 4, count_turn, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_keeps_errno_and_context),
        cmocka_unit_test(options_parse_and_refuse),
        cmocka_unit_test(utf8_accepts_and_refuses),
        cmocka_unit_test(blank_is_white_space_only),
        cmocka_unit_test(numbers_are_taken_from_the_front),
        cmocka_unit_test(buffer_holds_its_cap),
        cmocka_unit_test(arena_is_zeroed_after_reset),
        cmocka_unit_test(arena_is_zeroed_after_a_copy),
        cmocka_unit_test(sha256_of_abc),
        cmocka_unit_test(json_lookups_name_the_key),
        cmocka_unit_test(parallel_takes_each_turn_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
