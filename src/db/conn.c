/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening a connection: what is handed to libpq, what is checked before, and the session that
 * every connection has. */
#include "db/conn_impl.h"

#include <assert.h>
#include <poll.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/clock.h"
#include "db/ident.h"
#include "db/retry.h"

#define CONNECT_TIMEOUT_S 10 /* for each host, unless connect_timeout says otherwise */
#define OPEN_TRIES 8         /* for a server that is starting or has no slot free */
#define OPEN_WAIT_MS 1000
#define SESSION_MAX (DB_SETTINGS_MAX + 16)

bool db_is_cancelled(const struct db *db)
{
    return db->cancel && !db->ignores_cancel && atomic_load(db->cancel);
}

void db_heed_cancel(struct db *db, bool heed)
{
    db->ignores_cancel = !heed;
}

bool db_is_stopping(const struct db *db)
{
    return db_is_cancelled(db) || (db->stop && atomic_load(db->stop));
}

bool db_is_lost(const struct db *db)
{
    return !db->conn || PQstatus(db->conn) != CONNECTION_OK;
}

const struct dialect *db_dialect(const struct db *db)
{
    return &db->dialect;
}

const char *db_name(const struct db *db)
{
    return db->name;
}

const char *db_take_job(struct db *db)
{
    memcpy(db->taken_job, db->job, sizeof db->job);
    db->job[0] = '\0';
    return db->taken_job;
}

/* Notices stay off the terminal; the id of a schema-change job is kept from them. */
static void on_notice(void *arg, const PGresult *result)
{
    static const char mark[] = "waiting for job(s) to complete: ";
    struct db *db = arg;
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *at = text ? strstr(text, mark) : NULL;
    if (!at)
        return;
    at += sizeof mark - 1;
    snprintf(db->job, sizeof db->job, "%.*s", (int)strspn(at, "0123456789"), at);
}

static const char *option_value(const PQconninfoOption *options, const char *keyword)
{
    for (; options && options->keyword; options++)
        if (!strcmp(options->keyword, keyword) && options->val && *options->val)
            return options->val;
    return NULL;
}

/* Host, port or database with an '@' in it: the rest of a password that was not encoded. Such a
 * URL must not even get as far as a message. */
static bool check_split(const PQconninfoOption *options, struct vz_error *err)
{
    const char *host = option_value(options, "host"), *port = option_value(options, "port");
    const char *database = option_value(options, "dbname");
    bool bad_port = port && strspn(port, "0123456789,") != strlen(port);
    if (bad_port || (host && strchr(host, '@')) || (database && strchr(database, '@'))) {
        vz_fail(err, VZ_CONFIG, "the connection URL does not split into host, port and database");
        return vz_hint(err, "Percent-encode special characters of user and password: "
                            "@ is %%40, / is %%2F, : is %%3A.");
    }
    return true;
}

static bool check_url(const char *url, struct vz_error *err)
{
    if (!url || !*url)
        return true;
    if (!strstr(url, "://") && !strchr(url, '='))
        return true; // the name of a database
    char *message = NULL;
    PQconninfoOption *options = PQconninfoParse(url, &message);
    if (!options) {
        char reason[160];
        fault_scrub(message ? message : "out of memory", reason, sizeof reason);
        PQfreemem(message);
        vz_fail(err, VZ_CONFIG, "cannot read the connection URL: %s", reason);
        return vz_hint(err, "Its form is postgresql://USER:PASSWORD@HOST:PORT/DATABASE.");
    }
    bool ok = check_split(options, err);
    PQconninfoFree(options);
    return ok;
}

static void name_connection(struct db *db)
{
    PQconninfoOption *options = PQconninfo(db->conn);
    const char *host = option_value(options, "host"), *database = option_value(options, "dbname");
    const char *port = option_value(options, "port"), *user = option_value(options, "user");
    if (PQstatus(db->conn) == CONNECTION_OK) { // which of several hosts it was
        host = PQhost(db->conn);
        port = PQport(db->conn);
    }
    if (!host)
        host = option_value(options, "hostaddr");
    snprintf(db->name, sizeof db->name, "\"%s\" on %s:%s",
             database ? database
             : user   ? user
                      : "default",
             host ? host : "the local socket", port ? port : "5432");
    PQconninfoFree(options);
}

