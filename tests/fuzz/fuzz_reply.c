/* SPDX-License-Identifier: Apache-2.0
 *
 * Any answers of a server to everything that is asked of it: catalogue, counts, jobs, plans, pages,
 * writes, nearest rows, stamps. The first line is the server's version; after it, each statement
 * takes the next answer:
 *
 *     1 <TAB> public <TAB> notes        a line a row; \N is NULL
 *     %3                                no row of three columns
 *     !40001                            an error
 *     <empty line>                      the end of an answer
 *
 * Whatever comes, a call succeeds or fails with a sentence. exec.c and retry.c, the only callers of
 * libpq's network side, are not linked: the functions below stand in for them. */
#include "fuzz.h"

#include <stdatomic.h>
#include <string.h>

#include "db/conn_impl.h"
#include "db/ddl.h"
#include "db/nearest.h"
#include "db/page.h"
#include "db/stamped.h"
#include "db/write.h"

#define MAX_COLUMNS 70
#define MAX_DIM 64
#define MAX_STATEMENTS 300 /* a server that goes on for ever is stopped by its user */

static struct str input;
static size_t statements;

/* --- the server ---------------------------------------------------------------------------- */

static struct str take_line(void)
{
    struct str_cut c = str_cut(input, '\n');
    input = c.ok ? c.tail : (struct str){ 0 };
    return c.head;
}

static bool fail(const char *state, struct vz_error *err)
{
    bool retry = !strncmp(state, "40", 2);
    vz_fail(err, retry ? VZ_RETRY : VZ_DB, "refused (SQLSTATE %.5s)", state);
    snprintf(err->sqlstate, sizeof err->sqlstate, "%.5s", state);
    return false;
}

static void add_columns(PGresult *r, int n)
{
    PGresAttDesc columns[MAX_COLUMNS] = { 0 };
    static char name[] = "column";
    for (int i = 0; i < n; i++)
        columns[i].name = name;
    fuzz_check(PQsetResultAttrs(r, n, columns));
}

static void add_row(PGresult *r, struct str line)
{
    static char nothing[1];
    int row = PQntuples(r);
    for (int c = 0; c < PQnfields(r); c++) {
        struct str_cut cut = str_cut(line, '\t');
        bool null = !cut.head.p || str_is(cut.head, "\\N");
        char *value = null ? NULL : cut.head.len ? (char *)cut.head.p : nothing;
        fuzz_check(PQsetvalue(r, row, c, value, null ? -1 : (int)cut.head.len));
        line = cut.ok ? cut.tail : (struct str){ 0 };
    }
}

static int count_cells(struct str line)
{
    int n = 1;
    for (size_t i = 0; i < line.len; i++)
        n += line.p[i] == '\t';
    return n < MAX_COLUMNS ? n : MAX_COLUMNS;
}

/* NULL: the statement failed. */
static PGresult *next_answer(struct vz_error *err)
{
    if (!input.len || ++statements > MAX_STATEMENTS) {
        vz_fail(err, VZ_DB, "no more answers");
        return NULL;
    }
    struct str line = take_line();
    if (line.len && *line.p == '!') {
        char state[6] = "";
        memcpy(state, line.p + 1, line.len - 1 < 5 ? line.len - 1 : 5);
        take_line();
        fail(state, err);
        return NULL;
    }
    PGresult *r = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    if (line.len > 1 && *line.p == '%') {
        add_columns(r, 1 + (unsigned char)line.p[1] % 16);
        take_line();
        return r;
    }
    if (line.len)
        add_columns(r, count_cells(line));
    for (; line.len; line = take_line())
        add_row(r, line);
    return r;
}

bool db_query(struct db *db, const char *sql, const char *const *params, size_t n_params,
              struct rows **ret, struct vz_error *err)
{
    (void)db;
    (void)sql;
    (void)params;
    (void)n_params;
    PGresult *r = next_answer(err);
    if (!r)
        return false;
    *ret = rows_new(r);
    return true;
}

bool db_query_binary(struct db *db, const char *sql, const struct db_params *params,
                     struct rows **ret, struct vz_error *err)
{
    return db_query(db, sql, params->values, params->n, ret, err);
}

bool db_exec(struct db *db, const char *sql, struct vz_error *err)
{
    if (!strncmp(sql, "SET ", 4))
        return true;
    struct rows *rows = NULL;
    bool ok = db_query(db, sql, NULL, 0, &rows, err);
    if (ok)
        rows_free(rows);
    return ok;
}

bool db_exec_all(struct db *db, const char *const *sql, const bool *optional, size_t n,
                 struct vz_error *err)
{
    (void)db;
    (void)sql;
    (void)optional;
    (void)n;
    (void)err;
    return true;
}

bool db_stream(struct db *db, const char *sql, const char *const *params, size_t n_params,
               size_t n_columns, db_row_fn *each, void *arg, struct vz_error *err)
{
    (void)db;
    (void)sql;
    (void)params;
    (void)n_params;
    PGresult *r = next_answer(err);
    struct str values[MAX_COLUMNS];
    bool ok = r != NULL, more = true;
    for (int i = 0; ok && more && i < PQntuples(r); i++) {
        // what exec.c promises
        if ((size_t)PQnfields(r) != n_columns)
            ok = fail("XX000", err);
        for (int c = 0; ok && c < PQnfields(r); c++) {
            if (PQgetisnull(r, i, c))
                ok = fail("XX000", err);
            values[c] = (struct str){ PQgetvalue(r, i, c), (size_t)PQgetlength(r, i, c) };
        }
        more = ok && each(arg, values, n_columns);
    }
    PQclear(r);
    return ok;
}

