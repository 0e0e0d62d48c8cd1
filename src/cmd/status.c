/* SPDX-License-Identifier: Apache-2.0
 *
 * status: what is embedded and what is missing. */
#include <inttypes.h>

#include "cli/json_out.h"
#include "cli/table.h"
#include "cmd/cmd.h"
#include "db/catalog.h"
#include "db/conn.h"
#include "db/retry.h"
#include "db/stamped.h"

static bool status_run(struct invocation *inv, struct vz_error *err);

struct status_options {
    struct column_options column;
    struct connection_options connection;
};

static const struct option_group status_groups[] = {
    { "Column", column_rows, offsetof(struct status_options, column) },
    { "Connection", connection_rows, offsetof(struct status_options, connection) },
    { 0 },
};

static const struct example status_examples[] = {
    { "vectorize status", "which columns of the database are embedded, and with what" },
    { "vectorize status -t products", "how far the table is" },
    { "vectorize status -t products --json | jq .rows.missing", "for a monitor" },
    { 0 },
};

const struct command status_command = {
    .name = "status",
    .summary = "show what is embedded and what is missing",
    .details = "Counts the rows of a table: with a vector, without one, and without a usable text; "
               "and shows the stamp (which model made the vectors) and the index. The counts are "
               "exact and read the whole table once. Nothing is written, no model is opened.\n\n"
               "Without --table all stamped columns of the database are listed.",
    .examples = status_examples,
    .options_size = sizeof(struct status_options),
    .groups = status_groups,
    .run = status_run,
};

/* --- all stamped columns ---------------------------------------------------------------- */

static json_t *stamp_json(const struct stamp *s)
{
    json_t *o = json_object();
    json_object_set_new(o, "model", json_text(s->model));
    json_object_set_new(o, "module", json_text(s->module));
    json_object_set_new(o, "fingerprint", json_text(s->fingerprint));
    json_object_set_new(o, "precision", json_text(s->precision));
    json_object_set_new(o, "dimension", json_integer(s->dimension));
    json_object_set_new(o, "metric", json_text(metric_name(s->metric)));
    json_object_set_new(o, "input", json_text(s->input));
    json_object_set_new(o, "document_prompt", json_text(s->document_prompt));
    json_object_set_new(o, "query_prompt", json_text(s->query_prompt));
    json_object_set_new(o, "tool", json_text(s->tool));
    return o;
}

static bool list_json(FILE *out, const struct stamped_column *list, size_t n, struct vz_error *err)
{
    json_t *columns = json_array(), *root = json_object();
    for (size_t i = 0; i < n; i++) {
        json_t *o = json_object();
        json_object_set_new(o, "table", json_text(list[i].table));
        json_object_set_new(o, "vector", json_text(list[i].column));
        json_object_set_new(o, "stamp", stamp_json(&list[i].stamp));
        json_array_append_new(columns, o);
    }
    json_object_set_new(root, "columns", columns);
    return json_print(out, root, err);
}

static void list_table(struct invocation *inv, const struct stamped_column *list, size_t n)
{
    static const struct table_column columns[] = {
        { "TABLE" }, { "INPUT" }, { "VECTOR" }, { "DIM", .right = true }, { "MODEL", .cut = true },
    };
    struct table *t = table_new(columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < n; i++)
        table_row(t,
                  (const char *[]){ list[i].table, list[i].stamp.input, list[i].column,
                                    arena_printf(inv->arena, "%" PRId64, list[i].stamp.dimension),
                                    list[i].stamp.model });
    table_print(t, inv->out);
    table_free(t);
}

static bool list_columns(struct invocation *inv, struct db *db, struct vz_error *err)
{
    struct stamped_column *list = NULL;
    size_t n = 0;
    if (!stamped_list(db, inv->arena, &list, &n, err))
        return false;
    if (inv->general.json)
        return list_json(inv->out, list, n, err);
    if (n)
        list_table(inv, list, n);
    else
        fprintf(inv->out, "no column of %s is embedded yet\n", db_name(db));
    return true;
}

/* --- one column ------------------------------------------------------------------------- */

static const char *index_state(const struct vector_index *i)
{
    return i->building ? "being built" : !i->valid ? "broken" : i->usable ? "ready" : "not usable";
}

static json_t *indexes_json(const struct vector_column *v)
{
    json_t *list = json_array();
    for (size_t i = 0; i < v->n_indexes; i++) {
        json_t *o = json_object();
        json_object_set_new(o, "name", json_text(v->indexes[i].name));
        json_object_set_new(o, "metric", json_text(metric_name(v->indexes[i].metric)));
        json_object_set_new(o, "state", json_text(index_state(&v->indexes[i])));
        json_object_set_new(o, "definition",
                            json_text(v->indexes[i].definition ? v->indexes[i].definition : ""));
        json_array_append_new(list, o);
    }
    return list;
}

