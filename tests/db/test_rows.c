/* SPDX-License-Identifier: Apache-2.0
 *
 * From page to vector and back over tables of every shape: each row gets the vector of its own
 * text, whatever its key is. */
#include "fixture.h"

#include "base/hash.h"
#include "db/dialect.h"
#include "db/ident.h"
#include "db/vector_text.h"

/* Every vector is the one of the row's present text, and the rows with a text all have one. */
static void check_vectors(const struct target *t, size_t expected)
{
    struct vz_error err = { 0 };
    struct rows *rows = NULL;
    const char *sql = arena_printf(&arena, "SELECT %s, %s::text FROM %s WHERE %s IS NOT NULL",
                                   t->input.text, t->vector.sql, t->table.sql, t->vector.sql);
    assert_ok(db_query(db, sql, NULL, 0, &rows, &err), &err);
    assert_int_equal(rows_count(rows), expected);
    for (size_t i = 0; i < rows_count(rows); i++) {
        float wanted[DIM], found[DIM];
        vector_for(rows_str(rows, i, 0), wanted);
        assert_ok(vector_parse(rows_str(rows, i, 1), DIM, found, &err), &err);
        assert_memory_equal(wanted, found, sizeof wanted);
    }
    rows_free(rows);
}

static void check_fill(const char *table, const char *input, size_t page_rows, size_t expected)
{
    struct target t;
    struct counts c = { 0 };
    struct vz_error err = { 0 };
    resolve_ready(table, input, &t);
    struct page_options options = { .rows = page_rows };
    assert_int_equal(fill_table(&t, &options), expected);
    check_vectors(&t, expected);
    assert_ok(catalog_count(db, &t, NULL, &c, &err), &err);
    assert_int_equal(c.missing, 0);
    assert_int_equal(fill_table(&t, &options), 0); // nothing is left for a second run
}

