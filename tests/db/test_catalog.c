/* SPDX-License-Identifier: Apache-2.0
 *
 * What the catalogue says and what is refused before anything is written; the vector column,
 * its stamp and its index. */
#include "fixture.h"

#include "db/dialect.h"
#include "db/ident.h"

static void refuse(const char *table, const char *input, const char *vector, enum vz_kind kind,
                   const char *message, const char *hint)
{
    struct vz_error err = { 0 };
    struct target t;
    struct target_names names = { .table = table, .input = input, .vector = vector };
    assert_fails(catalog_resolve(db, &arena, &names, &t, &err), &err, kind, message);
    if (hint && !strstr(err.hint, hint)) {
        print_error("\"%s\" does not contain \"%s\"\n", err.hint, hint);
        fail();
    }
}

static void test_tables(void **state)
{
    (void)state;
    struct target t;
    run_sql("CREATE SCHEMA shop");
    run_sql("CREATE SCHEMA other");
    run_sql("CREATE TABLE shop.items (id int PRIMARY KEY, body text)");
    run_sql("CREATE TABLE other.items (id int PRIMARY KEY, body text)");
    refuse("completely_else", "body", NULL, VZ_DB, "no table", "-t SCHEMA.TABLE");
    refuse("items", "body", NULL, VZ_DB, "no table \"items\" in the search path", "other.items");
    refuse("shop.item", "body", NULL, VZ_DB, "no table \"item\" in that schema", "\"items\"");
    refuse("nodb.shop.items", "body", NULL, VZ_USAGE, "not to \"nodb\"", "URL");
    refuse("a.b.c.d", "body", NULL, VZ_USAGE, "more than three parts", NULL);
    refuse("shop.\"items", "body", NULL, VZ_USAGE, "a quote is open", NULL);

    resolve("shop.items", "body", &t);
    assert_string_equal(t.table.schema, "shop");
    resolve("SHOP.Items", "BODY", &t); // folded
    assert_string_equal(t.table.text, "shop.items");
    const char *here = value_of("SELECT current_database()");
    resolve(arena_printf(&arena, "%s.shop.items", here), "body", &t);
    assert_string_equal(t.table.text, "shop.items");

    // Two candidates: the search path decides, as for the server.
    run_sql("SET search_path = other, shop, public");
    resolve("items", "body", &t);
    assert_string_equal(t.table.text, "other.items");
    run_sql("SET search_path = shop, other, public");
    resolve("items", "body", &t);
    assert_string_equal(t.table.text, "shop.items");
    run_sql("SET search_path = public");
    db_close(db);
    db = open_db();

    run_sql("CREATE TABLE \"Items\" (\"Id\" int PRIMARY KEY, \"Body\" text)");
    resolve("Items", "Body", &t); // only the exact name is there
    assert_string_equal(t.table.name, "Items");
    assert_string_equal(t.input.name, "Body");
    assert_string_equal(t.vector.name, "Body_vector");
    run_sql("CREATE TABLE items (id int PRIMARY KEY, body text, \"BODY\" text)");
    resolve("Items", "Body", &t); // both: as the server reads it
    assert_string_equal(t.table.name, "items");
    resolve("\"Items\"", "\"Body\"", &t);
    assert_string_equal(t.table.name, "Items");
}

