/* SPDX-License-Identifier: Apache-2.0
 *
 * Stamps in comments: found among anything, never at the cost of what a user wrote. */
#include "tests/lib/test.h"

#include "base/arena.h"
#include "base/limits.h"
#include "db/stamp.h"

static struct arena arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_open(LIMIT_JOB_ARENA);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_close(&arena);
    return 0;
}

static struct stamp sample(void)
{
    return (struct stamp){ .version = STAMP_VERSION,
                           .model = "all-MiniLM-L6-v2",
                           .module = "transformer",
                           .fingerprint = "0123abcd",
                           .precision = "int8",
                           .dimension = 384,
                           .metric = VZ_INNER_PRODUCT,
                           .input = "bo\"dy\n",
                           .document_prompt = "passage: ",
                           .query_prompt = "query: \xc3\xa9",
                           .text = "as-is",
                           .tool = "0.1.0" };
}

static void check_equal(const struct stamp *a, const struct stamp *b)
{
    assert_int_equal(a->version, b->version);
    assert_string_equal(a->model, b->model);
    assert_string_equal(a->module, b->module);
    assert_string_equal(a->fingerprint, b->fingerprint);
    assert_string_equal(a->precision, b->precision);
    assert_int_equal(a->dimension, b->dimension);
    assert_int_equal(a->metric, b->metric);
    assert_string_equal(a->input, b->input);
    assert_string_equal(a->document_prompt, b->document_prompt);
    assert_string_equal(a->query_prompt, b->query_prompt);
    assert_string_equal(a->text, b->text);
    assert_string_equal(a->tool, b->tool);
}

/* For each comment a user may have: stamped, found, replaced, removed, the user's part kept. */
static void test_user_comments(void **state)
{
    (void)state;
    static const char *const comments[] = {
        NULL,
        "",
        "Vectors of the body.",
        "two\nlines",
        "ends with a break\n",
        "\n",
        "\nstarts with one",
        "vectorize:",
        "vectorize:{}",
        "vectorize:{\"version\":1}",
        "vectorize: not ours\nvectorize:[1,2]",
        "{\"json\": true}",
        "percent %s %n and \\ and '",
        "größe 漢字",
    };
    for (size_t i = 0; i < ARRAY_LEN(comments); i++) {
        struct stamp first = sample(), second = sample(), found;
        second.model = "other";
        second.dimension = 1024;
        assert_false(stamp_find(&arena, comments[i], &found));
        const char *stamped = stamp_merge(&arena, comments[i], &first);
        assert_true(stamp_find(&arena, stamped, &found));
        check_equal(&first, &found);
        const char *again = stamp_merge(&arena, stamped, &second);
        assert_true(stamp_find(&arena, again, &found));
        check_equal(&second, &found);
        assert_null(strstr(again, "all-MiniLM"));
        const char *left = stamp_remove(&arena, again);
        if (comments[i] && *comments[i])
            assert_string_equal(left, comments[i]);
        else
            assert_null(left);
    }
}

/* A user who writes after the stamp keeps that, too. */
static void test_between(void **state)
{
    (void)state;
    struct stamp s = sample(), found;
    const char *line = stamp_merge(&arena, NULL, &s);
    const char *comment = arena_printf(&arena, "before\n%s\nafter", line);
    s.model = "new";
    const char *changed = stamp_merge(&arena, comment, &s);
    assert_true(stamp_find(&arena, changed, &found));
    assert_string_equal(found.model, "new");
    assert_string_equal(stamp_remove(&arena, changed), "before\nafter");
    comment = arena_printf(&arena, "%s\nafter", line);
    assert_string_equal(stamp_remove(&arena, comment), "after");
}