static void test_key_types(void **state)
{
    (void)state;
    run_sql("CREATE TYPE \"Mood\" AS ENUM ('sad', 'it''s \"ok\"', 'very, happy')");
    run_sql("CREATE DOMAIN code AS varchar(12) CHECK (VALUE <> '')");
    static const struct {
        const char *type, *value; /* of n, 0 … 49 unless `rows` is given */
        size_t rows;
    } cases[] = {
        { "int2", "n", 0 },
        { "int4", "n - 25", 0 },
        { "int8", "n * 1000000000000 - 5", 0 },
        { "uuid", "md5(n::text)::uuid", 0 },
        { "text", "'k ' || n", 0 },
        { "varchar(10)", "'v' || n", 0 },
        { "char(10)", "'c' || n", 0 },
        { "numeric", "(n::numeric - 20) / 7", 0 },
        { "numeric(20,5)", "(n::numeric - 20) / 7", 0 },
        { "date", "date '2024-02-27' + n::int", 0 },
        { "timestamptz", "timestamptz '2024-03-30 23:59:59.123457+02' + n * interval '31 min'", 0 },
        { "timestamp(3)", "timestamp '2024-03-30 23:59:59.123' + n * interval '31 min'", 0 },
        { "interval", "n * interval '1 day 02:03:04.5'", 0 },
        { "bytea", "decode(md5(n::text), 'hex') || '\\x00225c27'::bytea", 0 },
        { "bool", "n = 1", 2 },
        { "\"Mood\"", "(enum_range(NULL::\"Mood\"))[n + 1]", 3 },
        { "float8", "sqrt(n::float8) - 3", 0 },
        { "float4", "sqrt(n::float8)::float4", 0 },
        { "inet", "('10.0.0.' || n)::inet", 0 },
        { "code", "'d' || n", 0 },
        { "int4[]", "ARRAY[n, 50 - n]::int4[]", 0 },
        { "text[]", "ARRAY['a,\"b' || n, '}', NULL, '']", 0 },
        { "jsonb", "jsonb_build_object('k', n, 'q', '\"\\')", 0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *name = arena_printf(&arena, "key_%zu", i);
        size_t rows = cases[i].rows ? cases[i].rows : 50;
        run_sql(arena_printf(&arena, "CREATE TABLE %s (k %s PRIMARY KEY, body text)", name,
                             cases[i].type));
        run_sql(arena_printf(&arena,
                             "INSERT INTO %s SELECT %s, 'text ' || n FROM "
                             "generate_series(0, %zu) AS n",
                             name, cases[i].value, rows - 1));
        print_message("# key of type %s\n", cases[i].type);
        check_fill(name, "body", 7, rows);
    }
}

static void test_key_values(void **state)
{
    (void)state;
    static const char *const values[] = { "''",
                                          "'NULL'",
                                          "'null'",
                                          "'{}'",
                                          "'{\"a\",NULL}'",
                                          "'\"'",
                                          "'\"\"'",
                                          "''''",
                                          "E'\\\\'",
                                          "E'\\\\\\\\\"'",
                                          "','",
                                          "'a,b'",
                                          "E'\\n\\r\\t'",
                                          "' '",
                                          "' x '",
                                          "E'\\x01\\x1f\\x7f'",
                                          "'größe 漢字 🙂'",
                                          "'$1'",
                                          "'%s%n'",
                                          "'--'",
                                          "'; DROP TABLE odd; --'",
                                          "repeat('x', 1000)",
                                          "repeat('\"\\', 500)" };
    run_sql("CREATE TABLE odd (k text PRIMARY KEY, body text)");
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        run_sql(arena_printf(&arena, "INSERT INTO odd VALUES (%s, 'body %zu')", values[i], i));
    check_fill("odd", "body", 5, ARRAY_LEN(values));
}

static void test_composite_keys(void **state)
{
    (void)state;
    run_sql("CREATE TABLE tenants (body text, id int, region text, tenant int, "
            "PRIMARY KEY (tenant, region, id))");
    run_sql(
        "INSERT INTO tenants SELECT 'text ' || t || r || i, i, r, t FROM "
        "generate_series(1, 5) t, unnest(ARRAY['b', 'a', 'B', '']) r, generate_series(1, 20) i");
    struct target t;
    resolve("tenants", "body", &t);
    assert_int_equal(t.n_keys, 3);
    assert_string_equal(t.keys[0].name, "tenant");
    assert_string_equal(t.keys[1].name, "region");
    assert_string_equal(t.keys[2].name, "id");
    check_fill("tenants", "body", 33, 400);
}

static void test_names(void **state)
{
    (void)state;
    static const char *const names[] = {
        "Mixed Case",
        "select",
        "a.b",
        "say \"hi\"",
        "größe",
        "it's",
        "vz_batch",
        "t",
        "user",
        "%s",
        ":x",
        "$1",
        "a\\b",
        "漢字",
        "vector",
        "n",
        "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc", /* 63 bytes */
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *q = ident_quote(&arena, names[i]);
        run_sql(arena_printf(&arena, "CREATE SCHEMA IF NOT EXISTS %s", q));
        run_sql(arena_printf(&arena,
                             "CREATE TABLE %s.%s (\"Key %zu\" int, %s text, PRIMARY KEY "
                             "(\"Key %zu\", %s))",
                             q, q, i, q, i, q));
        run_sql(arena_printf(&arena,
                             "INSERT INTO %s.%s SELECT i, 'text ' || i FROM "
                             "generate_series(1, 9) i",
                             q, q));
        print_message("# name %s\n", names[i]);
        check_fill(arena_printf(&arena, "%s.%s", q, q), q, 4, 9);
    }
}

static void test_input_types(void **state)
{
    (void)state;
    run_sql("CREATE DOMAIN remark AS text");
    run_sql("CREATE DOMAIN doc AS jsonb");
    static const char *const types[] = { "text", "varchar(50)", "char(20)", "jsonb",
                                         "json", "remark",      "doc",      "name" };
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        const char *name = arena_printf(&arena, "input_%zu", i);
        bool plain = !strstr(types[i], "json") && strcmp(types[i], "doc") != 0;
        run_sql(
            arena_printf(&arena, "CREATE TABLE %s (id int PRIMARY KEY, body %s)", name, types[i]));
        run_sql(arena_printf(&arena,
                             "INSERT INTO %s SELECT i, (%s)::%s FROM generate_series(1,9) i", name,
                             plain ? "'t ' || i" : "'{\"b\": \"x\", \"a\": ' || i || '}'",
                             types[i]));
        print_message("# input of type %s\n", types[i]);
        check_fill(name, "body", 4, 9);
    }
    run_sql("CREATE TABLE made (id int PRIMARY KEY, a text, body text GENERATED ALWAYS AS "
            "(a || '!') STORED)");
    run_sql("INSERT INTO made SELECT i, i FROM generate_series(1, 9) i");
    check_fill("made", "body", 4, 9);
}

