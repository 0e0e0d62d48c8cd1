/* SPDX-License-Identifier: Apache-2.0
 *
 * Connections that fail, get lost, are cancelled; what is repeated and what is not; and that no
 * secret and no row text is in a message. */
#include "fixture.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "db/retry.h"

static bool is_in(const struct vz_error *err, const char *part)
{
    return strstr(err->message, part) || strstr(err->detail, part) || strstr(err->hint, part);
}

static void test_secrets(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "postgresql://me:s3cr3t@127.0.0.1:1/db",
        "postgresql://me:s3cr3t@nowhere.invalid/db",
        "postgresql://me:p@s3cr3t@127.0.0.1:1/db",
        "postgresql://me:s3cr3t/x@127.0.0.1:1/db",
        "postgresql://me:s3cr3t%zz@127.0.0.1:1/db",
        "postgresql://me:s3cr3t@127.0.0.1:port/db",
        "postgresql://me:s3cr3t@127.0.0.1:1/db?sslmode=s3cr3t",
        "postgresql://me@127.0.0.1:1/db?password=s3cr3t&no_such=s3cr3t",
        "host=127.0.0.1 port=1 password=s3cr3t nonsense",
        "host=127.0.0.1 port=1 password='s3cr3t",
        "s3cr3t=x",
        "postgresql://me:s3cr3t@127.0.0.1:1/db?connect_timeout=abc",
    };
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        struct vz_error err = { 0 };
        struct db *ret = NULL;
        struct db_settings settings = { .url = urls[i] };
        assert_false(db_open(&settings, &ret, &err));
        print_message("# %s\n", err.message);
        assert_null(ret);
        assert_false(is_in(&err, "s3cr3t"));
        assert_true(err.kind == VZ_DB || err.kind == VZ_CONFIG);
        assert_true(err.message[0] && err.hint[0]);
    }
}

static void test_refused(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct db *ret = NULL;
    static const struct {
        const char *url, *message;
    } cases[] = {
        { "postgresql://127.0.0.1:1/db", "nothing listens there" },
        { "postgresql://nowhere.invalid/db", "host name is not known" },
        { "postgresql:///db?host=/nowhere", "no server on this socket" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct db_settings settings = { .url = cases[i].url };
        assert_fails(db_open(&settings, &ret, &err), &err, VZ_DB, cases[i].message);
    }
}

static int silent_socket(const char *dir)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    snprintf(to.sun_path, sizeof to.sun_path, "%s/.s.PGSQL.5432", dir);
    assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(listen(fd, 5), 0);
    return fd;
}

static void remove_socket(const char *dir, int fd)
{
    char path[128];
    snprintf(path, sizeof path, "%s/.s.PGSQL.5432", dir);
    close(fd);
    unlink(path);
    rmdir(dir);
}

/* The test database's URL with one part of it changed; skips when the part is not in it. */
static const char *changed_url(const char *part, const char *with)
{
    const char *url = getenv("VECTORIZE_URL"), *at = strstr(url, part);
    if (!at)
        skip();
    return arena_printf(&arena, "%.*s%s%s", (int)(at - url), url, with, at + strlen(part));
}

