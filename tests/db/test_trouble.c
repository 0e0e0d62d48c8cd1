/* SPDX-License-Identifier: Apache-2.0
 *
 * Trouble in the middle: answers that never come, builds that are interrupted, lost, or done by
 * two at once. Whatever happens, calling again ends well. */
#include "fixture.h"

#include <pthread.h>

#include "base/clock.h"
#include "db/retry.h"

/* A connection of its own that keeps a lock, so that a concurrent build has to wait. */
static struct db *locker;

static void hold_lock(const char *table)
{
    struct vz_error err = { 0 };
    locker = open_db();
    assert_ok(db_exec(locker, "BEGIN", &err), &err);
    assert_ok(db_exec(locker, arena_printf(&arena, "LOCK TABLE %s IN ROW EXCLUSIVE MODE", table),
                      &err),
              &err);
}

static void release_lock(void)
{
    struct vz_error err = { 0 };
    assert_ok(db_exec(locker, "ROLLBACK", &err), &err);
    db_close(locker);
}

static void make_table(const char *table)
{
    run_sql(arena_printf(&arena,
                         "CREATE TABLE %s (id int PRIMARY KEY, body text, body_vector "
                         "vector(3))",
                         table));
    run_sql(arena_printf(&arena,
                         "INSERT INTO %s SELECT i, 'b' || i, ARRAY[i, 1, 2]::vector FROM "
                         "generate_series(1, 50) i",
                         table));
}

static void check_one_index(const char *table)
{
    assert_string_equal(
        value_of(arena_printf(&arena,
                              "SELECT string_agg(indisvalid::text, ',') FROM pg_index WHERE "
                              "indrelid = '%s'::regclass AND NOT indisprimary",
                              table)),
        "true");
}

static atomic_bool cancelled;

static void *cancel_soon(void *arg)
{
    (void)arg;
    clock_sleep_ms(400);
    atomic_store(&cancelled, true);
    return NULL;
}

static void test_build_cancelled(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct target t;
    struct db *builder = NULL;
    struct db_settings settings = { .url = getenv("VECTORIZE_URL"), .cancel = &cancelled };
    make_table("stopped");
    resolve("stopped", "body", &t);
    assert_ok(db_open(&settings, &builder, &err), &err);
    hold_lock("stopped");
    pthread_t thread;
    pthread_create(&thread, NULL, cancel_soon, NULL);
    assert_fails(ddl_build_index(builder, &arena, &t, VZ_COSINE, 50, NULL, NULL, &err), &err,
                 VZ_CANCELLED, "interrupted");
    pthread_join(thread, NULL);
    release_lock();
    atomic_store(&cancelled, false);
    db_close(builder);
    assert_ok(ddl_build_index(db, &arena, &t, VZ_COSINE, 50, NULL, NULL, &err), &err);
    check_one_index("stopped");
}

static void *kill_builder_soon(void *arg)
{
    struct vz_error err = { 0 };
    struct db *other = arg;
    clock_sleep_ms(400);
    if (!db_exec(other,
                 "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE "
                 "'CREATE INDEX CONCURRENTLY%' AND datname = current_database()",
                 &err) ||
        !db_exec(locker, "ROLLBACK", &err))
        abort();
    return NULL;
}

static void count_retry(void *arg, int attempt, int64_t wait_ms, const struct vz_error *why)
{
    (void)attempt;
    (void)wait_ms;
    (void)why;
    ++*(int *)arg;
}

static void test_build_lost(void **state)
{
    (void)state;
    int retries = 0;
    struct vz_error err = { 0 };
    struct target t;
    struct db *other = open_db();
    make_table("lost");
    resolve("lost", "body", &t);
    hold_lock("lost");
    pthread_t thread;
    pthread_create(&thread, NULL, kill_builder_soon, other);
    retry_watch(db, count_retry, &retries, 0);
    assert_ok(ddl_build_index(db, &arena, &t, VZ_COSINE, 50, NULL, NULL, &err), &err);
    retry_watch(db, NULL, NULL, 0);
    pthread_join(thread, NULL);
    assert_true(retries > 0);
    db_close(locker);
    db_close(other);
    check_one_index("lost");
}

struct builder {
    struct db *db;
    struct arena arena;
    struct target target;
    struct vz_error err;
    int ticks;
    bool ok;
};

static void on_progress(void *arg, double fraction)
{
    struct builder *b = arg;
    assert_true(fraction <= 1);
    b->ticks++;
}

static void *build_in_thread(void *arg)
{
    struct builder *b = arg;
    b->ok = ddl_build_index(b->db, &b->arena, &b->target, VZ_COSINE, 50, on_progress, b, &b->err);
    return NULL;
}