static void test_partitions(void **state)
{
    (void)state;
    run_sql("CREATE TABLE parts (id int, day date, body text, PRIMARY KEY (day, id)) "
            "PARTITION BY RANGE (day)");
    run_sql("CREATE TABLE parts_a PARTITION OF parts FOR VALUES FROM (MINVALUE) TO ('2024-02-01')");
    run_sql("CREATE TABLE parts_b PARTITION OF parts DEFAULT");
    run_sql("INSERT INTO parts SELECT i, date '2024-01-01' + i, 'p ' || i FROM "
            "generate_series(1, 90) i");
    check_fill("parts", "body", 11, 90);
}

static void test_texts(void **state)
{
    (void)state;
    run_sql("CREATE TABLE texts (id int PRIMARY KEY, body text)");
    run_sql("INSERT INTO texts VALUES (1, NULL), (2, ''), (3, ' \t\n'), (4, E'\\u00a0\\u2003'), "
            "(5, 'a'), (6, repeat('x', 1000000)), (7, E'q''\"\\\\'), (8, NULL)");
    struct target t;
    struct counts c = { 0 };
    struct vz_error err = { 0 };
    resolve("texts", "body", &t);
    assert_ok(catalog_count(db, &t, NULL, &c, &err), &err);
    assert_int_equal(c.rows, 8);
    assert_int_equal(c.embedded, 0);
    assert_int_equal(c.missing, 3);
    assert_int_equal(c.null_text, 2);
    assert_int_equal(c.blank_text, 3);
    assert_ok(catalog_count(db, &t, "id > 4 -- a comment", &c, &err), &err);
    assert_int_equal(c.rows, 4);
    assert_int_equal(c.missing, 3);
}

/* 300 texts of 1 MB in pages of 4 MB: none is skipped, none is read twice. */
static void test_large_texts(void **state)
{
    (void)state;
    run_sql("CREATE TABLE large (id int PRIMARY KEY, body text)");
    run_sql(
        "INSERT INTO large SELECT i, repeat(md5(i::text), CASE WHEN i % 3 = 0 THEN 32000 ELSE 1 "
        "END) FROM generate_series(1, 150) i");
    struct target t;
    struct vz_error err = { 0 };
    resolve_ready("large", "body", &t);
    struct db *reading = open_db();
    struct page_reader *reader = NULL;
    struct page_options options = { .bytes = 4 * MIB };
    assert_ok(page_reader_new(reading, &t, &options, &reader, &err), &err);
    struct page *page = NULL;
    int next = 1;
    for (;;) {
        assert_ok(page_next(reader, &page, &err), &err);
        if (!page)
            break;
        assert_true(page->bytes < 6 * MIB);
        for (size_t i = 0; i < page->n_rows; i++) {
            assert_string_equal(page->rows[i].keys[0], arena_printf(&arena, "%d", next));
            char hash[HASH_HEX_SIZE];
            hash_str(page->rows[i].text, hash);
            assert_string_equal(page->rows[i].hash, hash);
            next++;
        }
        page_free(page);
    }
    assert_int_equal(next, 151);
    page_rewind(reader);
    assert_ok(page_next(reader, &page, &err), &err);
    assert_string_equal(page->rows[0].keys[0], "1");
    page_free(page);
    page_reader_free(reader);
    db_close(reading);
}

