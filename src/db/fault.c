/* SPDX-License-Identifier: Apache-2.0
 *
 * From what a server or libpq says to an error: the only place that turns a SQLSTATE into a
 * kind, and the only one that decides what of a foreign message may be repeated. Values of rows
 * stand in quotes and in DETAIL of classes 22 and 23; those parts are left out. */
#include "db/conn_impl.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/compiler.h"
#include "base/str.h"

struct state_rule {
    const char *prefix; /* of the SQLSTATE; the first match counts */
    enum vz_kind kind;
    const char *hint; /* NULL: the server's own */
};

/* clang-format off */
static const struct state_rule state_rules[] = {
    { "40001", VZ_RETRY, NULL },                         /* serialisation failure */
    { "40003", VZ_RETRY, NULL },                         /* outcome unknown: closures are repeatable */
    { "40P01", VZ_RETRY, NULL },                         /* deadlock */
    { "57P04", VZ_DB, "The database was dropped." },
    { "57P",   VZ_RETRY, NULL },                         /* shutdown, crash, starting, idle time-out */
    { "08P01", VZ_DB, "The server did not take the message; a smaller batch (-b) may pass." },
    { "08",    VZ_RETRY, NULL },                         /* connection */
    { "58C",   VZ_RETRY, NULL },                         /* CockroachDB: range, node */
    { "53100", VZ_DB, "The server's disk is full. Make room, then run the same command again: it goes on "
                      "where it stopped." },
    { "53",    VZ_RETRY, NULL },                         /* memory, connections */
    { "28",    VZ_DB, "Check user and password; the URL, PGPASSWORD, ~/.pgpass and a service file are read." },
    { "3D000", VZ_DB, "Check the name of the database in the URL." },
    { "3F000", VZ_DB, "Check the name of the schema." },
    { "42501", VZ_DB, "The role needs SELECT and UPDATE on the table; for a new column, its comment and its "
                      "index it needs to own the table (CockroachDB: CREATE on it)." },
    { "42P01", VZ_DB, NULL },
    { "42703", VZ_DB, NULL },
    { "25006", VZ_DB, "The server or the role is read-only: connect to the primary." },
    { "55P03", VZ_DB, "Another session holds a lock on the table; try again later." },
    { "57014", VZ_DB, "A time-out of the server or the role (statement_timeout) ended the statement." },
    { "54000", VZ_DB, "A limit of the server was reached; a smaller batch (-b) may pass." },
};
/* clang-format on */

static const struct state_rule *rule_for(const char *state)
{
    for (size_t i = 0; i < ARRAY_LEN(state_rules); i++)
        if (!strncmp(state, state_rules[i].prefix, strlen(state_rules[i].prefix)))
            return &state_rules[i];
    return NULL;
}

void fault_scrub(const char *message, char *ret, size_t size)
{
    const char *open = strchr(message, '"'), *close = strrchr(message, '"');
    const char *end = message + strcspn(message, "\n");
    if (open && close > open && open < end)
        snprintf(ret, size, "%.*s\"…\"%.*s", (int)(open - message), message,
                 (int)strcspn(close + 1, "\n"), close + 1);
    else
        snprintf(ret, size, "%.*s", (int)(end - message), message);
}

bool fault_cancelled(const struct db *db, struct vz_error *err)
{
    return vz_fail(err, VZ_CANCELLED, "interrupted while talking to %s", db->name);
}

static bool has_values(const char *state)
{
    return !strncmp(state, "22", 2) || !strncmp(state, "23", 2);
}

static bool fault_lost(const struct db *db, struct vz_error *err)
{
    char reason[256] = "";
    if (db->conn)
        fault_scrub(PQerrorMessage(db->conn), reason, sizeof reason);
    vz_fail(err, VZ_RETRY, "lost the connection to %s%s%s", db->name, *reason ? ": " : "", reason);
    snprintf(err->sqlstate, sizeof err->sqlstate, "08006");
    return false;
}

/* Values in messages of class 22 stand after `: "`. */
static void copy_primary(const char *state, const char *primary, char *ret, size_t size)
{
    const char *value = has_values(state) ? strstr(primary, ": \"") : NULL;
    size_t len = value ? (size_t)(value - primary) : strcspn(primary, "\n");
    snprintf(ret, size, "%.*s", (int)len, primary);
}

/* CockroachDB up to 25.3 refuses writes while a vector index is built: whoever builds it. */
bool fault_is_build(const char *state, const char *message)
{
    return !strcmp(state, "0A000") && strstr(message, "vector index while it is being built");
}

