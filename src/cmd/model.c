/* SPDX-License-Identifier: Apache-2.0
 *
 * model list, model show: which encoders there are, and what one of them is. */
#include <inttypes.h>

#include "base/log.h"
#include "cli/help.h"
#include "cli/json_out.h"
#include "cli/table.h"
#include "cmd/cmd.h"
#include "db/stamp.h"
#include "encoder/encoder.h"
#include "encoder/paths.h"
#include "encoder/registry.h"

static bool list_run(struct invocation *inv, struct vz_error *err);
static bool show_run(struct invocation *inv, struct vz_error *err);

static const struct example list_examples[] = {
    { "vectorize model list", "all models and modules that -m takes" },
    { "vectorize model list --json | jq -r '.models[] | select(.usable) | .reference'",
      "only the names of those that work" },
    { 0 },
};

const struct command model_list_command = {
    .name = "model list",
    .summary = "list the encoders that can be used",
    .details =
        "Lists the models in the model directories and the modules that need no model. No model "
        "is loaded for it: dimension, limit and kind come from the small files of its folder. A "
        "folder that cannot be used is listed with the reason.\n\n"
        "A model is an ordinary sentence-transformers folder, used as it is: put it, or a "
        "symbolic link to it, into a model directory.",
    .examples = list_examples,
    .run = list_run,
};

struct show_options {
    struct precision_options precision;
    const char *encoder_options;
};

static const struct vz_option show_rows[] = {
    { .name = "encoder-options",
      .type = VZ_OPTION_STRING,
      .offset = VZ_OFFSET(struct show_options, encoder_options, const char *),
      .value = "NAME=VALUE,…",
      .help = "options to open the encoder with" },
    { 0 },
};

static const struct option_group show_groups[] = {
    { "Precision", precision_rows, offsetof(struct show_options, precision) },
    { "Options", show_rows, 0 },
    { 0 },
};

static const struct example show_examples[] = {
    { "vectorize model show all-MiniLM-L6-v2", "everything about an installed model" },
    { "vectorize model show ./my-model --json", "the same of a folder, for a program" },
    { 0 },
};

const struct command model_show_command = {
    .name = "model show",
    .arguments = "REF",
    .summary = "show what one encoder is",
    .details = "Opens the encoder and shows its dimension, token limit, prompts and metric, the "
               "fingerprint that columns embedded with it are stamped with, its module, and the "
               "options that --encoder-options takes.",
    .examples = show_examples,
    .options_size = sizeof(struct show_options),
    .groups = show_groups,
    .run = show_run,
};

/* ---- model list ---- */

static json_t *int_or_null(int64_t n)
{
    return n > 0 ? json_integer(n) : json_null();
}

static bool list_as_json(FILE *out, const struct model_entry *entries, size_t count,
                         struct vz_error *err)
{
    json_t *models = json_array();
    for (size_t i = 0; i < count; i++) {
        const struct model_entry *e = &entries[i];
        json_t *m = json_object();
        json_object_set_new(m, "reference", json_text(e->reference));
        json_object_set_new(m, "dimension", int_or_null(e->dim));
        json_object_set_new(m, "max_tokens", int_or_null(e->max_tokens));
        json_object_set_new(m, "kind", json_text(e->kind));
        json_object_set_new(m, "module", json_text(e->module));
        json_object_set_new(m, "path", json_text(e->path));
        json_object_set_new(m, "usable", json_boolean(!e->problem));
        json_object_set_new(m, "problem", e->problem ? json_text(e->problem) : json_null());
        json_array_append_new(models, m);
    }
    json_t *root = json_object();
    json_object_set_new(root, "models", models);
    return json_print(out, root, err);
}

static const char *number_cell(struct arena *arena, int64_t n)
{
    return n > 0 ? arena_printf(arena, "%" PRId64, n) : "-";
}

static void list_as_table(FILE *out, struct arena *arena, const struct model_entry *entries,
                          size_t count)
{
    static const struct table_column columns[] = {
        { "MODEL" },  { "DIM", .right = true }, { "TOKENS", .right = true },
        { "MODULE" }, { "KIND", .cut = true },
    };
    struct table *t = table_new(columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < count; i++) {
        const struct model_entry *e = &entries[i];
        table_row(t, (const char *[]){ e->reference, number_cell(arena, e->dim),
                                       number_cell(arena, e->max_tokens), e->module,
                                       e->problem ? "cannot be used" : e->kind });
    }
    table_print(t, out);
    table_free(t);
}

/* The reasons, whole: too long for a column of a table. */
static void tell_problems(const struct model_entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (entries[i].problem)
            log_write(LOG_WARNING, "model", "%s cannot be used: %s", entries[i].reference,
                      entries[i].problem);
}

static bool has_model(const struct model_entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!str_starts(str_of(entries[i].reference), "module:"))
            return true;
    return false;
}

/* For somebody who has just installed the program: where a model goes. On standard error, since
 * it is no entry of the list. */
static void tell_where_models_go(struct arena *arena)
{
    const char *const *folders = paths_models(arena);
    log_write(LOG_INFO, "model",
              "no model is installed; a model is a sentence-transformers folder "
              "in one of the model directories:");
    for (; folders && *folders; folders++)
        log_write(LOG_INFO, "model", "  %s", *folders);
    log_write(LOG_INFO, "model", "or any folder, named by its path: -m ./FOLDER");
}