/* A text that changed, a row that went, a vector that came between reading and writing. */
static void test_changed_meanwhile(void **state)
{
    (void)state;
    run_sql("CREATE TABLE busy (id int PRIMARY KEY, body text, other int DEFAULT 7)");
    run_sql("INSERT INTO busy SELECT i, 'b ' || i FROM generate_series(1, 6) i");
    struct target t;
    struct vz_error err = { 0 };
    resolve_ready("busy", "body", &t);
    struct db *reading = open_db();
    struct page_reader *reader = NULL;
    struct page *page = NULL;
    struct writer *writer = NULL;
    assert_ok(page_reader_new(reading, &t, &(struct page_options){ 0 }, &reader, &err), &err);
    assert_ok(page_next(reader, &page, &err), &err);
    assert_int_equal(page->n_rows, 6);
    assert_true(page->last);
    run_sql("UPDATE busy SET body = 'changed' WHERE id = 1");
    run_sql("UPDATE busy SET body = NULL WHERE id = 2");
    run_sql("DELETE FROM busy WHERE id = 3");
    run_sql("UPDATE busy SET body_vector = '[9,9,9]' WHERE id = 4");
    struct write_item items[6];
    float rows[6][DIM];
    for (size_t i = 0; i < 6; i++) {
        vector_for(page->rows[i].text, rows[i]);
        items[i] = (struct write_item){ page->rows[i].keys, page->rows[i].hash, rows[i], true };
    }
    assert_ok(writer_new(reading, &t, &writer, &err), &err);
    size_t written = 0;
    assert_ok(writer_write(writer, items, 6, &written, &err), &err);
    assert_int_equal(written, 2);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(items[i].written, i >= 4);
    assert_string_equal(value_of("SELECT count(*) FROM busy WHERE body_vector IS NULL"), "2");
    assert_string_equal(value_of("SELECT body_vector FROM busy WHERE id = 4"), "[9,9,9]");
    assert_string_equal(value_of("SELECT min(other) + max(other) FROM busy"), "14");
    page_free(page);
    page_reader_free(reader);
    writer_free(writer);
    db_close(reading);
}

/* Vectors arrive bit for bit, as text (which every server takes) and in binary form. */
static void test_forms(void **state)
{
    (void)state;
    static const float rows[][DIM] = {
        { 1.0f / 3, -0.1f, 1e-8f },
        { 1.17549421e-38f, -1.4e-45f, 0.5f },
        { 3.40282347e38f, -3.40282347e38f, 1 },
        { -0.0f, 0, 16777216 },
    };
    run_sql("CREATE TABLE forms (id int PRIMARY KEY, body text)");
    run_sql("INSERT INTO forms SELECT i, 'f' || i FROM generate_series(0, 7) i");
    struct target t;
    struct vz_error err = { 0 };
    resolve_ready("forms", "body", &t);
    assert_int_equal((t.vector_oid != 0), db_dialect(db)->kind == DIALECT_POSTGRES);
    char hashes[8][HASH_HEX_SIZE], keys[8][2];
    const char *key_list[8];
    struct write_item items[8];
    for (size_t i = 0; i < 8; i++) {
        hash_str(str_of(arena_printf(&arena, "f%zu", i)), hashes[i]);
        snprintf(keys[i], sizeof keys[i], "%zu", i);
        key_list[i] = keys[i];
        items[i] = (struct write_item){ &key_list[i], hashes[i], rows[i % 4], false };
    }
    struct target as_text = t;
    as_text.vector_oid = 0;
    const struct target *const targets[] = { &t, &as_text };
    for (size_t form = 0; form < 2; form++) {
        struct writer *writer = NULL;
        size_t written = 0;
        assert_ok(writer_new(db, targets[form], &writer, &err), &err);
        assert_ok(writer_write(writer, items + 4 * form, 4, &written, &err), &err);
        assert_int_equal(written, 4);
        writer_free(writer);
    }
    struct rows *found = NULL;
    assert_ok(db_query(db, "SELECT body_vector::text FROM forms ORDER BY id", NULL, 0, &found,
                       &err),
              &err);
    for (size_t i = 0; i < 8; i++) {
        float row[DIM];
        assert_ok(vector_parse(rows_str(found, i, 0), DIM, row, &err), &err);
        assert_memory_equal(row, rows[i % 4], sizeof row);
    }
    rows_free(found);
}