static void test_hostile(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "vectorize:{\"version\":0,\"model\":\"m\",\"fingerprint\":\"f\",\"dimension\":3,"
        "\"metric\":\"cosine\"}",
        "vectorize:{\"version\":1,\"model\":\"m\",\"fingerprint\":\"f\",\"dimension\":0,"
        "\"metric\":\"cosine\"}",
        "vectorize:{\"version\":1,\"model\":\"m\",\"fingerprint\":\"f\",\"dimension\":16001,"
        "\"metric\":\"cosine\"}",
        "vectorize:{\"version\":1,\"model\":\"m\",\"fingerprint\":\"f\",\"dimension\":3,"
        "\"metric\":\"other\"}",
        "vectorize:{\"version\":1,\"model\":7,\"fingerprint\":\"f\",\"dimension\":3,"
        "\"metric\":\"cosine\"}",
        "vectorize:{\"version\":1,\"model\":\"m\\u0000x\",\"fingerprint\":\"f\",\"dimension\":3,"
        "\"metric\":\"cosine\"}",
        "vectorize:\"text\"",
        "vectorize:[[[[[[[[",
        " vectorize:{}",
    };
    struct stamp found;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        assert_false(stamp_find(&arena, lines[i], &found));
    // The least that is a stamp; a newer version's further fields are passed over.
    assert_true(stamp_find(&arena,
                           "vectorize:{\"version\":9,\"model\":\"m\",\"fingerprint\":\"f\","
                           "\"dimension\":3,\"metric\":\"l2\",\"future\":[1]}",
                           &found));
    assert_string_equal(found.input, "");
    assert_int_equal(found.metric, VZ_L2);
}

static void test_not_utf8(void **state)
{
    (void)state;
    struct stamp s = sample(), found;
    s.model = "/models/\xff\xfe";
    assert_true(stamp_find(&arena, stamp_merge(&arena, NULL, &s), &found));
    assert_string_equal(found.model, "/models/\?\?");
}

static void test_same(void **state)
{
    (void)state;
    const char *why = NULL;
    struct stamp a = sample(), b = sample();
    assert_true(stamp_same(&arena, &a, &b, &why));
    b.model = "/path/to/all-MiniLM-L6-v2"; // another name of the same weights
    b.tool = "9";
    b.query_prompt = "";
    b.metric = VZ_L2;
    assert_true(stamp_same(&arena, &a, &b, &why));
    static const struct {
        size_t field;
        const char *value, *why;
    } cases[] = {
        { offsetof(struct stamp, fingerprint), "ffff", "other weights" },
        { offsetof(struct stamp, precision), "fp32", "int8, not in fp32" },
        { offsetof(struct stamp, precision), "", "int8, not in fp32" },
        { offsetof(struct stamp, input), "title", "column" },
        { offsetof(struct stamp, document_prompt), "", "prompt" },
        { offsetof(struct stamp, text), "markdown", "treated" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        b = sample();
        *(const char **)((char *)&b + cases[i].field) = cases[i].value;
        assert_false(stamp_same(&arena, &a, &b, &why));
        assert_non_null(strstr(why, cases[i].why));
    }
    b = sample();
    b.dimension = 3;
    assert_false(stamp_same(&arena, &a, &b, &why));
    assert_non_null(strstr(why, "384"));
    b.model = "other";
    b.fingerprint = "ffff";
    assert_false(stamp_same(&arena, &a, &b, &why));
    assert_non_null(strstr(why, "different models"));
}

/* A stamp from before precisions were recorded is one of fp32, and the stamp's is taken where the
 * user asks for none. */
static void test_precision(void **state)
{
    (void)state;
    const char *why = NULL;
    struct stamp a = sample(), old = sample();
    a.precision = "fp32";
    old.precision = "";
    assert_true(stamp_same(&arena, &old, &a, &why) && stamp_same(&arena, &a, &old, &why));
    old.precision = NULL;
    assert_true(stamp_same(&arena, &old, &a, &why));
    a.precision = "int8";
    assert_string_equal(stamp_precision(&a, NULL), "int8");
    assert_string_equal(stamp_precision(&a, "auto"), "int8");
    assert_string_equal(stamp_precision(&a, "fp32"), "fp32"); // to be refused, not ignored
    assert_null(stamp_precision(&old, NULL));
    assert_null(stamp_precision(&old, "auto"));
    assert_null(stamp_precision(NULL, NULL));
    assert_string_equal(stamp_precision(NULL, "auto"), "auto");
    assert_string_equal(stamp_precision(NULL, "bf16"), "bf16");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_user_comments), cmocka_unit_test(test_between),
        cmocka_unit_test(test_hostile),       cmocka_unit_test(test_not_utf8),
        cmocka_unit_test(test_same),          cmocka_unit_test(test_precision),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