enum wait_result db_wait(struct db *db, short events, int64_t deadline_ns)
{
    (void)db;
    (void)events;
    (void)deadline_ns;
    return WAIT_FAILED;
}

bool retry_run(struct db *db, retry_fn *work, void *arg, struct vz_error *err)
{
    for (int i = 0; i < 3; i++) {
        if (work(db, arg, err))
            return true;
        if (err->kind != VZ_RETRY)
            return false;
    }
    return false;
}

/* --- what is asked of it ------------------------------------------------------------------- */

#define CHECK_SAID(call)                                                                           \
    do {                                                                                           \
        err = (struct vz_error){ 0 };                                                              \
        if (!(call))                                                                               \
            fuzz_check(err.kind &&err.message[0]);                                                 \
    } while (0)

static void read_pages(struct db *db, const struct target *t)
{
    struct vz_error err = { 0 };
    struct page_reader *r = NULL;
    struct page *page = NULL;
    if (!page_reader_new(db, t, &(struct page_options){ .follower_reads = true }, &r, &err))
        return;
    do {
        page = NULL;
        CHECK_SAID(page_next(r, &page, &err));
        for (size_t i = 0; page && i < page->n_rows; i++)
            fuzz_check(strlen(page->rows[i].hash) == HASH_HEX_SIZE - 1);
        page_free(page);
    } while (page);
    page_reader_free(r);
}

static void write_rows(struct db *db, const struct target *t, const float *vector)
{
    struct vz_error err = { 0 };
    struct writer *w = NULL;
    const char *keys[KEY_COLUMNS_MAX];
    for (size_t i = 0; i < t->n_keys; i++)
        keys[i] = "1";
    struct write_item items[] = { { keys, "00", vector, false }, { keys, "01", vector, false } };
    size_t written = 0;
    if (!writer_new(db, t, &w, &err))
        return;
    CHECK_SAID(writer_write(w, items, 2, &written, &err));
    fuzz_check(written <= 2);
    writer_free(w);
}

static void search(struct db *db, struct arena *arena, const struct target *t, const float *vector)
{
    struct vz_error err = { 0 };
    struct rows *rows = NULL;
    struct nearest_info info;
    struct nearest_query q = { .vector = vector, .limit = 3, .metric = VZ_COSINE };
    CHECK_SAID(nearest_rows(db, arena, t, &q, &rows, &info, &err));
    for (size_t i = 0; i < (rows ? rows_count(rows) : 0); i++)
        for (size_t c = 1; c <= t->n_keys; c++)
            fuzz_check(rows_text(rows, i, c));
    rows_free(rows);
}

static void use_target(struct db *db, struct arena *arena, struct target *t)
{
    struct vz_error err = { 0 };
    struct counts counts;
    struct index_plan plan;
    float vector[MAX_DIM] = { 1 };
    CHECK_SAID(catalog_count(db, t, NULL, &counts, &err));
    CHECK_SAID(ddl_ensure_vector_type(db, arena, &err));
    CHECK_SAID(ddl_add_column(db, arena, t, 8, &err));
    struct stamp s = { .version = STAMP_VERSION, .model = "m", .fingerprint = "f", .dimension = 8 };
    if (!t->vector.exists)
        return;
    CHECK_SAID(ddl_stamp(db, arena, t, &s, &err));
    if (!t->vector.exists || t->vector.dim < 1 || t->vector.dim > MAX_DIM)
        return;
    CHECK_SAID(ddl_plan_index(db, arena, t, VZ_COSINE, 10, &plan, &err));
    read_pages(db, t);
    write_rows(db, t, vector);
    search(db, arena, t, vector);
    CHECK_SAID(ddl_build_index(db, arena, t, VZ_COSINE, 10, NULL, NULL, &err));
}

static void ask_all(struct db *db, struct arena *arena)
{
    static const struct target_names names[] = { { "t", "body", NULL }, { "s.t", NULL, NULL } };
    struct vz_error err = { 0 };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct target t;
        CHECK_SAID(catalog_resolve(db, arena, &names[i], &t, &err));
        if (!err.kind)
            use_target(db, arena, &t);
    }
    struct stamped_column *list = NULL;
    size_t n = 0;
    CHECK_SAID(stamped_list(db, arena, &list, &n, &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    static const atomic_bool stop = true;
    if (!arena.base)
        arena = arena_open(256 * 1024 * 1024);
    if (size > 65536)
        return 0;
    struct arena scratch = arena;
    input = (struct str){ (const char *)data, size };
    statements = 0;
    struct vz_error err = { 0 };
    struct db db = { .stop = &stop };
    const char *version = arena_strdup(&scratch, take_line());
    if (dialect_find(NULL, version, &db.dialect, &db.version, &err))
        ask_all(&db, &scratch);
    else
        fuzz_check(err.message[0]);
    return 0;
}