/* Two builders at once: one builds, the other waits for it. */
static void test_build_twice(void **state)
{
    (void)state;
    struct builder builders[2];
    pthread_t threads[2];
    make_table("twice");
    hold_lock("twice");
    for (size_t i = 0; i < 2; i++) {
        builders[i] = (struct builder){ .db = open_db(), .arena = arena_open(64 * MIB) };
        resolve("twice", "body", &builders[i].target);
        pthread_create(&threads[i], NULL, build_in_thread, &builders[i]);
        clock_sleep_ms(300);
    }
    clock_sleep_ms(2000);
    release_lock();
    for (size_t i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        assert_ok(builders[i].ok, &builders[i].err);
        assert_true(builders[i].ticks > 0);
        assert_non_null(catalog_index_for(&builders[i].target, VZ_COSINE));
        db_close(builders[i].db);
        arena_close(&builders[i].arena);
    }
    check_one_index("twice");
}

/* Does what the attempt did whose answer was lost: half of the rows were written. */
static void write_behind(void *arg, int attempt, int64_t wait_ms, const struct vz_error *why)
{
    (void)arg;
    (void)wait_ms;
    assert_int_equal(attempt, 1);
    assert_string_equal(why->sqlstate, "40003");
    run_sql("ALTER TABLE unsure DISABLE TRIGGER USER");
    run_sql("UPDATE unsure SET body_vector = '[0.1,0.2,0.3]' WHERE id <= 3");
    run_sql("UPDATE unsure SET body_vector = '[7,7,7]' WHERE id = 4"); // somebody else
}

static void test_answer_lost(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct target t;
    run_sql("CREATE TABLE unsure (id int PRIMARY KEY, body text)");
    run_sql("INSERT INTO unsure SELECT i, 'b' || i FROM generate_series(1, 6) i");
    run_sql("CREATE FUNCTION unsure() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
            "'unknown' USING ERRCODE = '40003'; END $$");
    resolve_ready("unsure", "body", &t);
    run_sql("CREATE TRIGGER unsure BEFORE UPDATE ON unsure FOR EACH ROW EXECUTE FUNCTION unsure()");
    struct db *c = open_db();
    struct page_reader *reader = NULL;
    struct page *page = NULL;
    struct writer *writer = NULL;
    assert_ok(page_reader_new(c, &t, &(struct page_options){ 0 }, &reader, &err), &err);
    assert_ok(page_next(reader, &page, &err), &err);
    assert_ok(writer_new(c, &t, &writer, &err), &err);
    struct write_item items[6];
    float row[DIM] = { 0.1f, 0.2f, 0.3f };
    for (size_t i = 0; i < 6; i++)
        items[i] = (struct write_item){ page->rows[i].keys, page->rows[i].hash, row, false };
    size_t written = 0;
    retry_watch(c, write_behind, NULL, 0);
    assert_ok(writer_write(writer, items, 6, &written, &err), &err);
    assert_int_equal(written, 5);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(items[i].written, i != 3);
    page_free(page);
    page_reader_free(reader);
    writer_free(writer);
    db_close(c);
}

/* A batch larger than one statement may be is several statements. */
static void test_large_batch(void **state)
{
    (void)state;
    enum { ROWS = 400, WIDE = 2000 };
    struct vz_error err = { 0 };
    struct target t;
    run_sql("CREATE TABLE broad (id int PRIMARY KEY, body text)");
    run_sql("INSERT INTO broad SELECT i, 'b' || i FROM generate_series(1, 400) i");
    resolve("broad", "body", &t);
    assert_ok(ddl_add_column(db, &arena, &t, WIDE, &err), &err);
    struct db *c = open_db();
    struct page_reader *reader = NULL;
    struct page *page = NULL;
    struct writer *writer = NULL;
    assert_ok(page_reader_new(c, &t, &(struct page_options){ .rows = ROWS, .bytes = MIB }, &reader,
                              &err),
              &err);
    assert_ok(writer_new(c, &t, &writer, &err), &err);
    float *row = calloc(WIDE, sizeof *row);
    for (size_t i = 0; i < WIDE; i++)
        row[i] = 0.0123456789f + (float)i * 1.1e-5f;
    size_t total = 0;
    for (;;) {
        assert_ok(page_next(reader, &page, &err), &err);
        if (!page)
            break;
        struct write_item items[ROWS];
        size_t written = 0;
        for (size_t i = 0; i < page->n_rows; i++)
            items[i] = (struct write_item){ page->rows[i].keys, page->rows[i].hash, row, false };
        assert_ok(writer_write(writer, items, page->n_rows, &written, &err), &err);
        assert_int_equal(written, page->n_rows);
        total += written;
        page_free(page);
    }
    assert_int_equal(total, ROWS);
    assert_string_equal(value_of("SELECT count(DISTINCT body_vector::text) || ' ' || "
                                 "count(body_vector) FROM broad"),
                        "1 400");
    free(row);
    page_reader_free(reader);
    writer_free(writer);
    db_close(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_build_cancelled), cmocka_unit_test(test_build_lost),
        cmocka_unit_test(test_build_twice),     cmocka_unit_test(test_answer_lost),
        cmocka_unit_test(test_large_batch),
    };
    return cmocka_run_group_tests(tests, open_fixture, close_fixture);
}
