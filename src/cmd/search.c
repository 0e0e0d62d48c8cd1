/* SPDX-License-Identifier: Apache-2.0
 *
 * search: the rows nearest to a text. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/json_out.h"
#include "cli/table.h"
#include "cmd/cmd.h"
#include "search/query.h"

static bool search_command_run(struct invocation *inv, struct vz_error *err);

struct search_command_options {
    struct column_options column;
    struct connection_options connection;
    struct encoder_options encoder;
    struct precision_options precision;
    const char *select;
    int64_t limit, beam;
    bool exact, follower_reads;
};

#define FIELD(field, T) VZ_OFFSET(struct search_command_options, field, T)

static const struct vz_option search_rows[] = {
    { .name = "limit",
      .letter = 'l',
      .type = VZ_OPTION_INT,
      .offset = FIELD(limit, int64_t),
      .min = 1,
      .max = 100000,
      .initial = "10",
      .value = "ROWS",
      .help = "how many rows to show" },
    { .name = "select",
      .type = VZ_OPTION_STRING,
      .offset = FIELD(select, const char *),
      .value = "COLUMN,…",
      .help = "columns to show beside distance and key; default: the text" },
    { .name = "exact",
      .type = VZ_OPTION_FLAG,
      .offset = FIELD(exact, bool),
      .help = "compare every row, without the index" },
    { .name = "beam-size",
      .type = VZ_OPTION_INT,
      .offset = FIELD(beam, int64_t),
      .max = 100000,
      .initial = "0",
      .value = "N",
      .help = "candidates that a search of the index keeps: more find better and take longer "
              "(CockroachDB: vector_search_beam_size, pgvector: hnsw.ef_search); 0: by the limit" },
    { .name = "follower-reads",
      .type = VZ_OPTION_FLAG,
      .offset = FIELD(follower_reads, bool),
      .help =
          "ask the nearest replica of a CockroachDB cluster; its rows may be some seconds old" },
    { 0 },
};

static const struct option_group search_groups[] = {
    { "Column", column_rows, offsetof(struct search_command_options, column) },
    { "Search", search_rows, 0 },
    { "Encoder", encoder_rows, offsetof(struct search_command_options, encoder) },
    { "Precision", precision_rows, offsetof(struct search_command_options, precision) },
    { "Connection", connection_rows, offsetof(struct search_command_options, connection) },
    { 0 },
};

static const struct example search_examples[] = {
    { "vectorize search -t products \"something to keep coffee hot\"", "the ten nearest products" },
    { "vectorize search -t products -l 3 --select name,price --where 'price < 20' mug",
      "the three nearest of the cheap ones, with other columns" },
    { "vectorize search -t products --json - <question.txt", "for a program, a long question" },
    { 0 },
};

const struct command search_command = {
    .name = "search",
    .arguments = "TEXT",
    .summary = "find the rows nearest to a text",
    .details =
        "Encodes the text with the model that the vector column is stamped with (in the role of a "
        "query, with the model's own prompt), and shows the nearest rows with their distance. -m "
        "is needed only when the model is installed under another name; a different model is "
        "refused, because its vectors cannot be compared.\n\n"
        "TEXT \"-\" reads standard input. Without an index that serves the question every row is "
        "compared: exact, but slow on large tables, and said on standard error.",
    .examples = search_examples,
    .options_size = sizeof(struct search_command_options),
    .groups = search_groups,
    .run = search_command_run,
};

/* --- the text --------------------------------------------------------------------------- */

static bool read_standard_input(struct buf *to, const atomic_bool *cancel, struct vz_error *err)
{
    char block[8192];
    ssize_t n;
    while ((n = read(STDIN_FILENO, block, sizeof block)) != 0) {
        if (atomic_load(cancel))
            return vz_fail(err, VZ_CANCELLED, "interrupted");
        if (n < 0)
            return vz_fail(err, VZ_IO, "could not read standard input: %m");
        if (!buf_add(to, block, (size_t)n))
            return vz_fail(err, VZ_USAGE, "the text on standard input is too long");
    }
    return true;
}

/* The line end that every shell adds is not part of the question. */
static struct str without_line_end(struct str s)
{
    while (s.len && (s.p[s.len - 1] == '\n' || s.p[s.len - 1] == '\r'))
        s.len--;
    return s;
}

/* --- results ---------------------------------------------------------------------------- */

