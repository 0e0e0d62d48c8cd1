/* SPDX-License-Identifier: Apache-2.0
 *
 * embed: vectors for the rows of a table that have none. */
#include <inttypes.h>

#include "base/log.h"
#include "cmd/cmd.h"
#include "cmd/embed_report.h"
#include "job/job.h"

static bool embed_run(struct invocation *inv, struct vz_error *err);

struct embed_options {
    struct column_options column;
    struct connection_options connection;
    struct encoder_options encoder;
    struct precision_options precision;
    int64_t batch, num_batches, workers, limit;
    int metric, progress;
    bool dry_run, no_index, yes;
};

/* "auto" first, then in the order of enum vz_metric. */
static const char *const metric_choices[] = { "auto", "cosine", "ip", "l2", NULL };
/* In the order of enum progress_style. */
static const char *const progress_choices[] = { "auto", "bar", "plain", "never", NULL };

#define FIELD(field, T) VZ_OFFSET(struct embed_options, field, T)

static const struct vz_option index_rows[] = {
    { .name = "metric",
      .type = VZ_OPTION_CHOICE,
      .offset = FIELD(metric, int),
      .choices = metric_choices,
      .initial = "auto",
      .value = "METRIC",
      .help = "how the index compares vectors; auto: as the model wants it" },
    { .name = "no-index",
      .type = VZ_OPTION_FLAG,
      .offset = FIELD(no_index, bool),
      .help = "build no vector index at the end" },
    { 0 },
};

static const struct vz_option run_rows[] = {
    { .name = "batch",
      .letter = 'b',
      .type = VZ_OPTION_INT,
      .offset = FIELD(batch, int64_t),
      .min = 0,
      .max = 10000,
      .initial = "0",
      .value = "ROWS",
      .help = "rows of one write; 0: as suits the server" },
    { .name = "num-batches",
      .letter = 'n',
      .type = VZ_OPTION_INT,
      .offset = FIELD(num_batches, int64_t),
      .min = 0,
      .max = INT32_MAX,
      .initial = "0",
      .value = "N",
      .help = "stop after so many batches; 0: when all rows are done" },
    { .name = "limit",
      .letter = 'l',
      .type = VZ_OPTION_INT,
      .offset = FIELD(limit, int64_t),
      .min = 0,
      .max = INT64_MAX,
      .initial = "0",
      .value = "ROWS",
      .help = "stop after so many rows; 0: when all are done" },
    { .name = "workers",
      .letter = 'w',
      .type = VZ_OPTION_INT,
      .offset = FIELD(workers, int64_t),
      .min = 0,
      .max = 1024,
      .initial = "0",
      .value = "N",
      .help = "threads that encode; 0: one a core" },
    { .name = "progress",
      .letter = 'p',
      .type = VZ_OPTION_CHOICE,
      .offset = FIELD(progress, int),
      .choices = progress_choices,
      .initial = "auto",
      .value = "STYLE",
      .help = "a bar, a plain line every ten seconds, or never; auto: a bar on a terminal" },
    { .name = "dry-run",
      .letter = 'd',
      .type = VZ_OPTION_FLAG,
      .offset = FIELD(dry_run, bool),
      .help = "check everything and say what would be done, in a session that cannot write" },
    { .name = "yes",
      .type = VZ_OPTION_FLAG,
      .offset = FIELD(yes, bool),
      .help = "take over vectors of a column that no stamp explains" },
    { 0 },
};

static const struct option_group embed_groups[] = {
    { "Column", column_rows, offsetof(struct embed_options, column) },
    { "Index", index_rows, 0 },
    { "Run", run_rows, 0 },
    { "Encoder", encoder_rows, offsetof(struct embed_options, encoder) },
    { "Precision", precision_rows, offsetof(struct embed_options, precision) },
    { "Connection", connection_rows, offsetof(struct embed_options, connection) },
    { 0 },
};

static const struct example embed_examples[] = {
    { "vectorize embed -u postgresql://localhost/shop -t products -i description",
      "all products, with the only model that is installed" },
    { "vectorize embed -t products -i description -o desc_minilm -m all-MiniLM-L6-v2 -d",
      "what that would do" },
    { "vectorize embed -t products --limit 10000", "ten thousand more, from a nightly job" },
    { 0 },
};

const struct command embed_command = {
    .name = "embed",
    .summary = "give every row of a table its vector",
    .details =
        "Encodes the text of every row that has no vector yet, writes the vectors back, and builds "
        "the vector index at the end. The vector column is added if it is missing and stamped with "
        "the model in its comment; nothing else of the schema is touched.\n\n"
        "It can be stopped and started again at any time: what is left to do is found in the table "
        "itself. A second run on a finished table writes nothing. A vector is written only if its "
        "row's text is still the one that was encoded. Rows whose text is NULL or blank get no "
        "vector. Rows that cannot be encoded are reported with the reason, and the run goes on.\n\n"
        "When a text changes later, its old vector stays until somebody sets it to NULL: have the "
        "application (or a trigger) do so in the same UPDATE, and run embed again.",
    .examples = embed_examples,
    .options_size = sizeof(struct embed_options),
    .groups = embed_groups,
    .run = embed_run,
};

static struct job_options job_options_of(const struct invocation *inv,
                                         const struct embed_options *o, enum vz_metric *metric)
{
    if (o->metric > 0)
        *metric = (enum vz_metric)(o->metric - 1);
    return (struct job_options){
        .url = o->connection.url,
        .table = o->column.table,
        .input = o->column.input,
        .vector = o->column.output,
        .model = o->encoder.model,
        .encoder_options = encoder_option_list(inv->arena, o->encoder.options),
        .precision = precision_given(&o->precision),
        .where = o->column.where,
        .limit = (uint64_t)o->limit,
        .batches = (uint64_t)o->num_batches,
        .batch = (size_t)o->batch,
        .workers = (size_t)o->workers,
        .metric = o->metric > 0 ? metric : NULL,
        .progress = (enum progress_style)o->progress,
        .no_index = o->no_index,
        .yes = o->yes,
        .dry_run = o->dry_run,
        .tool = "vectorize " VECTORIZE_VERSION,
        .cancel = inv->cancel,
    };
}

/* Said once, where it is of use: after vectors were written. */
static void tell_about_later_changes(const struct job_summary *s)
{
    log_write(LOG_INFO, "embed",
              "note: when a text in \"%s\" changes later, its old vector stays until the "
              "application or a trigger sets \"%s\" to NULL in the same UPDATE; run embed again "
              "for such rows and for new ones",
              s->target.input.name, s->target.vector.name);
}

static bool embed_run(struct invocation *inv, struct vz_error *err)
{
    const struct embed_options *o = inv->options;
    if (!o->column.table)
        return fail_missing_option(err, "table");
    enum vz_metric metric;
    struct job_options options = job_options_of(inv, o, &metric);
    struct job_summary summary;
    bool ok = job_run(&options, inv->arena, &summary, err);
    if (ok)
        ok = embed_report(inv->out, &summary, inv->general.json, err);
    else if (summary.written > 0)
        log_write(LOG_INFO, "embed", "%" PRIu64 " rows were written before; run again to go on",
                  summary.written);
    if (ok && summary.written)
        tell_about_later_changes(&summary);
    if (summary.interrupted)
        inv->exit = VZ_EXIT_INTERRUPTED;
    else if (summary.failed)
        inv->exit = VZ_EXIT_ROWS_FAILED;
    failures_free(summary.failures);
    return ok;
}
