/* SPDX-License-Identifier: Apache-2.0
 *
 * From a question to rows. */
#include "search/query.h"

#include <string.h>

#include "base/utf8.h"
#include "db/retry.h"
#include "encoder/encoder.h"

struct search {
    const struct search_options *options;
    struct arena *arena;
    struct search_result *result;
    struct db *db;
    struct encoder *encoder;
    float *vector;
    struct nearest_query query;
};

static struct str trim(struct str s)
{
    while (s.len && (*s.p == ' ' || *s.p == '\t'))
        s = (struct str){ s.p + 1, s.len - 1 };
    while (s.len && (s.p[s.len - 1] == ' ' || s.p[s.len - 1] == '\t'))
        s.len--;
    return s;
}

/* Length of the first name: up to a comma that is not within double quotes. */
static size_t name_length(struct str s)
{
    bool quoted = false;
    size_t n = 0;
    for (; n < s.len && (quoted || s.p[n] != ','); n++)
        quoted ^= s.p[n] == '"';
    return n;
}

bool search_split_names(struct arena *arena, const char *names, const char *const **ret,
                        size_t *ret_count, struct vz_error *err)
{
    struct str rest = str_of(names);
    const char **list = arena_new(arena, const char *, rest.len + 1);
    size_t n = 0;
    for (bool more = true; more;) {
        size_t len = name_length(rest);
        struct str name = trim((struct str){ rest.p, len });
        if (name.len == 0)
            return vz_fail(err, VZ_USAGE, "an empty column name in \"%s\"", names);
        list[n++] = arena_strdup(arena, name);
        more = len < rest.len;
        rest = (struct str){ rest.p + len + more, rest.len - len - more };
    }
    *ret = list;
    *ret_count = n;
    return true;
}

static bool check_text(struct str text, struct vz_error *err)
{
    if (!utf8_is_valid(text))
        return vz_fail(err, VZ_USAGE, "the text to search for is not valid UTF-8");
    if (utf8_is_blank(text))
        return vz_fail(err, VZ_USAGE, "the text to search for is empty");
    return true;
}

static bool connect_db(struct search *s, struct vz_error *err)
{
    const struct search_options *o = s->options;
    struct db_settings settings = { .url = o->url, .cancel = o->cancel, .stop = o->cancel };
    return db_open(&settings, &s->db, err) &&
           db_set(s->db, "default_transaction_read_only", "on", err);
}

static bool look_up(struct db *db, void *arg, struct vz_error *err)
{
    struct search *s = arg; // reads only: may be repeated
    struct target_names names = { s->options->table, s->options->input, s->options->vector };
    return catalog_resolve(db, s->arena, &names, &s->result->target, err);
}

static bool resolve(struct search *s, struct vz_error *err)
{
    const struct search_options *o = s->options;
    struct target *t = &s->result->target;
    if (!retry_run(s->db, look_up, s, err))
        return false;
    if (!t->vector.exists) {
        vz_fail(err, VZ_DB, "table \"%s\" has no vector column \"%s\"", t->table.text,
                t->vector.name);
        return vz_hint(err, "\"vectorize embed -t %s -i %s\" makes it.", o->table, t->input.name);
    }
    if (t->vector.has_stamp)
        return true;
    vz_fail(err, VZ_DB, "nothing says which model made the vectors of column \"%s\"",
            t->vector.name);
    return vz_hint(err, "\"vectorize embed --yes -m MODEL\" stamps the column with the model that "
                        "you know made them.");
}

/* The same prompt and weights as the column's, or the distances mean nothing. */
static bool check_model(struct search *s, struct vz_error *err)
{
    const struct vz_encoder_info *info = encoder_info(s->encoder);
    const struct vector_column *v = &s->result->target.vector;
    char fingerprint[65];
    if (!encoder_fingerprint(s->encoder, fingerprint, err))
        return false;
    struct stamp mine = { .version = STAMP_VERSION,
                          .model = encoder_reference(s->encoder),
                          .module = encoder_module(s->encoder)->name,
                          .fingerprint = fingerprint,
                          .precision = encoder_precision(s->encoder),
                          .dimension = info->dim,
                          .metric = v->stamp.metric,
                          .input = v->stamp.input,
                          .document_prompt = info->document_prompt,
                          .query_prompt = info->query_prompt,
                          .text = v->stamp.text };
    const char *why = "";
    if (v->dim == mine.dimension && stamp_same(s->arena, &v->stamp, &mine, &why))
        return true;
    vz_fail(err, VZ_USAGE, "column \"%s\" holds vectors of model \"%s\", not of \"%s\"%s%s",
            v->name, v->stamp.model, mine.model, *why ? ": " : "", why);
    return vz_hint(err, s->options->model
                            ? "Without -m the column's own model is used."
                            : "The model that is installed under that name has changed since. "
                              "Embed into a new column with it, or install the old one.");
}

static bool encode(struct search *s, struct vz_error *err)
{
    const struct search_options *o = s->options;
    const struct stamp *stamp = &s->result->target.vector.stamp;
    struct encoder_settings settings = { .threads = 1,
                                         .options = o->encoder_options,
                                         .precision = stamp_precision(stamp, o->precision),
                                         .cancel = o->cancel };
    const char *reference = o->model ? o->model : s->result->target.vector.stamp.model;
    if (!encoder_open(reference, &settings, &s->encoder, err) || !check_model(s, err))
        return false;
    struct vz_text text = { "", o->text.p, o->text.len };
    s->vector = arena_new(s->arena, float, encoder_info(s->encoder)->dim);
    return encoder_encode(s->encoder, &text, 1, VZ_QUERY, s->vector, NULL, err);
}

static bool ask(struct db *db, void *arg, struct vz_error *err)
{
    struct search *s = arg; // reads only: may be repeated
    return nearest_rows(db, s->arena, &s->result->target, &s->query, &s->result->rows,
                        &s->result->info, err);
}

static bool find(struct search *s, struct vz_error *err)
{
    const struct search_options *o = s->options;
    s->query = (struct nearest_query){ .vector = s->vector,
                                       .metric = s->result->target.vector.stamp.metric,
                                       .limit = o->limit,
                                       .where = o->where,
                                       .exact = o->exact,
                                       .follower_reads = o->follower_reads,
                                       .beam = o->beam };
    if (o->select &&
        !search_split_names(s->arena, o->select, &s->query.select, &s->query.n_select, err))
        return false;
    return retry_run(s->db, ask, s, err);
}

bool search_run(const struct search_options *options, struct arena *arena,
                struct search_result *ret, struct vz_error *err)
{
    struct search s = { .options = options, .arena = arena, .result = ret };
    *ret = (struct search_result){ 0 };
    bool ok = check_text(options->text, err) && connect_db(&s, err) && resolve(&s, err) &&
              encode(&s, err) && find(&s, err);
    if (ok) {
        ret->model = ret->target.vector.stamp.model;
        ret->metric = metric_name(s.query.metric);
    }
    encoder_close(s.encoder);
    db_close(s.db);
    return ok;
}