static bool column_json(FILE *out, const struct target *t, const struct counts *c,
                        struct vz_error *err)
{
    json_t *rows = json_object(), *root = json_object();
    json_object_set_new(rows, "total", json_integer(c->rows));
    json_object_set_new(rows, "embedded", json_integer(c->embedded));
    json_object_set_new(rows, "missing", json_integer(c->missing));
    json_object_set_new(rows, "unusable", json_integer(c->null_text + c->blank_text));
    json_object_set_new(rows, "null", json_integer(c->null_text));
    json_object_set_new(rows, "blank", json_integer(c->blank_text));
    json_object_set_new(rows, "stale", json_integer(c->stale_blank));
    json_object_set_new(root, "table", json_text(t->table.text));
    json_object_set_new(root, "input", json_text(t->input.name));
    json_object_set_new(root, "vector", json_text(t->vector.name));
    json_object_set_new(root, "exists", json_boolean(t->vector.exists));
    json_object_set_new(root, "rows", rows);
    json_object_set_new(root, "stamp",
                        t->vector.has_stamp ? stamp_json(&t->vector.stamp) : json_null());
    json_object_set_new(root, "indexes", indexes_json(&t->vector));
    return json_print(out, root, err);
}

static void column_indexes(FILE *out, const struct vector_column *v)
{
    if (v->n_indexes == 0)
        table_fact(out, "index", "none: a search compares every row");
    for (size_t i = 0; i < v->n_indexes; i++)
        table_fact(out, "index", "%s (%s), %s", v->indexes[i].name,
                   metric_name(v->indexes[i].metric), index_state(&v->indexes[i]));
}

static void column_text(FILE *out, const struct target *t, const struct counts *c)
{
    const struct stamp *s = &t->vector.stamp;
    table_fact(out, "column", "%s.%s%s", t->table.text, t->vector.name,
               t->vector.exists ? "" : " (not there yet)");
    table_fact(out, "input", "%s", t->input.name);
    table_fact(out, "rows", "%" PRId64, c->rows);
    table_fact(out, "embedded", "%" PRId64, c->embedded);
    table_fact(out, "missing", "%" PRId64, c->missing);
    table_fact(out, "unusable", "%" PRId64 " (%" PRId64 " NULL, %" PRId64 " blank)",
               c->null_text + c->blank_text, c->null_text, c->blank_text);
    if (c->stale_blank)
        table_fact(out, "stale", "%" PRId64 " rows have a vector and no usable text any more",
                   c->stale_blank);
    if (t->vector.has_stamp)
        table_fact(out, "model", "%s, %" PRId64 " dimensions, %s", s->model, s->dimension,
                   metric_name(s->metric));
    else
        table_fact(out, "model", "not known: the column has no stamp");
    column_indexes(out, &t->vector);
}

struct look {
    struct arena *arena;
    struct target_names names;
    const char *where;
    struct target target;
    struct counts counts;
};

static bool look(struct db *db, void *arg, struct vz_error *err)
{
    struct look *l = arg; // reads only: may be repeated
    return catalog_resolve(db, l->arena, &l->names, &l->target, err) &&
           catalog_count(db, &l->target, l->where, &l->counts, err);
}

static bool show_column(struct invocation *inv, struct db *db, struct vz_error *err)
{
    const struct status_options *o = inv->options;
    struct look l = { .arena = inv->arena,
                      .names = { o->column.table, o->column.input, o->column.output },
                      .where = o->column.where };
    if (!retry_run(db, look, &l, err))
        return false;
    if (inv->general.json)
        return column_json(inv->out, &l.target, &l.counts, err);
    column_text(inv->out, &l.target, &l.counts);
    return true;
}

static bool status_run(struct invocation *inv, struct vz_error *err)
{
    const struct status_options *o = inv->options;
    if (!o->column.table && (o->column.input || o->column.output || o->column.where))
        return fail_missing_option(err, "table");
    struct db_settings settings = { .url = o->connection.url,
                                    .cancel = inv->cancel,
                                    .stop = inv->cancel };
    struct db *db = NULL;
    bool ok = db_open(&settings, &db, err) &&
              db_set(db, "default_transaction_read_only", "on", err) &&
              (o->column.table ? show_column(inv, db, err) : list_columns(inv, db, err));
    db_close(db);
    return ok;
}
