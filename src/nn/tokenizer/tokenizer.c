/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening tokenizer.json, and the order of encoding:
 *
 *     text ─ added tokens ─→ pieces ─ normaliser ─→ added tokens ─→ pieces ─ splitters ─→ words
 *          ─ model ─→ ids ─ cut to the limit, special tokens around them ─→ out
 */
#include "nn/tokenizer/tokenizer.h"

#include "base/file.h"
#include "base/limits.h"
#include "nn/tokenizer/added.h"
#include "nn/tokenizer/config.h"
#include "nn/tokenizer/model.h"
#include "nn/tokenizer/normalize.h"
#include "nn/tokenizer/replace.h"
#include "nn/tokenizer/split.h"
#include "nn/tokenizer/template.h"
#include "nn/tokenizer/unicode.h"

struct tokenizer {
    struct added_tokens added;
    struct normalizer normalizer;
    struct split_chain splitters;
    struct token_model model;
    struct template special;
    size_t own_limit;
    size_t id_end; /* largest id of all parts + 1 */
    bool cut_left; /* over the limit, the end of a text is kept */
};

/* "truncation": only its limit and its side matter here; padding never does. */
static bool parse_truncation(struct tokenizer *t, const json_t *j, struct vz_error *err)
{
    if (!j || json_is_null(j))
        return true;
    int64_t limit;
    const char *direction = "Right";
    if (!json_want_int(j, "max_length", 0, INT32_MAX, &limit, err) ||
        !json_opt_string(j, "direction", &direction, err))
        return vz_context(err, "truncation");
    t->cut_left = strcmp(direction, "Left") == 0;
    if (!t->cut_left && strcmp(direction, "Right") != 0)
        return vz_fail(err, VZ_FORMAT, "truncation direction \"%s\" is not supported", direction);
    t->own_limit = (size_t)limit;
    return true;
}

static size_t id_end(const struct tokenizer *t)
{
    size_t end = t->model.vocab_size;
    for (size_t i = 0; i < t->added.count; i++)
        if ((size_t)t->added.tokens[i].id >= end)
            end = (size_t)t->added.tokens[i].id + 1;
    return end;
}

static bool check_special(const struct tokenizer *t, const int32_t *ids, size_t count,
                          struct vz_error *err)
{
    for (size_t i = 0; i < count; i++)
        if ((size_t)ids[i] >= t->id_end)
            return vz_fail(err, VZ_FORMAT, "post_processor: id %d is outside the vocabulary of %zu",
                           (int)ids[i], t->id_end);
    return true;
}

static bool parse_parts(struct tokenizer *t, const json_t *root, struct vz_error *err)
{
    const char *version = "1.0";
    json_t *model;
    if (!json_is_object(root))
        return vz_fail(err, VZ_FORMAT, "not an object");
    if (!json_opt_string(root, "version", &version, err))
        return false;
    if (strcmp(version, "1.0") != 0)
        return vz_fail(err, VZ_FORMAT, "version \"%s\" is not supported", version);
    if (!json_want_object(root, "model", &model, err))
        return false;
    if (!token_model_parse(&t->model, model, err))
        return vz_context(err, "model");
    if (!normalizer_parse(&t->normalizer, json_object_get(root, "normalizer"), err) ||
        !split_parse(&t->splitters, json_object_get(root, "pre_tokenizer"), err) ||
        !template_parse(&t->special, json_object_get(root, "post_processor"), err) ||
        !parse_truncation(t, json_object_get(root, "truncation"), err) ||
        !added_parse(&t->added, json_object_get(root, "added_tokens"), &t->model, &t->normalizer,
                     err))
        return false;
    t->id_end = id_end(t);
    return check_special(t, t->special.before, t->special.before_count, err) &&
           check_special(t, t->special.after, t->special.after_count, err);
}