static PGconn *connect_start(const struct db *db)
{
    // Before dbname: defaults that the URL may change. After it: what has to be.
    const char *keys[] = { "fallback_application_name", "tcp_user_timeout",
                           "keepalives_idle",           "keepalives_interval",
                           "keepalives_count",          "dbname",
                           "client_encoding",           NULL };
    const char *values[] = { db->application, "30000", "30", "10", "3", db->url, "UTF8", NULL };
    return PQconnectStartParams(keys, values, 1);
}

static int64_t connect_deadline(const struct db *db)
{
    PQconninfoOption *options = PQconninfo(db->conn);
    const char *timeout = option_value(options, "connect_timeout");
    const char *host = option_value(options, "host");
    struct str text = str_of(timeout);
    int64_t seconds = str_take_int(&text), hosts = 1;
    for (; host && *host; host++)
        hosts += *host == ',';
    PQconninfoFree(options);
    if (seconds <= 0)
        seconds = CONNECT_TIMEOUT_S;
    return clock_ns() + seconds * hosts * 1000000000;
}

static bool connect_finish(struct db *db, bool first, struct vz_error *err)
{
    int64_t deadline = connect_deadline(db);
    PostgresPollingStatusType want = PGRES_POLLING_WRITING;
    while (want != PGRES_POLLING_OK) {
        if (want == PGRES_POLLING_FAILED)
            return fault_connect(db, PQerrorMessage(db->conn), first, err);
        switch (db_wait(db, want == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline)) {
        case WAIT_CANCELLED:
            return fault_cancelled(db, err);
        case WAIT_TIMEOUT:
            return fault_connect(db, "timeout expired", first, err);
        default:
            want = PQconnectPoll(db->conn);
        }
    }
    return true;
}

#define SET_SIZE 160

static void set_text(const char *name, const char *value, char to[SET_SIZE])
{
    snprintf(to, SET_SIZE, "SET %s = '%s'", name, value);
}

static bool find_dialect(struct db *db, struct vz_error *err)
{
    const char *crdb = PQparameterStatus(db->conn, "crdb_version");
    if (crdb && *crdb) // said at the start of the session: no round trip for it
        return dialect_find(crdb, "", &db->dialect, &db->version, err);
    struct rows *rows = NULL;
    if (!db_query(db, "SELECT version()", NULL, 0, &rows, err))
        return false;
    const char *version = rows_count(rows) ? rows_text(rows, 0, 0) : NULL;
    bool ok = dialect_find(NULL, version ? version : "", &db->dialect, &db->version, err);
    rows_free(rows);
    return ok;
}

/* The settings of a session, sent in one round trip: a far server takes long for each. */
struct session {
    char text[SESSION_MAX][SET_SIZE];
    const char *sql[SESSION_MAX];
    bool optional[SESSION_MAX];
    size_t n;
};

static void session_add(struct session *s, const char *name, const char *value, bool optional)
{
    assert(s->n < SESSION_MAX);
    set_text(name, value, s->text[s->n]);
    s->sql[s->n] = s->text[s->n];
    s->optional[s->n++] = optional;
}

static bool set_up_session(struct db *db, struct vz_error *err)
{
    PQsetnonblocking(db->conn, 1);
    if (!find_dialect(db, err))
        return false;
    struct session session = { 0 };
    for (const struct dialect_setting *s = db->dialect.session; s->name; s++)
        session_add(&session, s->name, s->value, s->optional);
    // Such a database holds any bytes. Asked for UTF-8, it would refuse a whole page because of
    // one row in it; as it is, the reader finds that row.
    const char *encoding = PQparameterStatus(db->conn, "server_encoding");
    if (encoding && !strcmp(encoding, "SQL_ASCII"))
        session_add(&session, "client_encoding", "SQL_ASCII", false);
    for (size_t i = 0; i < db->n_settings; i++)
        session_add(&session, db->settings[i].name, db->settings[i].value, false);
    return db_exec_all(db, session.sql, session.optional, session.n, err);
}

