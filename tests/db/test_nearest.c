/* SPDX-License-Identifier: Apache-2.0
 *
 * Nearest rows: exactly and through the index, with filters, and what must never come out. */
#include "fixture.h"

#include "db/nearest.h"

static struct rows *nearest(const struct target *t, const struct nearest_query *q,
                            struct nearest_info *info)
{
    struct vz_error err = { 0 };
    struct rows *rows = NULL;
    assert_ok(nearest_rows(db, &arena, t, q, &rows, info, &err), &err);
    return rows;
}

static void make_places(const char *table, int rows)
{
    run_sql(arena_printf(&arena,
                         "CREATE TABLE %s (id int PRIMARY KEY, body text, lang text, "
                         "body_vector vector(3))",
                         table));
    run_sql(arena_printf(&arena,
                         "INSERT INTO %s SELECT i, 'b' || i, CASE i %% 50 WHEN 0 THEN 'xx' ELSE "
                         "'en' END, ARRAY[cos(i * 0.001), sin(i * 0.001), 0.5]::real[]::vector "
                         "FROM generate_series(1, %d) i",
                         table, rows));
    run_sql(arena_printf(&arena,
                         "INSERT INTO %s (id, body) SELECT -i, 'none' FROM "
                         "generate_series(1, 50) i",
                         table));
    run_sql(arena_printf(&arena, "INSERT INTO %s VALUES (0, 'zero', 'en', '[0,0,0]')", table));
    run_sql(arena_printf(&arena, "ANALYZE %s", table));
}

static void test_exact(void **state)
{
    (void)state;
    struct target t;
    struct nearest_info info;
    make_places("exact", 300);
    resolve("exact", "body", &t);
    float q[DIM] = { 0.9950042f, 0.0998334f, 0.5f }; // the 100th
    static const enum vz_metric metrics[] = { VZ_COSINE, VZ_INNER_PRODUCT, VZ_L2 };
    for (size_t i = 0; i < ARRAY_LEN(metrics); i++) {
        struct nearest_query query = { .vector = q, .metric = metrics[i], .limit = 5 };
        struct rows *rows = nearest(&t, &query, &info);
        assert_int_equal(rows_count(rows), 5);
        assert_int_equal(rows_columns(rows), 3);
        assert_string_equal(rows_text(rows, 0, 1), "100");
        assert_string_equal(rows_text(rows, 0, 2), "b100");
        assert_null(info.index);
        assert_non_null(strstr(info.note, "every row"));
        rows_free(rows);
    }
    // More than there are: neither rows without a vector nor the zero vector come out.
    struct nearest_query all = { .vector = q, .limit = 1000, .exact = true };
    struct rows *rows = nearest(&t, &all, &info);
    assert_int_equal(rows_count(rows), 300);
    rows_free(rows);
    all.exact = false;
    rows = nearest(&t, &all, &info);
    assert_int_equal(rows_count(rows), 300);
    rows_free(rows);
}

static void test_select_and_where(void **state)
{
    (void)state;
    struct target t;
    struct nearest_info info;
    struct vz_error err = { 0 };
    struct rows *rows = NULL;
    make_places("chosen", 300);
    resolve("chosen", "body", &t);
    float q[DIM] = { 1, 0, 0.5f };
    const char *select[] = { "LANG", "\"id\"" };
    struct nearest_query query = { .vector = q,
                                   .limit = 10,
                                   .select = select,
                                   .n_select = 2,
                                   .where = "lang = 'xx' OR chosen.lang = 'yy' -- x" };
    rows = nearest(&t, &query, &info);
    assert_int_equal(rows_count(rows), 6);
    assert_string_equal(rows_name(rows, 0), "distance");
    assert_string_equal(rows_name(rows, 2), "lang");
    assert_string_equal(rows_text(rows, 0, 2), "xx");
    assert_string_equal(rows_text(rows, 0, 3), "50");
    rows_free(rows);
    select[0] = "langg";
    assert_fails(nearest_rows(db, &arena, &t, &query, &rows, &info, &err), &err, VZ_DB,
                 "no column \"langg\"");
}

/* Through the index: the same rows, also with a filter that few rows pass. */
static void test_indexed(void **state)
{
    (void)state;
    struct target t;
    struct nearest_info info;
    struct vz_error err = { 0 };
    make_places("many", 3000);
    resolve("many", "body", &t);
    assert_ok(ddl_build_index(db, &arena, &t, VZ_COSINE, 3000, NULL, NULL, &err), &err);
    run_sql("ANALYZE many");
    float q[DIM] = { 0.5403023f, 0.841471f, 0.5f }; // the 1000th
    struct nearest_query query = { .vector = q, .limit = 20 };
    struct rows *found = nearest(&t, &query, &info);
    assert_string_equal(info.index, "many_body_vector_cosine_idx");
    assert_int_equal(rows_count(found), 20);
    assert_string_equal(rows_text(found, 0, 1), "1000");
    rows_free(found);

    query.where = "lang = 'xx'";
    found = nearest(&t, &query, &info);
    assert_int_equal(rows_count(found), 20);
    assert_string_equal(rows_text(found, 0, 1), "1000");
    rows_free(found);

    query.exact = true;
    found = nearest(&t, &query, &info);
    assert_null(info.index);
    assert_string_equal(info.note, "");
    assert_int_equal(rows_count(found), 20);
    rows_free(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_select_and_where),
        cmocka_unit_test(test_indexed),
    };
    return cmocka_run_group_tests(tests, open_fixture, close_fixture);
}