static void test_refusals(void **state)
{
    (void)state;
    run_sql("CREATE TABLE base (id int PRIMARY KEY, body text, n int, body_vec int, "
            "bound vector(3) NOT NULL, loose vector, made vector(3) GENERATED ALWAYS AS "
            "('[1,2,3]'::vector(3)) STORED)");
    run_sql("CREATE VIEW seen AS SELECT * FROM base");
    run_sql("CREATE MATERIALIZED VIEW kept AS SELECT * FROM base");
    run_sql("CREATE SEQUENCE counter");
    run_sql("CREATE TABLE keyless (id int, body text)");
    refuse("seen", "body", NULL, VZ_DB, "is a view", "table behind");
    refuse("kept", "body", NULL, VZ_DB, "is a materialized view", "table behind");
    refuse("counter", "body", NULL, VZ_DB, "is a sequence", NULL);
    refuse("keyless", "body", NULL, VZ_DB, "has no primary key", "unique index");
    refuse("base", "bodyy", NULL, VZ_DB, "has no column \"bodyy\"", "\"body\"");
    refuse("base", "n", NULL, VZ_DB, "has type integer, which is no text", "jsonb");
    refuse("base", "body", "body_vec", VZ_DB, "has type integer, not vector", "-o");
    refuse("base", "body", "bound", VZ_DB, "is NOT NULL", "DROP NOT NULL");
    refuse("base", "body", "made", VZ_DB, "is generated", NULL);
    refuse("base", NULL, NULL, VZ_DB, "no vector column that was filled", "embed");
    refuse("base", NULL, "loose", VZ_USAGE, "nothing says which text", "-i");

    struct vz_error err = { 0 };
    struct target t;
    struct target_names names = { .table = "base", .input = "body", .vector = "loose" };
    assert_ok(catalog_resolve(db, &arena, &names, &t, &err), &err);
    assert_fails(ddl_add_column(db, &arena, &t, 3, &err), &err, VZ_DB, "no fixed width");
}

static void test_keys(void **state)
{
    (void)state;
    struct target t;
    run_sql("CREATE TABLE by_unique (a int, b text NOT NULL, c int NOT NULL, body text)");
    run_sql("CREATE UNIQUE INDEX nullable ON by_unique (a)");
    run_sql("CREATE UNIQUE INDEX partial ON by_unique (c) WHERE c > 0");
    run_sql("CREATE UNIQUE INDEX expression ON by_unique (lower(b))");
    run_sql("ALTER TABLE by_unique ADD CONSTRAINT later UNIQUE (c) DEFERRABLE");
    refuse("by_unique", "body", NULL, VZ_DB, "has no primary key", NULL);
    run_sql("CREATE UNIQUE INDEX good ON by_unique (c, b) INCLUDE (a)");
    resolve("by_unique", "body", &t);
    assert_string_equal(t.key_index, "good");
    assert_int_equal(t.n_keys, 2);
    assert_string_equal(t.keys[0].name, "c");
    assert_string_equal(t.keys[1].array_type, "text[]");
}

static struct stamp a_stamp(void)
{
    return (struct stamp){ .version = STAMP_VERSION,
                           .model = "m\"\\'1",
                           .module = "transformer",
                           .fingerprint = "abc",
                           .dimension = DIM,
                           .metric = VZ_COSINE,
                           .input = "body",
                           .document_prompt = "passage: ",
                           .query_prompt = "",
                           .text = "as-is",
                           .tool = "0.1.0" };
}

static void test_column_and_stamp(void **state)
{
    (void)state;
    struct target t;
    struct vz_error err = { 0 };
    run_sql("CREATE TABLE \"Stamp 'ed\" (id int PRIMARY KEY, body text)");
    resolve("\"Stamp 'ed\"", "body", &t);
    assert_false(t.vector.exists);
    assert_ok(ddl_ensure_vector_type(db, &arena, &err), &err);
    assert_ok(ddl_add_column(db, &arena, &t, DIM, &err), &err);
    assert_true(t.vector.exists);
    assert_int_equal(t.vector.dim, DIM);
    assert_false(t.vector.has_stamp);
    assert_ok(ddl_add_column(db, &arena, &t, DIM, &err), &err); // again
    assert_fails(ddl_add_column(db, &arena, &t, 5, &err), &err, VZ_DB, "holds 3 components");

    struct stamp stamp = a_stamp();
    run_sql("COMMENT ON COLUMN \"Stamp 'ed\".body_vector IS E'mine:\\n{}\\\\ ''q'''");
    assert_ok(catalog_refresh_vector(db, &arena, &t, &err), &err);
    assert_ok(ddl_stamp(db, &arena, &t, &stamp, &err), &err);
    assert_true(t.vector.has_stamp);
    assert_string_equal(t.vector.stamp.model, "m\"\\'1");
    stamp.model = "another";
    assert_ok(ddl_stamp(db, &arena, &t, &stamp, &err), &err);
    assert_string_equal(t.vector.stamp.model, "another");
    assert_string_equal(stamp_remove(&arena, t.vector.comment), "mine:\n{}\\ 'q'");

    struct target_names names = { .table = "\"Stamp 'ed\"" };
    assert_ok(catalog_resolve(db, &arena, &names, &t, &err), &err); // all from the stamp
    assert_string_equal(t.input.name, "body");
    assert_string_equal(t.vector.name, "body_vector");
}