static bool connect_once(struct db *db, bool first, struct vz_error *err)
{
    PQfinish(db->conn);
    db->conn = connect_start(db);
    if (!db->conn)
        oom("connection");
    name_connection(db);
    PQsetNoticeReceiver(db->conn, on_notice, db);
    bool ok = PQstatus(db->conn) == CONNECTION_BAD
                  ? fault_connect(db, PQerrorMessage(db->conn), first, err)
                  : connect_finish(db, first, err);
    if (ok) {
        name_connection(db);
        ok = set_up_session(db, err);
    }
    if (!ok) {
        PQfinish(db->conn);
        db->conn = NULL;
    }
    return ok;
}

bool db_reconnect(struct db *db, struct vz_error *err)
{
    return connect_once(db, false, err);
}

/* A server that is just starting is waited for; anything else fails at once. */
static bool connect_first(struct db *db, struct vz_error *err)
{
    for (int i = 0; i < OPEN_TRIES; i++) {
        if (connect_once(db, true, err))
            return true;
        if (err->kind != VZ_RETRY || db_is_stopping(db))
            return false;
        clock_sleep_ms(OPEN_WAIT_MS);
    }
    err->kind = VZ_DB;
    return false;
}

/* For retry_run, which connects again and thereby sets up the session. */
static bool do_nothing(struct db *db, void *arg, struct vz_error *err)
{
    (void)db, (void)arg, (void)err;
    return true;
}

bool db_open(const struct db_settings *settings, struct db **ret, struct vz_error *err)
{
    const char *url = settings->url && *settings->url ? settings->url : NULL;
    if (!check_url(url, err))
        return false;
    struct db *db = xcalloc(1, sizeof *db);
    db->url = url;
    db->application = settings->application ? settings->application : "vectorize";
    db->cancel = settings->cancel;
    db->stop = settings->stop;
    if (!(settings->known ? retry_run(db, do_nothing, NULL, err) : connect_first(db, err))) {
        db_close(db);
        return false;
    }
    *ret = db;
    return true;
}

bool db_open_beside(const struct db *db, struct db **ret, struct vz_error *err)
{
    return db_open(&(struct db_settings){ .url = db->url,
                                          .application = db->application,
                                          .cancel = db->cancel,
                                          .stop = db->stop },
                   ret, err);
}

void db_set_tick(struct db *db, void (*tick)(void *arg), void *arg)
{
    db->tick = tick;
    db->tick_arg = arg;
    db->next_tick_ns = clock_ns() + TICK_MS * 1000000;
}

void db_close(struct db *db)
{
    if (db)
        PQfinish(db->conn);
    xfree(db);
}

static bool set_again(struct db *db, void *arg, struct vz_error *err)
{
    const struct setting *s = arg;
    char sql[SET_SIZE];
    set_text(s->name, s->value, sql);
    return db_exec(db, sql, err);
}

bool db_set(struct db *db, const char *name, const char *value, struct vz_error *err)
{
    size_t i = 0;
    while (i < db->n_settings && strcmp(db->settings[i].name, name) != 0)
        i++;
    if (i == DB_SETTINGS_MAX)
        return vz_fail(err, VZ_BUG, "more than %d settings on one connection", DB_SETTINGS_MAX);
    struct setting s;
    snprintf(s.name, sizeof s.name, "%s", name);
    snprintf(s.value, sizeof s.value, "%s", value);
    if (!retry_run(db, set_again, &s, err))
        return false;
    db->settings[i] = s;
    if (i == db->n_settings)
        db->n_settings++;
    return true;
}