static void test_credentials(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct db *ret = NULL;
    const struct {
        const char *url, *message;
    } cases[] = {
        { changed_url(":tester@", ":wr0ng@"), "wrong user or password" },
        { changed_url(":tester@", "@"), "asks for a password" },
        { changed_url("/tester:", "/nobody:"), "wrong user or password" },
        { arena_printf(&arena, "%s?sslmode=require", getenv("VECTORIZE_URL")), "offers no TLS" },
        { arena_printf(&arena, "%s_none", getenv("VECTORIZE_URL")), "no such database" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct db_settings settings = { .url = cases[i].url };
        assert_fails(db_open(&settings, &ret, &err), &err, VZ_DB, cases[i].message);
        assert_false(is_in(&err, "wr0ng") || !err.hint[0]);
    }
}

/* A server that takes the connection and never answers. */
static void test_silent_server(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct db *ret = NULL;
    char url[128], dir[] = "/tmp/vectorize-silent.XXXXXX";
    assert_non_null(mkdtemp(dir));
    int fd = silent_socket(dir);
    snprintf(url, sizeof url, "postgresql:///db?host=%s&connect_timeout=1", dir);
    struct db_settings settings = { .url = url };
    double began = clock_seconds();
    assert_fails(db_open(&settings, &ret, &err), &err, VZ_DB, "did not answer in time");
    assert_true(clock_seconds() - began < 3);
    remove_socket(dir, fd);
}

static bool repeatable(struct db *conn, void *arg, struct vz_error *err)
{
    int *n = arg;
    ++*n;
    return db_exec(conn, "SELECT fault()", err);
}

static void make_fault(const char *state, int times)
{
    run_sql("DROP SEQUENCE IF EXISTS faults");
    run_sql("CREATE SEQUENCE faults");
    run_sql(arena_printf(&arena,
                         "CREATE OR REPLACE FUNCTION fault() RETURNS int LANGUAGE plpgsql AS $$ "
                         "BEGIN IF nextval('faults') <= %d THEN RAISE EXCEPTION 'made up' USING "
                         "ERRCODE = '%s'; END IF; RETURN 1; END $$",
                         times, state));
}

static void test_retry_states(void **state)
{
    (void)state;
    static const struct {
        const char *state;
        bool repeated;
    } cases[] = {
        { "40001", true },  { "40003", true },  { "40P01", true },  { "08006", true },
        { "57P01", true },  { "57P03", true },  { "58C00", true },  { "53200", true },
        { "53300", true },  { "53100", false }, { "42501", false }, { "22012", false },
        { "XX000", false }, { "08P01", false }, { "57014", false }, { "23505", false },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct vz_error err = { 0 };
        int n = 0;
        make_fault(cases[i].state, 2);
        bool ok = retry_run(db, repeatable, &n, &err);
        assert_int_equal(ok, cases[i].repeated);
        assert_int_equal(n, cases[i].repeated ? 3 : 1);
        if (!ok) {
            assert_int_equal(err.kind, VZ_DB);
            assert_string_equal(err.sqlstate, cases[i].state);
        }
    }
}

struct notes {
    int n;
    int64_t longest;
};

static void on_retry(void *arg, int attempt, int64_t wait_ms, const struct vz_error *why)
{
    struct notes *notes = arg;
    assert_int_equal(attempt, ++notes->n);
    assert_int_equal(why->kind, VZ_RETRY);
    if (wait_ms > notes->longest)
        notes->longest = wait_ms;
}

static void test_gives_up(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct notes notes = { 0 };
    int n = 0;
    make_fault("40001", 1000000);
    retry_watch(db, on_retry, &notes, 400);
    assert_fails(retry_run(db, repeatable, &n, &err), &err, VZ_DB, "gave up after");
    assert_true(n > 2 && notes.n == n - 1);
    assert_non_null(strstr(err.hint, "Nothing is lost"));
    retry_watch(db, NULL, NULL, 0);
}

static void test_lost_connection(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct db *other = open_db();
    int n = 0;
    make_fault("40001", 0);
    assert_ok(db_set(other, "work_mem", "1234kB", &err), &err);
    for (int i = 0; i < 3; i++) {
        run_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> "
                "pg_backend_pid() AND datname = current_database() AND application_name = "
                "'vectorize'");
        n = 0;
        assert_ok(retry_run(other, repeatable, &n, &err), &err);
        assert_int_equal(n, 2);
    }
    struct rows *rows = NULL;
    assert_ok(db_query(other, "SELECT current_setting('work_mem'), current_setting('timezone')",
                       NULL, 0, &rows, &err),
              &err);
    assert_string_equal(rows_text(rows, 0, 0), "1234kB"); // settings outlive the connection
    assert_string_equal(rows_text(rows, 0, 1), "UTC");
    rows_free(rows);
    db_close(other);
}

static atomic_bool cancelled, stopping;

static void *set_soon(void *flag)
{
    clock_sleep_ms(300);
    atomic_store((atomic_bool *)flag, true);
    return NULL;
}

static bool sleeping(struct db *conn, void *arg, struct vz_error *err)
{
    return db_exec(conn, arg, err);
}