bool tokenizer_parse(struct str json, struct tokenizer **ret, struct vz_error *err)
{
    VZ_CLEANUP(json_decref_at) json_t *root = NULL;
    if (!json_load_str(json, &root, err))
        return false;
    unicode_init();
    struct tokenizer *t = xcalloc(1, sizeof *t);
    if (!parse_parts(t, root, err)) {
        tokenizer_close(t);
        return false;
    }
    *ret = t;
    return true;
}

bool tokenizer_open(const char *path, struct tokenizer **ret, struct vz_error *err)
{
    VZ_CLEANUP(buf_free) struct buf b = buf_make(LIMIT_JSON_FILE);
    if (!file_read(path, &b, err))
        return false;
    return tokenizer_parse(buf_str(&b), ret, err) || vz_context(err, "\"%s\"", path);
}

void tokenizer_close(struct tokenizer *t)
{
    if (!t)
        return;
    added_done(&t->added);
    normalizer_done(&t->normalizer);
    token_model_done(&t->model);
    xfree(t);
}

bool tokenizer_check_config(const struct tokenizer *t, const char *path, struct vz_error *err)
{
    VZ_CLEANUP(json_decref_at) json_t *root = NULL;
    if (!file_is_regular(path))
        return true;
    if (!json_load_path(path, &root, err))
        return false;
    return config_agrees(root, &t->normalizer, t->cut_left, err) || vz_context(err, "\"%s\"", path);
}

size_t tokenizer_vocab_size(const struct tokenizer *t)
{
    return t->id_end;
}

size_t tokenizer_own_limit(const struct tokenizer *t)
{
    return t->own_limit;
}

struct run {
    const struct tokenizer *t;
    struct tokenizer_scratch *scratch;
    struct id_sink sink;
};

static void take_word(void *arg, struct str word)
{
    struct run *r = arg;
    r->t->model.type->encode(&r->t->model, word, &r->sink);
}

static void take_normalized(void *arg, struct str piece, int32_t id)
{
    struct run *r = arg;
    const struct split_chain *s = &r->t->splitters;
    if (id >= 0)
        sink_put(&r->sink, id);
    else
        split_piece(&(struct split_run){ s->steps, s->steps + s->count, take_word, r }, piece);
}

static void take_raw(void *arg, struct str piece, int32_t id)
{
    struct run *r = arg;
    if (id >= 0) {
        sink_put(&r->sink, id);
        return;
    }
    piece = normalizer_apply(&r->t->normalizer, piece, r->scratch);
    added_split(&r->t->added, &r->t->added.normalized, piece, take_normalized, r);
}

static void put_special(struct tokens *out, const int32_t *ids, size_t count)
{
    tokens_reserve(out, out->count + count);
    if (count)
        memcpy(out->ids + out->count, ids, count * sizeof *ids);
    out->count += count;
}

/* Takes away what is over the limit; the sink kept the first ones, or all when cutting left. */
static void cut(struct run *r, size_t limit, bool left)
{
    struct tokens *out = r->sink.out;
    size_t kept = r->sink.count < limit ? r->sink.count : limit;
    out->dropped = r->sink.count - kept;
    if (left && out->dropped > 0)
        memmove(out->ids + r->sink.base, out->ids + r->sink.base + out->dropped,
                kept * sizeof *out->ids);
    out->count = r->sink.base + kept;
}

void tokenizer_encode(const struct tokenizer *t, struct str text, size_t max_tokens,
                      struct tokens *out)
{
    size_t special = t->special.before_count + t->special.after_count;
    size_t limit = SIZE_MAX;
    if (max_tokens > 0)
        limit = max_tokens > special ? max_tokens - special : 0;
    put_special(out, t->special.before, t->special.before_count);
    struct run r = { .t = t, .scratch = tokens_scratch(out) };
    r.sink = (struct id_sink){ out, out->count, 0, t->cut_left ? SIZE_MAX : limit };
    if (text.len > 0)
        added_split(&t->added, &t->added.raw, text, take_raw, &r);
    cut(&r, limit, t->cut_left);
    put_special(out, t->special.after, t->special.after_count);
}
