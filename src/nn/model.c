/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine's front: texts to tokens, tokens to ragged batches, batches to vectors. */
#include "nn/model.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "nn/bert.h"
#include "nn/ceiling.h"
#include "nn/fingerprint.h"
#include "nn/folder.h"
#include "nn/pool.h"
#include "nn/states.h"
#include "nn/tokenizer/tokenizer.h"

/* Tokens of a ragged batch: few enough that a batch's rows stay in the second-level cache, enough
 * that reading all weights once a batch does not matter (256 to 1024 measured alike). */
#define BATCH_TOKENS 512
/* Tokens that are ordered by length together; texts are tokenised this many at a time. */
#define WINDOW_TOKENS (64 * BATCH_TOKENS)

struct nn_model {
    struct nn_settings settings;
    struct nn_kernels kernels; /* of the transformer, in its precision */
    struct nn_folder folder;
    struct bert *bert;
    struct pool *pool;
    struct tokenizer *tokenizer;
    size_t max_tokens;
    char *path;
    char *prompt[2]; /* by role; "" for none */
    size_t skip[2];  /* tokens of it that are not pooled */
    struct states *states;
};

/* ---- opening ---- */

struct tokenizer_job {
    const char *folder;
    struct tokenizer *ret;
    struct vz_error err;
    bool ok;
};

static bool open_tokenizer(struct tokenizer_job *job)
{
    struct buf file = buf_make(LIMIT_JSON_FILE);
    buf_printf(&file, "%s/tokenizer.json", job->folder);
    bool ok = tokenizer_open(file.p, &job->ret, &job->err);
    buf_clear(&file);
    buf_printf(&file, "%s/tokenizer_config.json", job->folder);
    ok = ok && tokenizer_check_config(job->ret, file.p, &job->err);
    buf_free(&file);
    return ok;
}

static void *tokenizer_main(void *arg)
{
    struct tokenizer_job *job = arg;
    job->ok = open_tokenizer(job);
    return NULL;
}

/* Before any weight is packed. */
static bool check_precision(const struct nn_model *m, struct vz_error *err)
{
    enum nn_precision p = m->settings.precision;
    struct nn_config c = { 0 };
    if (p == NN_FP32)
        return true;
    if (!bert_read_config(m->folder.transformer, &c, err))
        return false;
    if (c.hidden <= NN_REDUCED_MAX_K && c.intermediate <= NN_REDUCED_MAX_K)
        return true;
    return vz_fail(err, VZ_CONFIG, "precision %s is for layers up to %zu wide, this model has %zu",
                   nn_precision_name(p), NN_REDUCED_MAX_K,
                   c.hidden > c.intermediate ? c.hidden : c.intermediate);
}

/* Tokenizer and weights take about as long as each other, and nothing of each other. Dense heads
 * are small and come last: they stay fp32. */
static bool open_parts(struct nn_model *m, const char *path, struct vz_error *err)
{
    size_t threads = m->settings.threads ? m->settings.threads : 1;
    nn_kernels_at(m->settings.precision, &m->kernels);
    if (!folder_read(path, &m->folder, err) || !check_precision(m, err))
        return false;
    struct tokenizer_job job = { .folder = m->folder.transformer };
    pthread_t beside;
    bool is_beside = threads > 1 && pthread_create(&beside, NULL, tokenizer_main, &job) == 0;
    bool ok = bert_open(m->folder.transformer, &m->kernels, threads, &m->bert, err) &&
              pool_open(&m->folder, bert_config(m->bert)->hidden, nn_kernels_best(), &m->pool, err);
    if (is_beside)
        pthread_join(beside, NULL);
    else if (ok)
        tokenizer_main(&job);
    m->tokenizer = job.ret;
    if (ok && !job.ok)
        *err = job.err;
    return ok && job.ok;
}

/* Tokens of the prompt alone without a special one at its end, as sentence-transformers counts
 * them. */
static size_t prompt_tokens(const struct nn_model *m, const char *prompt)
{
    struct tokens with = { 0 }, without = { 0 };
    tokenizer_encode(m->tokenizer, str_of(prompt), m->max_tokens, &with);
    tokenizer_encode(m->tokenizer, str_of(""), m->max_tokens, &without);
    size_t n = with.count;
    if (n && without.count && with.ids[n - 1] == without.ids[without.count - 1])
        n--;
    tokens_free(&with);
    tokens_free(&without);
    return n;
}