/* A server that was there a moment ago is waited for; one that nobody saw is an error at once. */
static void test_known_server(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct db *other = NULL;
    struct db_settings settings = { .url = "postgresql://x@127.0.0.1:1/x", .stop = &stopping };
    assert_fails(db_open(&settings, &other, &err), &err, VZ_DB, "nothing listens there");
    settings.known = true;
    pthread_t thread;
    double began = clock_seconds();
    pthread_create(&thread, NULL, set_soon, &stopping);
    assert_fails(db_open(&settings, &other, &err), &err, VZ_CANCELLED, "interrupted");
    pthread_join(thread, NULL);
    assert_true(clock_seconds() - began > 0.25);
    atomic_store(&stopping, false);

    // A setting is made on the connection that comes after a lost one.
    other = open_db();
    run_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND datname = current_database() AND application_name = 'vectorize'");
    assert_ok(db_set(other, "work_mem", "1235kB", &err), &err);
    struct rows *rows = NULL;
    assert_ok(db_query(other, "SELECT current_setting('work_mem')", NULL, 0, &rows, &err), &err);
    assert_string_equal(rows_text(rows, 0, 0), "1235kB");
    rows_free(rows);
    db_close(other);
}

static void test_cancel(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct db *other = NULL;
    struct db_settings settings = { .url = getenv("VECTORIZE_URL"),
                                    .cancel = &cancelled,
                                    .stop = &stopping,
                                    .application = "cancelled" };
    assert_ok(db_open(&settings, &other, &err), &err);
    pthread_t thread;
    double began = clock_seconds();
    pthread_create(&thread, NULL, set_soon, &cancelled);
    char sql[] = "SELECT pg_sleep(30)";
    assert_fails(retry_run(other, sleeping, sql, &err), &err, VZ_CANCELLED, "interrupted");
    pthread_join(thread, NULL);
    assert_true(clock_seconds() - began < 2);
    assert_string_equal(value_of("SELECT count(*) FROM pg_stat_activity WHERE application_name = "
                                 "'cancelled' AND state = 'active'"),
                        "0");
    assert_fails(db_exec(other, "SELECT 1", &err), &err, VZ_CANCELLED, "");
    atomic_store(&cancelled, false);
    assert_ok(db_exec(other, "SELECT 1", &err), &err);

    // stop: a statement that runs may end, a wait for another attempt may not.
    int n = 0;
    make_fault("40001", 1000000);
    pthread_create(&thread, NULL, set_soon, &stopping);
    began = clock_seconds();
    assert_fails(retry_run(other, repeatable, &n, &err), &err, VZ_CANCELLED, "interrupted");
    pthread_join(thread, NULL);
    assert_true(clock_seconds() - began < 2);
    assert_ok(db_exec(other, "SELECT pg_sleep(0.2)", &err), &err);
    atomic_store(&stopping, false);
    db_close(other);
}

static void test_session(void **state)
{
    (void)state;
    static const char *const settings[][2] = {
        { "client_encoding", "UTF8" },       { "TimeZone", "UTC" },
        { "bytea_output", "hex" },           { "extra_float_digits", "3" },
        { "statement_timeout", "0" },        { "DateStyle", "ISO, MDY" },
        { "application_name", "vectorize" },
    };
    for (size_t i = 0; i < ARRAY_LEN(settings); i++)
        assert_string_equal(value_of(arena_printf(&arena, "SELECT current_setting('%s')",
                                                  settings[i][0])),
                            settings[i][1]);
}

/* What stands in rows and parameters stays out of messages. */
static void test_values_stay_out(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct rows *rows = NULL;
    const char *secret = "s3cr3t row";
    assert_false(db_query(db, "SELECT $1::text::int", &secret, 1, &rows, &err));
    assert_false(is_in(&err, "s3cr3t"));
    run_sql("CREATE TABLE checked (t text CHECK (length(t) < 3))");
    assert_false(db_query(db, "INSERT INTO checked VALUES ($1)", &secret, 1, &rows, &err));
    assert_false(is_in(&err, "s3cr3t"));
    assert_non_null(strstr(err.message, "checked"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_secrets),         cmocka_unit_test(test_refused),
        cmocka_unit_test(test_credentials),     cmocka_unit_test(test_silent_server),
        cmocka_unit_test(test_retry_states),    cmocka_unit_test(test_gives_up),
        cmocka_unit_test(test_lost_connection), cmocka_unit_test(test_known_server),
        cmocka_unit_test(test_cancel),          cmocka_unit_test(test_session),
        cmocka_unit_test(test_values_stay_out),
    };
    return cmocka_run_group_tests(tests, open_fixture, close_fixture);
}