static void fill_many(const char *table, int rows)
{
    run_sql(arena_printf(&arena,
                         "CREATE TABLE %s (id int PRIMARY KEY, body text, body_vector "
                         "vector(3))",
                         table));
    run_sql(arena_printf(&arena,
                         "INSERT INTO %s SELECT i, 'b' || i, ARRAY[i, i %% 7, 1]::vector "
                         "FROM generate_series(1, %d) i",
                         table, rows));
}

static void test_index(void **state)
{
    (void)state;
    struct target t;
    struct index_plan plan;
    struct vz_error err = { 0 };
    fill_many("indexed", 500);
    resolve("indexed", "body", &t);
    assert_ok(ddl_plan_index(db, &arena, &t, VZ_COSINE, 500, &plan, &err), &err);
    assert_true(plan.needed && plan.possible);
    assert_string_equal(plan.name, "indexed_body_vector_cosine_idx");
    assert_ok(ddl_build_index(db, &arena, &t, VZ_COSINE, 500, NULL, NULL, &err), &err);
    const struct vector_index *x = catalog_index_for(&t, VZ_COSINE);
    assert_non_null(x);
    assert_string_equal(x->name, plan.name);
    assert_null(catalog_index_for(&t, VZ_L2));
    assert_ok(ddl_plan_index(db, &arena, &t, VZ_COSINE, 500, &plan, &err), &err);
    assert_false(plan.needed);
    // Another metric on the same column: an index of its own.
    assert_ok(ddl_build_index(db, &arena, &t, VZ_L2, 500, NULL, NULL, &err), &err);
    assert_non_null(catalog_index_for(&t, VZ_L2));
    assert_int_equal(t.vector.n_indexes, 2);
}

/* What an interrupted build leaves is replaced when it is ours, and left alone when it is not. */
static void test_index_leftover(void **state)
{
    (void)state;
    struct target t;
    struct vz_error err = { 0 };
    fill_many("broken", 100);
    resolve("broken", "body", &t);
    run_sql("CREATE INDEX broken_body_vector_cosine_idx ON broken USING hnsw (body_vector "
            "vector_cosine_ops)");
    run_sql("CREATE INDEX theirs ON broken USING hnsw (body_vector vector_cosine_ops)");
    run_sql("UPDATE pg_index SET indisvalid = false WHERE indexrelid IN "
            "('broken_body_vector_cosine_idx'::regclass, 'theirs'::regclass)");
    assert_ok(ddl_build_index(db, &arena, &t, VZ_COSINE, 100, NULL, NULL, &err), &err);
    assert_string_equal(value_of("SELECT indisvalid FROM pg_index WHERE indexrelid = "
                                 "'broken_body_vector_cosine_idx'::regclass"),
                        "t");
    assert_string_equal(value_of("SELECT indisvalid FROM pg_index WHERE indexrelid = "
                                 "'theirs'::regclass"),
                        "f");

    // The name belongs to something else: another one is taken.
    fill_many("taken", 10);
    run_sql("CREATE TABLE taken_body_vector_ip_idx (x int)");
    resolve("taken", "body", &t);
    assert_ok(ddl_build_index(db, &arena, &t, VZ_INNER_PRODUCT, 10, NULL, NULL, &err), &err);
    assert_string_equal(catalog_index_for(&t, VZ_INNER_PRODUCT)->name, "taken_body_vector_ip_idx2");
}

