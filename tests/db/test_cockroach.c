/* SPDX-License-Identifier: Apache-2.0
 *
 * The CockroachDB dialect, through the front: catalogue, pages, writes, index, search. */
#include "fixture.h"

#include "db/dialect.h"
#include "db/nearest.h"

static void test_is_cockroach(void **state)
{
    (void)state;
    assert_int_equal(db_dialect(db)->kind, DIALECT_COCKROACH);
}

static void make(const char *table, const char *key, const char *value)
{
    run_sql(arena_printf(&arena, "CREATE TABLE %s (k %s PRIMARY KEY, body TEXT)", table, key));
    run_sql(arena_printf(&arena,
                         "INSERT INTO %s SELECT %s, 'text ' || n::TEXT FROM "
                         "generate_series(1, 30) AS g(n)",
                         table, value));
}

static void test_key_types(void **state)
{
    (void)state;
    static const struct {
        const char *type, *value;
    } cases[] = {
        { "INT", "n" },
        { "UUID", "md5(n::TEXT)::UUID" },
        { "TEXT", "'k \"\\,' || n::TEXT" },
        { "DECIMAL(20,5)", "n::DECIMAL / 7" },
        { "DATE", "'2024-02-27'::DATE + n" },
        { "TIMESTAMPTZ", "'2024-02-27 01:02:03.456+01'::TIMESTAMPTZ + n * '1 hour'::INTERVAL" },
        { "BYTEA", "decode(md5(n::TEXT), 'hex')" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *name = arena_printf(&arena, "key_%zu", i);
        struct target t;
        struct counts c = { 0 };
        struct vz_error err = { 0 };
        print_message("# key of type %s\n", cases[i].type);
        make(name, cases[i].type, cases[i].value);
        resolve_ready(name, "body", &t);
        assert_int_equal(fill_table(&t, &(struct page_options){ .rows = 7 }), 30);
        assert_ok(catalog_count(db, &t, NULL, &c, &err), &err);
        assert_int_equal(c.embedded, 30);
    }
}

static void test_composite_and_hidden(void **state)
{
    (void)state;
    struct target t;
    run_sql("CREATE TABLE pairs (body TEXT, a INT, \"B c\" TEXT, PRIMARY KEY (\"B c\", a))");
    run_sql("INSERT INTO pairs SELECT 'x' || n::TEXT, n, 'b' || (n % 3)::TEXT FROM "
            "generate_series(1, 30) AS g(n)");
    resolve_ready("pairs", "body", &t);
    assert_int_equal(t.n_keys, 2);
    assert_string_equal(t.keys[0].name, "B c");
    assert_int_equal(fill_table(&t, &(struct page_options){ .rows = 7 }), 30);

    run_sql("CREATE TABLE nokey (body TEXT)");
    run_sql("INSERT INTO nokey SELECT 'x' || n::TEXT FROM generate_series(1, 30) AS g(n)");
    resolve_ready("nokey", "body", &t);
    assert_int_equal(t.n_keys, 1);
    assert_string_equal(t.keys[0].name, "rowid");
    assert_int_equal(fill_table(&t, &(struct page_options){ .rows = 7 }), 30);

    run_sql("CREATE TABLE sharded (id INT, body TEXT, PRIMARY KEY (id) USING HASH)");
    run_sql("INSERT INTO sharded (id, body) SELECT n, 'x' || n::TEXT FROM "
            "generate_series(1, 30) AS g(n)");
    resolve_ready("sharded", "body", &t);
    assert_int_equal(t.n_keys, 1);
    assert_string_equal(t.keys[0].name, "id");
    assert_int_equal(fill_table(&t, &(struct page_options){ .rows = 7 }), 30);
}

static void test_index_and_search(void **state)
{
    (void)state;
    struct target t;
    struct index_plan plan;
    struct vz_error err = { 0 };
    struct rows *rows = NULL;
    struct nearest_info info;
    make("found", "INT", "n");
    run_sql("INSERT INTO found VALUES (100, NULL), (101, 'later')");
    resolve_ready("found", "body", &t);
    fill_table(&t, &(struct page_options){ .where = "k < 100" });
    assert_ok(ddl_plan_index(db, &arena, &t, VZ_COSINE, 30, &plan, &err), &err);
    assert_true(plan.needed);
    float q[DIM];
    vector_for(STR_LIT("text 7"), q);
    struct nearest_query query = { .vector = q, .limit = 5 };
    assert_ok(nearest_rows(db, &arena, &t, &query, &rows, &info, &err), &err);
    assert_int_equal(rows_count(rows), 5);
    assert_string_equal(rows_text(rows, 0, 1), "7");
    assert_null(info.index);
    rows_free(rows);
    if (db_dialect(db)->only_l2_index) {
        assert_non_null(strstr(plan.why_not, "L2"));
        return;
    }
    if (db_dialect(db)->index_gate) {
        assert_false(plan.possible);
        assert_non_null(strstr(plan.why_not, "feature.vector_index.enabled"));
        assert_non_null(strstr(plan.warning, "refused"));
        run_sql("SET CLUSTER SETTING feature.vector_index.enabled = true");
    }
    assert_ok(ddl_build_index(db, &arena, &t, VZ_COSINE, 30, NULL, NULL, &err), &err);
    assert_non_null(catalog_index_for(&t, VZ_COSINE));
    assert_ok(nearest_rows(db, &arena, &t, &query, &rows, &info, &err), &err);
    assert_string_equal(info.index, plan.name);
    assert_int_equal(rows_count(rows), 5);
    assert_string_equal(rows_text(rows, 0, 1), "7");
    rows_free(rows);
    query.where = "k > 20"; // the index cannot serve that: every row is compared, and it is said
    assert_ok(nearest_rows(db, &arena, &t, &query, &rows, &info, &err), &err);
    assert_null(info.index);
    assert_non_null(strstr(info.note, "because of --where"));
    assert_int_equal(rows_count(rows), 5);
    rows_free(rows);
}

static void test_follower_reads(void **state)
{
    (void)state;
    struct target t;
    make("followed", "INT", "n");
    resolve_ready("followed", "body", &t);
    // The column is younger than the time that is read: present data instead.
    assert_int_equal(fill_table(&t, &(struct page_options){ .follower_reads = true }), 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_cockroach),         cmocka_unit_test(test_key_types),
        cmocka_unit_test(test_composite_and_hidden), cmocka_unit_test(test_index_and_search),
        cmocka_unit_test(test_follower_reads),
    };
    return cmocka_run_group_tests(tests, open_fixture, close_fixture);
}
