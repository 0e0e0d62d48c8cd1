/* SPDX-License-Identifier: Apache-2.0
 *
 * Which server it is, by what it says of itself, and what it can do. */
#include "tests/lib/test.h"

#include "db/dialect.h"

static void test_cockroach(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int major, minor, patch;
        bool index, gate, blocks, only_l2;
    } cases[] = {
        { "CockroachDB CCL v24.2.0 (x86_64-pc-linux-gnu, built …)", 24, 2, 0, false, true, true,
          true },
        { "CockroachDB CCL v25.2.1 (x86_64-pc-linux-gnu, built …)", 25, 2, 1, true, true, true,
          true },
        { "CockroachDB OSS v25.3.0-beta.2 (aarch64-…)", 25, 3, 0, true, true, true, false },
        { "CockroachDB CCL v25.4.10 (x86_64-pc-linux-gnu)", 25, 4, 10, true, false, false, false },
        { "CockroachDB CCL v26.2.5 (x86_64-pc-linux-gnu)", 26, 2, 5, true, false, false, false },
        { "CockroachDB CCL v26.1.0-alpha.1-dev", 26, 1, 0, true, false, false, false },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct vz_error err = { 0 };
        struct dialect d;
        struct server_version v;
        for (int by_status = 0; by_status < 2; by_status++) { // a pooler may swallow the status
            assert_ok(dialect_find(by_status ? cases[i].text : NULL, cases[i].text, &d, &v, &err),
                      &err);
            assert_int_equal(d.kind, DIALECT_COCKROACH);
            assert_int_equal(v.major, cases[i].major);
            assert_int_equal(v.minor, cases[i].minor);
            assert_int_equal(v.patch, cases[i].patch);
            assert_int_equal(d.has_vector_index, cases[i].index);
            assert_int_equal(d.index_gate, cases[i].gate);
            assert_int_equal(d.index_blocks_writes, cases[i].blocks);
            assert_int_equal(d.only_l2_index, cases[i].only_l2);
            assert_true(d.has_follower_reads);
        }
    }
}

static void test_postgres(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct dialect d;
    struct server_version v;
    assert_ok(dialect_find(NULL, "PostgreSQL 16.4 (Debian 16.4-1) on x86_64", &d, &v, &err), &err);
    assert_int_equal(d.kind, DIALECT_POSTGRES);
    assert_int_equal(v.major, 16);
    assert_int_equal(v.minor, 4);
    assert_false(d.has_follower_reads);
    assert_int_equal(d.max_index_dim, 2000);
    assert_string_equal(d.operator[VZ_COSINE], "<=>");
    assert_string_equal(d.operator_class[VZ_INNER_PRODUCT], "vector_ip_ops");
    assert_ok(dialect_find("", "PostgreSQL 17devel on x86_64", &d, &v, &err), &err);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *version, *message;
    } cases[] = {
        { "CockroachDB CCL v23.1.4 (x86_64)", "has no VECTOR type" },
        { "CockroachDB CCL", "cannot read the version" },
        { "PostgreSQL 9.6.24 on x86_64", "too old" },
        { "MySQL 8", "neither" },
        { "", "neither" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct vz_error err = { 0 };
        struct dialect d;
        struct server_version v;
        assert_fails(dialect_find(NULL, cases[i].version, &d, &v, &err), &err, VZ_DB,
                     cases[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cockroach),
        cmocka_unit_test(test_postgres),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