static bool set_prompts(struct nn_model *m, struct vz_error *err)
{
    for (int role = VZ_DOCUMENT; role <= VZ_QUERY; role++) {
        const char *text = NULL;
        if (!folder_prompt(&m->folder, (enum vz_role)role, m->settings.prompt_name, &text, err))
            return false;
        m->prompt[role] = xstrdup(text);
        if (*text && !m->folder.include_prompt)
            m->skip[role] = prompt_tokens(m, text);
    }
    return true;
}

static bool open_all(struct nn_model *m, const char *path, struct vz_error *err)
{
    if (!open_parts(m, path, err))
        return false;
    m->max_tokens = folder_max_tokens(&m->folder, bert_config(m->bert)->positions);
    if (!set_prompts(m, err))
        return false;
    size_t budget = m->max_tokens > BATCH_TOKENS ? m->max_tokens : BATCH_TOKENS;
    m->states = states_new(m->bert, m->pool, budget, m->settings.threads);
    return true;
}

bool nn_model_open(const char *folder, const struct nn_settings *settings, struct nn_model **ret,
                   struct vz_error *err)
{
    struct nn_model *m = xcalloc(1, sizeof *m);
    m->settings = *settings;
    m->path = xstrdup(folder);
    if (!open_all(m, folder, err)) {
        nn_model_close(m);
        return false;
    }
    *ret = m;
    return true;
}

void nn_model_close(struct nn_model *m)
{
    if (!m)
        return;
    states_free(m->states);
    tokenizer_close(m->tokenizer);
    pool_close(m->pool);
    bert_close(m->bert);
    folder_free(&m->folder);
    for (size_t i = 0; i < ARRAY_LEN(m->prompt); i++)
        xfree(m->prompt[i]);
    xfree(m->path);
    xfree(m);
}

/* "BERT, 6 layers, mean pooling" */
static void describe_kind(char *to, size_t room, const struct nn_config *c,
                          const struct nn_folder *f)
{
    int n = snprintf(to, room, "BERT, %zu layers", c->layers);
    for (size_t i = 0; i < f->n_poolings && n > 0 && (size_t)n < room; i++)
        n += snprintf(to + n, room - (size_t)n, "%s%s", i ? "+" : ", ",
                      folder_pooling_name(f->poolings[i]));
    if (n > 0 && (size_t)n < room)
        snprintf(to + n, room - (size_t)n, " pooling");
}

void nn_model_info(const struct nn_model *m, struct vz_encoder_info *ret)
{
    *ret = (struct vz_encoder_info){
        .dim = (uint32_t)pool_dim(m->pool),
        .max_tokens = (uint32_t)m->max_tokens,
        .unit_length = folder_is_unit(&m->folder),
        .metric = m->folder.metric,
    };
    describe_kind(ret->kind, sizeof ret->kind, bert_config(m->bert), &m->folder);
    snprintf(ret->document_prompt, sizeof ret->document_prompt, "%s", m->prompt[VZ_DOCUMENT]);
    snprintf(ret->query_prompt, sizeof ret->query_prompt, "%s", m->prompt[VZ_QUERY]);
}

/* ---- encoding ---- */

static bool tokenize_one(const struct nn_model *m, struct state *s, const struct vz_text *text,
                         enum vz_role role, struct vz_text_info *ret_info, struct vz_error *err)
{
    struct str t = { text->text, text->len };
    size_t before = s->tokens.count;
    if (*m->prompt[role]) {
        buf_clear(&s->text);
        if (!buf_puts(&s->text, m->prompt[role]) || !buf_add(&s->text, t.p, t.len))
            return vz_fail(err, VZ_ENCODER_FAILED, "text \"%.64s\" is longer than %zu bytes",
                           text->key, LIMIT_TEXT);
        t = buf_str(&s->text);
    }
    tokenizer_encode(m->tokenizer, t, m->max_tokens, &s->tokens);
    size_t n = s->tokens.count - before;
    if (n == 0)
        return vz_fail(err, VZ_ENCODER_FAILED, "text \"%.64s\" has no tokens", text->key);
    if (n > m->max_tokens)
        return vz_fail(err, VZ_BUG, "the tokenizer gave %zu tokens, more than the limit of %zu", n,
                       m->max_tokens);
    for (size_t i = before; i < s->tokens.count; i++)
        if (s->tokens.ids[i] < 0 || (size_t)s->tokens.ids[i] >= bert_config(m->bert)->vocab)
            return vz_fail(err, VZ_FORMAT,
                           "\"%s/tokenizer.json\" gives the id %d, the model has %zu embeddings",
                           m->folder.transformer, s->tokens.ids[i], bert_config(m->bert)->vocab);
    if (ret_info)
        *ret_info = (struct vz_text_info){ (uint32_t)n, (uint32_t)s->tokens.dropped };
    return true;
}