static bool list_run(struct invocation *inv, struct vz_error *err)
{
    struct model_entry *entries = NULL;
    size_t count = 0;
    if (!registry_list(inv->arena, &entries, &count, err))
        return false;
    if (inv->general.json)
        return list_as_json(inv->out, entries, count, err);
    if (count)
        list_as_table(inv->out, inv->arena, entries, count);
    tell_problems(entries, count);
    if (!has_model(entries, count))
        tell_where_models_go(inv->arena);
    return true;
}

/* ---- model show ---- */

/* What opening and asking gave. */
struct shown {
    const char *reference;
    const struct vz_encoder *module;
    const struct vz_encoder_info *info;
    const char *precision; /* "": not said */
    char fingerprint[65];
};

static json_t *option_as_json(const struct vz_option *row)
{
    json_t *choices = json_array();
    for (int i = 0; row->type == VZ_OPTION_CHOICE && row->choices[i]; i++)
        json_array_append_new(choices, json_text(row->choices[i]));
    json_t *o = json_object();
    json_object_set_new(o, "name", json_text(row->name));
    json_object_set_new(o, "help", json_text(row->help ? row->help : ""));
    json_object_set_new(o, "initial", row->initial ? json_text(row->initial) : json_null());
    json_object_set_new(o, "choices", choices);
    return o;
}

static bool show_as_json(FILE *out, const struct shown *s, struct vz_error *err)
{
    const struct vz_encoder_info *info = s->info;
    json_t *options = json_array();
    for (const struct vz_option *row = s->module->options; row && row->name; row++)
        json_array_append_new(options, option_as_json(row));
    json_t *module = json_object();
    json_object_set_new(module, "name", json_text(s->module->name));
    json_object_set_new(module, "version", json_text(s->module->version));
    json_object_set_new(module, "summary", json_text(s->module->summary));
    json_object_set_new(module, "options", options);

    json_t *root = json_object();
    json_object_set_new(root, "reference", json_text(s->reference));
    json_object_set_new(root, "kind", json_text(info->kind));
    json_object_set_new(root, "dimension", json_integer(info->dim));
    json_object_set_new(root, "max_tokens", int_or_null(info->max_tokens));
    json_object_set_new(root, "metric", json_text(metric_name(info->metric)));
    json_object_set_new(root, "unit_length", json_boolean(info->unit_length));
    json_object_set_new(root, "document_prompt", json_text(info->document_prompt));
    json_object_set_new(root, "query_prompt", json_text(info->query_prompt));
    json_object_set_new(root, "precision", *s->precision ? json_text(s->precision) : json_null());
    json_object_set_new(root, "fingerprint", json_text(s->fingerprint));
    json_object_set_new(root, "module", module);
    return json_print(out, root, err);
}

static void show_prompt(FILE *out, const char *name, const char *prompt)
{
    // In quotes: a prompt ends in a space, which would not be seen.
    if (*prompt)
        table_fact(out, name, "\"%s\"", prompt);
    else
        table_fact(out, name, "none");
}

static void show_options(FILE *out, struct arena *arena, const struct vz_encoder *module)
{
    static const struct table_column columns[] = { { "OPTION" }, { "WHAT", .cut = true } };
    if (!module->options || !module->options->name)
        return;
    struct table *t = table_new(columns, ARRAY_LEN(columns));
    for (const struct vz_option *row = module->options; row->name; row++)
        table_row(t, (const char *[]){ row->name, help_text(arena, row) });
    fputc('\n', out);
    table_print(t, out);
    table_free(t);
}

static void show_as_facts(FILE *out, struct arena *arena, const struct shown *s)
{
    const struct vz_encoder_info *info = s->info;
    table_fact(out, "model", "%s", s->reference);
    table_fact(out, "kind", "%s", info->kind);
    table_fact(out, "dimension", "%u", info->dim);
    if (info->max_tokens)
        table_fact(out, "token limit", "%u", info->max_tokens);
    else
        table_fact(out, "token limit", "none");
    table_fact(out, "metric", "%s", metric_name(info->metric));
    table_fact(out, "unit length", "%s", info->unit_length ? "yes" : "no");
    show_prompt(out, "document prompt", info->document_prompt);
    show_prompt(out, "query prompt", info->query_prompt);
    if (*s->precision)
        table_fact(out, "precision", "%s", s->precision);
    table_fact(out, "fingerprint", "%s", s->fingerprint);
    table_fact(out, "module", "%s %s: %s", s->module->name, s->module->version, s->module->summary);
    show_options(out, arena, s->module);
}

static bool show_encoder(struct invocation *inv, struct encoder *e, struct vz_error *err)
{
    struct shown s = { .reference = encoder_reference(e),
                       .module = encoder_module(e),
                       .info = encoder_info(e),
                       .precision = encoder_precision(e) };
    if (!encoder_fingerprint(e, s.fingerprint, err))
        return false;
    if (inv->general.json)
        return show_as_json(inv->out, &s, err);
    show_as_facts(inv->out, inv->arena, &s);
    return true;
}

static bool show_run(struct invocation *inv, struct vz_error *err)
{
    const struct show_options *o = inv->options;
    struct encoder_settings settings = {
        .threads = 1,
        .options = encoder_option_list(inv->arena, o->encoder_options),
        .precision = precision_given(&o->precision),
        .cancel = inv->cancel,
    };
    struct encoder *e = NULL;
    if (!encoder_open(inv->args[0], &settings, &e, err))
        return false;
    bool ok = show_encoder(inv, e, err);
    encoder_close(e);
    return ok;
}