static json_t *cell_json(const struct search_result *r, size_t row, size_t column)
{
    const char *text = rows_text(r->rows, row, column);
    return text ? json_text(text) : json_null();
}

static json_t *number_json(const char *text)
{
    json_t *number = text ? json_real(strtod(text, NULL)) : NULL;
    return number ? number : json_null(); // NaN is not JSON
}

static json_t *row_json(const struct search_result *r, size_t row)
{
    json_t *key = json_object(), *columns = json_object(), *o = json_object();
    for (size_t i = 1; i < rows_columns(r->rows); i++)
        json_object_set_new(i <= r->target.n_keys ? key : columns, rows_name(r->rows, i),
                            cell_json(r, row, i));
    json_object_set_new(o, "distance", number_json(rows_text(r->rows, row, 0)));
    json_object_set_new(o, "key", key);
    json_object_set_new(o, "columns", columns);
    return o;
}

static bool print_json(FILE *out, const struct search_result *r, struct vz_error *err)
{
    json_t *results = json_array(), *root = json_object();
    for (size_t i = 0; i < rows_count(r->rows); i++)
        json_array_append_new(results, row_json(r, i));
    json_object_set_new(root, "table", json_text(r->target.table.text));
    json_object_set_new(root, "vector", json_text(r->target.vector.name));
    json_object_set_new(root, "model", json_text(r->model));
    json_object_set_new(root, "metric", json_text(r->metric));
    json_object_set_new(root, "index", r->info.index ? json_text(r->info.index) : json_null());
    json_object_set_new(root, "note", json_text(r->info.note ? r->info.note : ""));
    json_object_set_new(root, "results", results);
    return json_print(out, root, err);
}

static const char *distance_cell(struct arena *arena, const char *text)
{
    return text ? arena_printf(arena, "%.4f", strtod(text, NULL)) : "-";
}

static void print_table(struct invocation *inv, const struct search_result *r)
{
    size_t n = rows_columns(r->rows);
    struct table_column *columns = arena_new(inv->arena, struct table_column, n);
    for (size_t i = 0; i < n; i++)
        columns[i] = (struct table_column){ .title = i ? rows_name(r->rows, i) : "distance",
                                            .right = i == 0,
                                            .cut = i > r->target.n_keys };
    struct table *t = table_new(columns, n);
    const char **cells = arena_new(inv->arena, const char *, n);
    for (size_t row = 0; row < rows_count(r->rows); row++) {
        cells[0] = distance_cell(inv->arena, rows_text(r->rows, row, 0));
        for (size_t i = 1; i < n; i++)
            cells[i] = rows_text(r->rows, row, i);
        table_row(t, cells);
    }
    table_print(t, inv->out);
    table_free(t);
}

static bool print_result(struct invocation *inv, const struct search_result *r,
                         struct vz_error *err)
{
    if (inv->general.json)
        return print_json(inv->out, r, err);
    if (r->info.note && *r->info.note)
        log_write(LOG_INFO, "search", "note: %s", r->info.note);
    if (rows_count(r->rows) == 0)
        log_write(LOG_INFO, "search", "no row found");
    else
        print_table(inv, r);
    return true;
}

static bool search_command_run(struct invocation *inv, struct vz_error *err)
{
    const struct search_command_options *o = inv->options;
    if (!o->column.table)
        return fail_missing_option(err, "table");
    VZ_CLEANUP(buf_free) struct buf input = buf_make(LIMIT_TEXT);
    struct str text = str_of(inv->args[0]);
    if (str_is(text, "-")) {
        if (!read_standard_input(&input, inv->cancel, err))
            return false;
        text = without_line_end(buf_str(&input));
    }
    struct search_options options = {
        .url = o->connection.url,
        .table = o->column.table,
        .input = o->column.input,
        .vector = o->column.output,
        .model = o->encoder.model,
        .encoder_options = encoder_option_list(inv->arena, o->encoder.options),
        .precision = precision_given(&o->precision),
        .text = text,
        .limit = (size_t)o->limit,
        .select = o->select,
        .where = o->column.where,
        .exact = o->exact,
        .follower_reads = o->follower_reads,
        .beam = (size_t)o->beam,
        .cancel = inv->cancel,
    };
    struct search_result result;
    bool ok = search_run(&options, inv->arena, &result, err) && print_result(inv, &result, err);
    rows_free(result.rows);
    return ok;
}