static void test_index_limits(void **state)
{
    (void)state;
    struct target t;
    struct index_plan plan;
    struct vz_error err = { 0 };
    run_sql("CREATE TABLE wide (id int PRIMARY KEY, body text, body_vector vector(3072))");
    resolve("wide", "body", &t);
    assert_ok(ddl_plan_index(db, &arena, &t, VZ_COSINE, 10, &plan, &err), &err);
    assert_true(plan.needed);
    assert_false(plan.possible);
    assert_non_null(strstr(plan.why_not, "at most 2000"));

    run_sql("CREATE TABLE split (id int PRIMARY KEY, body text, body_vector vector(3)) "
            "PARTITION BY RANGE (id)");
    run_sql("CREATE TABLE split_a PARTITION OF split DEFAULT");
    resolve("split", "body", &t);
    assert_ok(ddl_plan_index(db, &arena, &t, VZ_COSINE, 10, &plan, &err), &err);
    assert_non_null(strstr(plan.warning, "wait"));
    assert_ok(ddl_build_index(db, &arena, &t, VZ_COSINE, 10, NULL, NULL, &err), &err);
    assert_non_null(catalog_index_for(&t, VZ_COSINE));

    const char *name = "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc";
    fill_many(name, 10);
    resolve(name, "body", &t);
    assert_ok(ddl_build_index(db, &arena, &t, VZ_COSINE, 10, NULL, NULL, &err), &err);
    assert_int_equal(strlen(catalog_index_for(&t, VZ_COSINE)->name), IDENT_MAX);
}

/* The extension in a schema that is not in the search path. */
static void test_type_elsewhere(void **state)
{
    (void)state;
    struct target t;
    struct vz_error err = { 0 };
    run_sql("CREATE SCHEMA \"Ext 1\"");
    run_sql("ALTER EXTENSION vector SET SCHEMA \"Ext 1\"");
    run_sql("CREATE TABLE away (id int PRIMARY KEY, body text)");
    run_sql("INSERT INTO away SELECT i, 'b' || i FROM generate_series(1, 20) i");
    resolve_ready("away", "body", &t);
    assert_string_equal(t.vector_type, "\"Ext 1\".vector");
    assert_int_equal(fill_table(&t, &(struct page_options){ 0 }), 20);
    assert_ok(ddl_build_index(db, &arena, &t, VZ_COSINE, 20, NULL, NULL, &err), &err);
    assert_non_null(catalog_index_for(&t, VZ_COSINE));
    run_sql("ALTER EXTENSION vector SET SCHEMA public");
}

/* No vector type in the database: made when it may be, else said what to do. */
static void test_extension(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    run_sql("DROP EXTENSION vector CASCADE");
    run_sql("DROP ROLE IF EXISTS vz_plain");
    run_sql("CREATE ROLE vz_plain");
    run_sql("GRANT CREATE, USAGE ON SCHEMA public TO vz_plain");
    run_sql("SET ROLE vz_plain");
    assert_fails(ddl_ensure_vector_type(db, &arena, &err), &err, VZ_DB, "has no vector type");
    assert_non_null(strstr(err.hint, "CREATE EXTENSION vector"));
    run_sql("RESET ROLE");
    assert_ok(ddl_ensure_vector_type(db, &arena, &err), &err);
    assert_ok(ddl_ensure_vector_type(db, &arena, &err), &err);
}

static void test_no_privilege(void **state)
{
    (void)state;
    struct target t;
    struct vz_error err = { 0 };
    run_sql("CREATE TABLE guarded (id int PRIMARY KEY, body text)");
    run_sql("GRANT SELECT ON guarded TO vz_plain");
    resolve("guarded", "body", &t);
    run_sql("SET ROLE vz_plain");
    assert_fails(ddl_add_column(db, &arena, &t, DIM, &err), &err, VZ_DB, "must be owner");
    assert_non_null(strstr(err.hint, "own the table"));
    assert_non_null(strstr(err.message, "public.guarded"));
    run_sql("RESET ROLE");
    run_sql("DROP OWNED BY vz_plain");
    run_sql("DROP ROLE vz_plain");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),       cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_keys),         cmocka_unit_test(test_column_and_stamp),
        cmocka_unit_test(test_index),        cmocka_unit_test(test_index_leftover),
        cmocka_unit_test(test_index_limits), cmocka_unit_test(test_type_elsewhere),
        cmocka_unit_test(test_extension),    cmocka_unit_test(test_no_privilege),
    };
    return cmocka_run_group_tests(tests, open_fixture, close_fixture);
}