/* Tokenises texts until the window is full; returns how many. 0 is a failure. */
static size_t fill_window(const struct nn_model *m, struct state *s, const struct vz_text *texts,
                          size_t count, enum vz_role role, struct vz_text_info *ret_info,
                          struct vz_error *err)
{
    size_t n = 0;
    tokens_clear(&s->tokens);
    while (n < count && s->tokens.count < WINDOW_TOKENS) {
        state_reserve(s, n + 1);
        s->items[n] = (struct item){ .text = n, .start = s->tokens.count };
        if (!tokenize_one(m, s, &texts[n], role, ret_info ? &ret_info[n] : NULL, err))
            return 0;
        s->items[n].count = s->tokens.count - s->items[n].start;
        n++;
    }
    return n;
}

static int compare_ids(const struct item *a, const struct item *b)
{
    return memcmp(a->ids, b->ids, a->count * sizeof *a->ids);
}

/* Texts of the same ids come together. */
static int by_length(const void *pa, const void *pb)
{
    const struct item *a = pa, *b = pb;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1; // long ones first: the last batches are small steps
    int order = compare_ids(a, b);
    return order ? order : (a->text > b->text) - (a->text < b->text);
}

/* Orders the items; those that say the same as another go to the end. Returns how many do not. */
static size_t order_items(struct state *s, size_t count)
{
    struct item *items = s->items;
    size_t unlike = 0;
    for (size_t i = 0; i < count; i++)
        items[i].ids = s->tokens.ids + items[i].start;
    qsort(items, count, sizeof *items, by_length);
    for (size_t i = 0; i < count; i++) {
        const struct item *last = unlike ? &items[unlike - 1] : NULL, one = items[i];
        if (last && last->count == one.count && compare_ids(last, &one) == 0) {
            items[i].same_as = last->text;
            continue;
        }
        items[i] = items[unlike];
        items[unlike] = one;
        items[unlike++].same_as = one.text;
    }
    return unlike;
}

/* Encodes one ragged batch of items; each vector goes to its text's row. Where the pooling takes
 * one row of a text, the others are left out as soon as they can be. */
static void encode_batch(const struct nn_model *m, struct state *s, const struct item *items,
                         size_t count, enum vz_role role, float *ret_rows)
{
    size_t hidden = bert_config(m->bert)->hidden, dim = pool_dim(m->pool), skip = m->skip[role];
    bool one_row = pool_takes_one_row(m->pool);
    uint32_t at = 0;
    for (size_t i = 0; i < count; i++) {
        s->starts[i] = at;
        if (one_row)
            s->only[i] = at + (uint32_t)pool_row(m->pool, items[i].count, skip);
        memcpy(s->ids + at, items[i].ids, items[i].count * sizeof *s->ids);
        at += (uint32_t)items[i].count;
    }
    s->starts[count] = at;
    struct bert_batch batch = { s->ids, s->starts, count, one_row ? s->only : NULL };
    const float *rows = bert_forward(m->bert, s->bert, &batch);
    for (size_t i = 0; i < count; i++) {
        float *to = ret_rows + items[i].text * dim;
        if (one_row)
            pool_apply(m->pool, rows + i * hidden, 1, 0, s->pool_scratch, to);
        else
            pool_apply(m->pool, rows + s->starts[i] * hidden, items[i].count, skip, s->pool_scratch,
                       to);
    }
}

/* How many items from `i` on make the next batch: as few batches as the budget allows, and equal
 * ones, because a small one reads all weights for little. */
static size_t next_batch(const struct state *s, size_t i, size_t count, size_t tokens_left)
{
    size_t batches = (tokens_left + s->budget - 1) / s->budget, share = tokens_left / batches;
    size_t n = 0, tokens = 0;
    while (i + n < count && tokens + s->items[i + n].count <= s->budget &&
           (batches == 1 || tokens + s->items[i + n].count / 2 <= share))
        tokens += s->items[i + n++].count;
    return n ? n : 1; // one text is never larger than the budget
}

