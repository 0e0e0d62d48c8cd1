/* SPDX-License-Identifier: Apache-2.0
 *
 * The summary of embed. */
#include "cmd/embed_report.h"

#include <inttypes.h>

#include "cli/json_out.h"
#include "cli/table.h"

#define REASONS_SHOWN 10

static const char *const index_states[] = {
    [JOB_INDEX_PRESENT] = "present", [JOB_INDEX_BUILT] = "built", [JOB_INDEX_NONE] = "none"
};

static double rate_of(const struct job_summary *s)
{
    return s->seconds > 0 ? (double)s->written / s->seconds : 0;
}

static const struct counts *latest(const struct job_summary *s)
{
    return s->has_after ? &s->after : &s->before;
}

/* NULL, blank or not UTF-8: rows that never get a vector. */
static int64_t unusable_of(const struct job_summary *s)
{
    return latest(s)->null_text + latest(s)->blank_text + (int64_t)s->invalid;
}

/* --- JSON ------------------------------------------------------------------------------- */

static json_t *rows_json(const struct job_summary *s)
{
    const struct counts *c = latest(s);
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", //
                     "total", (json_int_t)c->rows,                         //
                     "written", (json_int_t)s->written,                    //
                     "left", (json_int_t)s->left,                          //
                     "failed", (json_int_t)s->failed,                      //
                     "changed", (json_int_t)s->changed,                    //
                     "unusable", (json_int_t)unusable_of(s),               //
                     "null", (json_int_t)c->null_text,                     //
                     "blank", (json_int_t)c->blank_text,                   //
                     "invalid", (json_int_t)s->invalid,                    //
                     "truncated", (json_int_t)s->truncated);
}

static json_t *failures_json(const struct job_summary *s)
{
    json_t *list = json_array();
    size_t n = 0;
    const struct failure *told = s->failures ? failures_told(s->failures, &n) : NULL;
    for (size_t i = 0; i < n; i++) {
        json_t *f = json_object();
        json_object_set_new(f, "key", json_text(told[i].key));
        json_object_set_new(f, "reason", json_text(told[i].reason));
        json_array_append_new(list, f);
    }
    return list;
}

static json_t *index_json(const struct job_summary *s)
{
    json_t *index = json_object();
    json_object_set_new(index, "state", json_text(index_states[s->index]));
    json_object_set_new(index, "name", s->index_name ? json_text(s->index_name) : json_null());
    json_object_set_new(index, "note", json_text(s->index_note));
    return index;
}

static json_t *actions_json(const struct job_summary *s)
{
    json_t *list = json_array();
    for (const char *const *action = s->actions; action && *action; action++)
        json_array_append_new(list, json_text(*action));
    return list;
}

static bool report_json(FILE *out, const struct job_summary *s, struct vz_error *err)
{
    json_t *root = json_object();
    json_object_set_new(root, "table", json_text(s->target.table.text));
    json_object_set_new(root, "input", json_text(s->target.input.name));
    json_object_set_new(root, "vector", json_text(s->target.vector.name));
    json_object_set_new(root, "model", json_text(s->model));
    json_object_set_new(root, "dimension", json_integer(s->dimension));
    json_object_set_new(root, "metric", json_text(s->metric));
    json_object_set_new(root, "dry_run", json_boolean(s->dry_run));
    json_object_set_new(root, "rows", rows_json(s));
    if (s->dry_run) {
        json_object_set_new(root, "actions", actions_json(s));
        json_object_set_new(root, "index", index_json(s));
        return json_print(out, root, err);
    }
    json_object_set_new(root, "interrupted", json_boolean(s->interrupted));
    json_object_set_new(root, "limited", json_boolean(s->limited));
    json_object_set_new(root, "dropped_tokens", json_integer((json_int_t)s->dropped_tokens));
    json_object_set_new(root, "seconds", json_real(s->seconds));
    json_object_set_new(root, "rows_per_second", json_real(rate_of(s)));
    json_object_set_new(root, "index", index_json(s));
    json_object_set_new(root, "failures", failures_json(s));
    return json_print(out, root, err);
}

/* --- for people ------------------------------------------------------------------------- */

static void report_index(FILE *out, const struct job_summary *s)
{
    if (s->index_name)
        table_fact(out, "index", "%s, %s", s->index_name, index_states[s->index]);
    else
        table_fact(out, "index", "%s%s%s", index_states[s->index], *s->index_note ? ": " : "",
                   s->index_note);
}

static void report_dry_run(FILE *out, const struct job_summary *s)
{
    fprintf(out, "nothing was written; embed would\n");
    if (!*s->actions)
        fprintf(out, "  do nothing: every row with a usable text has its vector\n");
    for (const char *const *action = s->actions; *action; action++)
        fprintf(out, "  %s\n", *action);
    if (unusable_of(s))
        fprintf(out,
                "%" PRId64 " rows have no usable text (%" PRId64 " NULL, %" PRId64
                " blank) and get no vector\n",
                unusable_of(s), latest(s)->null_text, latest(s)->blank_text);
    if (*s->index_note)
        report_index(out, s);
}

static void report_failures(FILE *out, const struct job_summary *s)
{
    size_t n = 0;
    const struct failure *told = failures_told(s->failures, &n);
    for (size_t i = 0; i < n && i < REASONS_SHOWN; i++)
        fprintf(out, "  row %s: %s\n", told[i].key, told[i].reason);
    if (s->failed > REASONS_SHOWN)
        fprintf(out, "  and %" PRIu64 " more (--json names up to %d)\n", s->failed - REASONS_SHOWN,
                FAILURES_TOLD);
}

static void report_counts(FILE *out, const struct job_summary *s)
{
    if (s->written)
        table_fact(out, "written", "%" PRIu64 " rows in %.1f s, %.0f rows/s", s->written,
                   s->seconds, rate_of(s));
    if (unusable_of(s))
        table_fact(out, "unusable", "%" PRId64 " rows (NULL, blank or invalid text), no vector",
                   unusable_of(s));
    if (s->truncated)
        table_fact(out, "truncated", "%" PRIu64 " texts, %" PRIu64 " tokens past the model's limit",
                   s->truncated, s->dropped_tokens);
    if (s->changed)
        table_fact(out, "changed", "%" PRIu64 " times, a row was changed or deleted meanwhile",
                   s->changed);
    if (s->failed)
        table_fact(out, "failed", "%" PRIu64 " rows", s->failed);
    if (s->failed)
        report_failures(out, s);
    if (s->left)
        table_fact(out, "left", "%" PRId64 " rows%s", s->left,
                   s->restless      ? "; they change as fast as they are embedded"
                   : s->interrupted ? "; interrupted, run again to go on"
                                    : "; run again to go on");
}

static void report_text(FILE *out, const struct job_summary *s)
{
    table_fact(out, "column", "%s.%s (from \"%s\")", s->target.table.text, s->target.vector.name,
               s->target.input.name);
    table_fact(out, "model", "%s, %" PRId64 " dimensions, %s", s->model, s->dimension, s->metric);
    if (!s->written && !s->left && !s->failed)
        fprintf(out, "nothing to do: every row with a usable text has its vector\n");
    report_counts(out, s);
    report_index(out, s);
}

bool embed_report(FILE *out, const struct job_summary *summary, bool json, struct vz_error *err)
{
    if (json)
        return report_json(out, summary, err);
    if (summary->dry_run)
        report_dry_run(out, summary);
    else
        report_text(out, summary);
    return true;
}
