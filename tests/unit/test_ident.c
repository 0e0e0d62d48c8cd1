/* SPDX-License-Identifier: Apache-2.0
 *
 * Names as users type them, and as statements need them. */
#include "tests/lib/test.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "db/array_text.h"
#include "db/ident.h"
#include "db/sql.h"

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

static void test_parse(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t n;
        const char *name[3], *exact[3];
    } cases[] = {
        { "items", 1, { "items" }, { "items" } },
        { "Items", 1, { "items" }, { "Items" } },
        { "\"Items\"", 1, { "Items" }, { "Items" } },
        { "My Table", 1, { "my table" }, { "My Table" } },
        { "S.T", 2, { "s", "t" }, { "S", "T" } },
        { "d.s.\"a.b\"", 3, { "d", "s", "a.b" }, { "d", "s", "a.b" } },
        { "\"a\"\"b\".c", 2, { "a\"b", "c" }, { "a\"b", "c" } },
        { "\"\"\"\"", 1, { "\"" }, { "\"" } },
        { "GRÖSSE", 1, { "grÖsse" }, { "GRÖSSE" } },
        { "a\"b", 1, { "a\"b" }, { "a\"b" } },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct vz_error err = { 0 };
        struct ident_path path;
        assert_ok(ident_parse(&arena, cases[i].text, &path, &err), &err);
        assert_int_equal(path.n, cases[i].n);
        for (size_t p = 0; p < path.n; p++) {
            assert_string_equal(path.part[p].name, cases[i].name[p]);
            assert_string_equal(path.part[p].exact, cases[i].exact[p]);
        }
    }
}

static void test_parse_fails(void **state)
{
    (void)state;
    static const char *const cases[] = { "",    ".",    "a.",     ".a",    "a..b",  "a.b.c.d",
                                         "\"a", "\"\"", "\"a\"b", "a.\"b", "a.\"\"" };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct vz_error err = { 0 };
        struct ident_path path;
        assert_fails(ident_parse(&arena, cases[i], &path, &err), &err, VZ_USAGE, "name");
        assert_true(err.hint[0]);
    }
}

static void test_parse_column(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct ident name;
    assert_ok(ident_parse_column(&arena, "A.b", &name, &err), &err);
    assert_string_equal(name.name, "a.b");
    assert_string_equal(name.exact, "A.b");
    assert_ok(ident_parse_column(&arena, "\"A.b\"", &name, &err), &err);
    assert_string_equal(name.name, "A.b");
    assert_false(ident_parse_column(&arena, "", &name, &err));
    assert_false(ident_parse_column(&arena, "\"a\".b", &name, &err));
}

static void test_quote(void **state)
{
    (void)state;
    assert_string_equal(ident_quote(&arena, "a"), "\"a\"");
    assert_string_equal(ident_quote(&arena, "a\"; DROP"), "\"a\"\"; DROP\"");
    assert_string_equal(ident_quote_pair(&arena, "S", "t"), "\"S\".\"t\"");
    assert_string_equal(ident_literal(&arena, "it's"), "'it''s'");
    assert_string_equal(ident_literal(&arena, "a\\'b"), "E'a\\\\''b'");
}

static void test_join(void **state)
{
    (void)state;
    assert_string_equal(ident_join(&arena, "body", "_vector"), "body_vector");
    char base[80];
    memset(base, 'x', sizeof base - 1);
    base[sizeof base - 1] = '\0';
    const char *a = ident_join(&arena, base, "_idx");
    assert_int_equal(strlen(a), IDENT_MAX);
    base[70] = 'y'; // past the cut
    assert_string_not_equal(a, ident_join(&arena, base, "_idx"));
    const char *wide =
        ident_join(&arena, "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字", "_vector");
    assert_true(strlen(wide) <= IDENT_MAX);
    assert_true(utf8_is_valid(str_of(wide)));
}

static void test_sql_build(void **state)
{
    (void)state;
    static const struct sql_query query = {
        .name = "q", .text = { "SELECT a::int, :col FROM :table WHERE x = $1:::type" }
    };
    const char *sql =
        sql_build(&arena, &query, DIALECT_POSTGRES,
                  SQL_PARTS({ "table", "\":col\"" }, { "col", "\"c\"" }, { "type", "vector(3)" }));
    assert_string_equal(sql, "SELECT a::int, \"c\" FROM \":col\" WHERE x = $1::vector(3)");
}

static void test_array_text(void **state)
{
    (void)state;
    struct buf b = buf_make(KIB);
    assert_true(array_begin(&b) && array_add(&b, "a") && array_add(&b, NULL) && array_add(&b, "") &&
                array_add(&b, "NULL") && array_add(&b, "{\"\\,'") && array_end(&b));
    assert_string_equal(b.p, "{\"a\",NULL,\"\",\"NULL\",\"{\\\"\\\\,'\"}");
    buf_free(&b);
    b = buf_make(10);
    assert_true(array_begin(&b));
    assert_false(array_add(&b, "too long to fit"));
    assert_string_equal(b.p, "{");
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),        cmocka_unit_test(test_parse_fails),
        cmocka_unit_test(test_parse_column), cmocka_unit_test(test_quote),
        cmocka_unit_test(test_join),         cmocka_unit_test(test_sql_build),
        cmocka_unit_test(test_array_text),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