static bool encode_window(const struct nn_model *m, struct state *s, size_t count,
                          enum vz_role role, float *ret_rows, struct vz_error *err)
{
    size_t unlike = order_items(s, count), left = 0, dim = pool_dim(m->pool);
    for (size_t i = 0; i < unlike; i++)
        left += s->items[i].count;
    for (size_t i = 0, n; i < unlike; i += n) {
        if (m->settings.cancelled && m->settings.cancelled(m->settings.cancelled_arg))
            return vz_fail(err, VZ_CANCELLED, "interrupted");
        n = next_batch(s, i, unlike, left);
        encode_batch(m, s, s->items + i, n, role, ret_rows);
        for (size_t j = i; j < i + n; j++)
            left -= s->items[j].count;
    }
    for (size_t i = unlike; i < count; i++)
        memcpy(ret_rows + s->items[i].text * dim, ret_rows + s->items[i].same_as * dim,
               dim * sizeof *ret_rows);
    return true;
}

static bool encode_with(const struct nn_model *m, struct state *s, const struct vz_text *texts,
                        size_t count, enum vz_role role, float *ret_rows,
                        struct vz_text_info *ret_info, struct vz_error *err)
{
    for (size_t i = 0; i < count;) {
        size_t n =
            fill_window(m, s, texts + i, count - i, role, ret_info ? ret_info + i : NULL, err);
        if (n == 0 || !encode_window(m, s, n, role, ret_rows + i * pool_dim(m->pool), err))
            return false;
        i += n;
    }
    return true;
}

bool nn_model_encode(struct nn_model *m, const struct vz_text *texts, size_t count,
                     enum vz_role role, float *ret_rows, struct vz_text_info *ret_info,
                     struct vz_error *err)
{
    struct state *s = states_take(m->states);
    bool ok = encode_with(m, s, texts, count, role, ret_rows, ret_info, err);
    states_give(m->states, s);
    return ok;
}

bool nn_model_tokenize(struct nn_model *m, const struct vz_text *text, enum vz_role role,
                       int32_t *ret_ids, size_t cap, size_t *ret_count,
                       struct vz_text_info *ret_info, struct vz_error *err)
{
    struct state *s = states_take(m->states);
    tokens_clear(&s->tokens);
    bool ok = tokenize_one(m, s, text, role, ret_info, err);
    if (ok) {
        size_t n = s->tokens.count < cap ? s->tokens.count : cap;
        if (n)
            memcpy(ret_ids, s->tokens.ids, n * sizeof *ret_ids);
        *ret_count = s->tokens.count;
    }
    states_give(m->states, s);
    return ok;
}

/* ---- about the model ---- */

bool nn_model_fingerprint(struct nn_model *m, char ret[65], struct vz_error *err)
{
    return fingerprint_make(m->path, &m->folder, bert_weights(m->bert), m->settings.precision,
                            m->settings.cache_folder, ret, err);
}

enum nn_precision nn_model_auto_precision(void)
{
    return nn_precision_is_native(NN_BF16) ? NN_BF16 : NN_FP32;
}

double nn_model_flop(const struct nn_model *m, uint32_t tokens)
{
    return bert_flop(m->bert, tokens);
}

double nn_model_ceiling_gflops(struct nn_model *m, uint32_t threads)
{
    size_t n[BERT_SHAPES], k[BERT_SHAPES];
    for (size_t i = 0; i < BERT_SHAPES; i++)
        bert_shape(m->bert, i, &n[i], &k[i]);
    return ceiling_gflops(m->settings.precision, n, k, BERT_SHAPES, threads);
}

bool nn_model_is_ours(const char *folder)
{
    return folder_is_transformer(folder);
}

static bool peek(const struct nn_folder *f, struct vz_encoder_info *ret, struct vz_error *err)
{
    struct nn_config c = { 0 };
    const char *document = "", *query = "";
    if (!bert_read_config(f->transformer, &c, err) ||
        !folder_prompt(f, VZ_DOCUMENT, NULL, &document, err) ||
        !folder_prompt(f, VZ_QUERY, NULL, &query, err))
        return false;
    *ret = (struct vz_encoder_info){
        .dim = (uint32_t)folder_dim(f, c.hidden),
        .max_tokens = (uint32_t)folder_max_tokens(f, c.positions),
        .unit_length = folder_is_unit(f),
        .metric = f->metric,
    };
    describe_kind(ret->kind, sizeof ret->kind, &c, f);
    snprintf(ret->document_prompt, sizeof ret->document_prompt, "%s", document);
    snprintf(ret->query_prompt, sizeof ret->query_prompt, "%s", query);
    return true;
}

bool nn_model_peek(const char *folder, struct vz_encoder_info *ret, struct vz_error *err)
{
    struct nn_folder f = { 0 };
    if (!folder_read(folder, &f, err))
        return false;
    bool ok = peek(&f, ret, err);
    folder_free(&f);
    return ok;
}