static void test_where(void **state)
{
    (void)state;
    run_sql("CREATE TABLE several (id int PRIMARY KEY, body text, lang text)");
    run_sql("INSERT INTO several SELECT i, 'b' || i, CASE i % 2 WHEN 0 THEN 'en' ELSE 'de' END "
            "FROM generate_series(1, 20) i");
    struct target t;
    resolve_ready("several", "body", &t);
    struct page_options options = { .where = "several.lang = 'en' OR id = 1 -- here", .rows = 3 };
    assert_int_equal(fill_table(&t, &options), 11);
}

/* A page and a batch go through the key's index, however small or unanalysed the table is. */
static void test_plans(void **state)
{
    (void)state;
    run_sql("CREATE TABLE planned (a int, b text, body text, PRIMARY KEY (b, a))");
    run_sql("INSERT INTO planned SELECT i, 'x' || i % 7, 'b' || i FROM generate_series(1, 3000) i");
    run_sql("ANALYZE planned");
    struct target t;
    struct vz_error err = { 0 };
    resolve_ready("planned", "body", &t);
    struct db *c = open_db();
    struct page_reader *reader = NULL;
    struct writer *writer = NULL;
    assert_ok(page_reader_new(c, &t, &(struct page_options){ .rows = 10 }, &reader, &err), &err);
    struct rows *rows = NULL;
    assert_ok(
        db_query(
            c,
            "EXPLAIN SELECT b::text, a::text, body::text FROM planned WHERE body_vector "
            "IS NULL AND body IS NOT NULL AND (b, a) > ($1::text, $2::int) ORDER BY planned.b, "
            "planned.a "
            "LIMIT 10",
            (const char *[]){ "x3", "17" }, 2, &rows, &err),
        &err);
    bool index = false;
    for (size_t i = 0; i < rows_count(rows); i++) {
        assert_null(strstr(rows_text(rows, i, 0), "Sort"));
        assert_null(strstr(rows_text(rows, i, 0), "Seq Scan"));
        index |= strstr(rows_text(rows, i, 0), "Index Cond: (ROW(b, a)") != NULL;
    }
    rows_free(rows);
    assert_true(index);
    page_reader_free(reader);
    db_close(c);

    c = open_db();
    assert_ok(writer_new(c, &t, &writer, &err), &err);
    assert_ok(db_query(c,
                       "EXPLAIN UPDATE planned SET body_vector = v.e::vector(3) FROM "
                       "unnest($1::text[], $2::int[], $3::text[]) AS v(k1, k2, e) WHERE "
                       "planned.b = v.k1 AND planned.a = v.k2 AND body_vector IS NULL",
                       (const char *[]){ "{x1,x2}", "{1,2}", "{a,b}" }, 3, &rows, &err),
              &err);
    index = false;
    for (size_t i = 0; i < rows_count(rows); i++) {
        assert_null(strstr(rows_text(rows, i, 0), "Seq Scan"));
        index |= strstr(rows_text(rows, i, 0), "Index Cond") != NULL;
    }
    rows_free(rows);
    assert_true(index);
    writer_free(writer);
    db_close(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key_types),
        cmocka_unit_test(test_key_values),
        cmocka_unit_test(test_composite_keys),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_input_types),
        cmocka_unit_test(test_partitions),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_large_texts),
        cmocka_unit_test(test_changed_meanwhile),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_where),
        cmocka_unit_test(test_plans),
    };
    return cmocka_run_group_tests(tests, open_fixture, close_fixture);
}