bool fault_statement(const struct db *db, const PGresult *result, struct vz_error *err)
{
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    if (!state) // only the client's own errors have none
        return fault_lost(db, err);

    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
    const struct state_rule *rule = rule_for(state);
    char message[400];
    copy_primary(state, primary ? primary : "no message", message, sizeof message);
    bool passes = fault_is_build(state, message);
    vz_fail(err, passes ? VZ_RETRY : rule ? rule->kind : VZ_DB, "%s (SQLSTATE %s)", message, state);
    snprintf(err->sqlstate, sizeof err->sqlstate, "%s", state);
    if (detail && !has_values(state))
        vz_detail(err, "%s", detail);
    if (rule && rule->hint)
        vz_hint(err, "%s", rule->hint);
    else if (hint)
        vz_hint(err, "%s", hint);
    return false;
}

struct connect_rule {
    const char *part; /* of the message */
    bool passing;     /* may be over soon */
    bool wait_first;  /* worth waiting for even when nothing was connected before */
    const char *what, *hint;
};

/* libpq gives no SQLSTATE for a connection that was never made: its words have to do. */
static const struct connect_rule connect_rules[] = {
    { "not accepting clients", true, true, "the server is draining",
      "Try again, or another node." },
    { "starting up", true, true, "the server is starting up", "Try again in a moment." },
    { "shutting down", true, true, "the server is shutting down", "Try again in a moment." },
    { "in recovery mode", true, true, "the server is recovering", "Try again in a moment." },
    { "too many", true, true, "the server has no free connection",
      "Use fewer workers (-w) or wait for others to finish." },
    { "remaining connection slots", true, true, "the server has no free connection",
      "Use fewer workers (-w) or wait for others to finish." },
    { "closed the connection unexpectedly", true, true, "the server closed the connection",
      "Try again, or another node; its log says why." },
    { "password authentication failed", false, false, "wrong user or password",
      "Percent-encode special characters of a password in a URL; PGPASSWORD and ~/.pgpass are "
      "read too." },
    { "no password supplied", false, false, "the server asks for a password",
      "Give it in the URL, in PGPASSWORD or in ~/.pgpass." },
    { "authentication failed", false, false, "the server did not accept the role",
      "Check user, password and certificates." },
    { "no pg_hba.conf entry", false, false, "the server does not admit this client",
      "The server's pg_hba.conf has no line for this host, user, database and encryption." },
    { "does not support SSL", false, false, "the server offers no TLS",
      "Use sslmode=disable or sslmode=prefer if the network is trusted." },
    { "invalid sslmode", false, false, "TLS cannot be set up as asked",
      "sslmode is one of disable, allow, prefer, require, verify-ca, verify-full." },
    { "root certificate file", false, false, "the server's certificate cannot be checked",
      "Give sslrootcert=FILE in the URL." },
    { "certificate", false, false, "TLS was refused",
      "Check sslmode, sslrootcert, sslcert and sslkey." },
    { "SSL", false, false, "TLS was refused", "Check sslmode and the certificates." },
    { "role \"", false, false, "there is no such user", "Check the user in the URL (or PGUSER)." },
    { "database \"", false, false, "there is no such database",
      "Check the database in the URL (or PGDATABASE)." },
    { "translate host name", true, false, "the host name is not known",
      "Check the host in the URL (or PGHOST)." },
    { "Connection refused", true, false, "nothing listens there",
      "Is the server running, and are host and port right? (CockroachDB: 26257, PostgreSQL: "
      "5432)" },
    { "No such file or directory", true, false, "no server on this socket",
      "Is the server running? Give its address with -u URL or VECTORIZE_URL." },
    { "timeout expired", true, false, "the server did not answer in time",
      "Check host, port and firewall; connect_timeout in the URL sets the time." },
};

bool fault_connect(const struct db *db, const char *message, bool first, struct vz_error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(connect_rules); i++) {
        const struct connect_rule *r = &connect_rules[i];
        if (!strcasestr(message, r->part))
            continue;
        bool again = first ? r->wait_first : r->passing;
        vz_fail(err, again ? VZ_RETRY : VZ_DB, "could not connect to %s: %s", db->name, r->what);
        return vz_hint(err, "%s", r->hint);
    }
    char reason[256];
    fault_scrub(message, reason, sizeof reason);
    return vz_fail(err, first ? VZ_DB : VZ_RETRY, "could not connect to %s: %s", db->name, reason);
}
