/* SPDX-License-Identifier: Apache-2.0
 *
 * BERT: loading its weights into packed layers, and the forward pass. */
#include "nn/bert.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/parallel.h"

struct layer {
    struct nn_linear qkv, out, up, down; /* [3H, H], [H, H], [I, H], [H, I] */
    float *out_gain, *out_bias;          /* [H]; norm after attention */
    float *down_gain, *down_bias;        /* [H]; norm after the feed-forward part */
};

struct bert {
    struct nn_config config;
    const struct nn_kernels *kernels;
    struct weights *weights;
    char prefix[8];     /* "bert." or "" */
    const float *words; /* [vocab, H]; in the mapping, or owned_words */
    float *owned_words;
    float *positions;   /* [positions, H]; with the row of token type 0 added */
    float *gain, *bias; /* [H]; norm of the embeddings */
    struct layer *layers;
    float *linears; /* all of their weights and biases, one after the other */
};

struct bert_state {
    size_t max_tokens;
    float *hidden;  /* [tokens, H] */
    float *wide;    /* [tokens, max(3H, I)]: QKV, then the feed-forward part's inside */
    float *ctx;     /* [tokens, H] */
    float *scratch; /* of the kernels */
};

/* ---- loading ---- */

/* A tensor of that shape ([rows] without columns) under the folder's prefix. */
static bool want(const struct bert *b, const char *name, size_t rows, size_t columns,
                 const struct tensor **ret, struct vz_error *err)
{
    char full[160];
    snprintf(full, sizeof full, "%s%s", b->prefix, name);
    size_t dims[] = { rows, columns };
    return weights_want(b->weights, full, dims, columns ? 2 : 1, ret, err);
}

static bool read_vector(const struct bert *b, const char *name, size_t n, float **ret,
                        struct vz_error *err)
{
    const struct tensor *t = NULL;
    if (!want(b, name, n, 0, &t, err))
        return false;
    *ret = aligned_new(n, sizeof **ret);
    tensor_read(t, 0, n, *ret);
    return true;
}

/* Gain and bias of a layer norm; checkpoints from TensorFlow call them gamma and beta. */
static bool read_norm(const struct bert *b, const char *name, float **ret_gain, float **ret_bias,
                      struct vz_error *err)
{
    char old[160], gain[160], bias[160];
    snprintf(old, sizeof old, "%s%s.gamma", b->prefix, name);
    bool is_old = weights_find(b->weights, old) != NULL;
    snprintf(gain, sizeof gain, "%s.%s", name, is_old ? "gamma" : "weight");
    snprintf(bias, sizeof bias, "%s.%s", name, is_old ? "beta" : "bias");
    return read_vector(b, gain, b->config.hidden, ret_gain, err) &&
           read_vector(b, bias, b->config.hidden, ret_bias, err);
}

#define MOST_PARTS 3 /* of a linear layer: query, key, value */

/* Weight and bias of the layers `names`; nothing is allocated before all of them are there. */
static bool find_parts(const struct bert *b, const char *const *names, size_t count, size_t n,
                       size_t k, const struct tensor **ret_weights,
                       const struct tensor **ret_biases, struct vz_error *err)
{
    char name[160];
    for (size_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%s.weight", names[i]);
        if (!want(b, name, n, k, &ret_weights[i], err))
            return false;
        snprintf(name, sizeof name, "%s.bias", names[i]);
        if (!want(b, name, n, 0, &ret_biases[i], err))
            return false;
    }
    return true;
}

/* A linear layer made of `count` ones side by side, before it is packed. */
struct source {
    struct nn_linear *to;
    const struct tensor *weights[MOST_PARTS], *biases[MOST_PARTS];
    size_t count, n; /* parts; rows of each */
    float scale;     /* of the first part */
};

static bool find_linear(const struct bert *b, const char *const *names, size_t count, size_t n,
                        size_t k, float scale, struct nn_linear *to, struct source *ret,
                        struct vz_error *err)
{
    *ret = (struct source){ .to = to, .count = count, .n = n, .scale = scale };
    *to = (struct nn_linear){ .n = count * n, .k = k };
    return find_parts(b, names, count, n, k, ret->weights, ret->biases, err);
}

static bool stands_as_floats(const struct tensor *t)
{
    return t->type == TENSOR_F32 && (uintptr_t)t->data % sizeof(float) == 0;
}

/* Packs straight from the mapping where it can. */
static void pack_source(const struct bert *b, const struct source *s)
{
    size_t n = s->n, k = s->to->k;
    float *bias = (float *)(uintptr_t)s->to->bias;
    for (size_t i = 0; i < s->count; i++)
        tensor_read(s->biases[i], 0, n, bias + i * n);
    for (size_t i = 0; i < n; i++)
        bias[i] *= s->scale;
    if (s->count == 1 && s->scale == 1.0f && stands_as_floats(s->weights[0])) {
        b->kernels->pack(s->to, (const float *)(const void *)s->weights[0]->data);
        return;
    }
    VZ_CLEANUP(free_at) float *rows = aligned_new(s->count * n * k, sizeof *rows);
    for (size_t i = 0; i < s->count; i++)
        tensor_read(s->weights[i], 0, n * k, rows + i * n * k);
    for (size_t i = 0; i < n * k; i++)
        rows[i] *= s->scale;
    b->kernels->pack(s->to, rows);
}

#define LINEARS 4 /* of a layer */

static bool find_layer(struct bert *b, size_t i, struct source *ret, struct vz_error *err)
{
    enum { QUERY, KEY, VALUE, OUT, UP, DOWN, OUT_NORM, DOWN_NORM, PARTS };
    static const char *const parts[PARTS] = {
        "attention.self.query",       "attention.self.key", "attention.self.value",
        "attention.output.dense",     "intermediate.dense", "output.dense",
        "attention.output.LayerNorm", "output.LayerNorm",
    };
    char text[PARTS][100];
    const char *name[PARTS];
    for (size_t p = 0; p < PARTS; p++) {
        snprintf(text[p], sizeof text[p], "encoder.layer.%zu.%s", i, parts[p]);
        name[p] = text[p];
    }
    struct layer *l = &b->layers[i];
    size_t h = b->config.hidden, inner = b->config.intermediate;
    // Scores are q·k/√width: the factor is put into the query's weights.
    float scale = 1.0f / sqrtf((float)(h / b->config.heads));
    return find_linear(b, &name[QUERY], 3, h, h, scale, &l->qkv, &ret[0], err) &&
           find_linear(b, &name[OUT], 1, h, h, 1.0f, &l->out, &ret[1], err) &&
           find_linear(b, &name[UP], 1, inner, h, 1.0f, &l->up, &ret[2], err) &&
           find_linear(b, &name[DOWN], 1, h, inner, 1.0f, &l->down, &ret[3], err) &&
           read_norm(b, name[OUT_NORM], &l->out_gain, &l->out_bias, err) &&
           read_norm(b, name[DOWN_NORM], &l->down_gain, &l->down_bias, err);
}

/* Word embeddings are read where they stand in the mapping when they are aligned floats: they
 * are the largest matrix, and a text touches few of its rows. */
static bool read_words(struct bert *b, struct vz_error *err)
{
    const struct tensor *t = NULL;
    const struct nn_config *c = &b->config;
    if (!want(b, "embeddings.word_embeddings.weight", c->vocab, c->hidden, &t, err))
        return false;
    if (stands_as_floats(t)) {
        b->words = (const float *)(const void *)t->data;
        return true;
    }
    b->owned_words = aligned_new(c->vocab * c->hidden, sizeof(float));
    tensor_read(t, 0, c->vocab * c->hidden, b->owned_words);
    b->words = b->owned_words;
    return true;
}

static bool read_embeddings(struct bert *b, struct vz_error *err)
{
    const struct tensor *positions = NULL, *types = NULL;
    const struct nn_config *c = &b->config;
    if (!read_words(b, err) ||
        !want(b, "embeddings.position_embeddings.weight", c->positions, c->hidden, &positions,
              err) ||
        !want(b, "embeddings.token_type_embeddings.weight", c->types, c->hidden, &types, err) ||
        !read_norm(b, "embeddings.LayerNorm", &b->gain, &b->bias, err))
        return false;

    VZ_CLEANUP(free_at) float *type = aligned_new(c->hidden, sizeof *type);
    tensor_read(types, 0, c->hidden, type);
    b->positions = aligned_new(c->positions * c->hidden, sizeof(float));
    tensor_read(positions, 0, c->positions * c->hidden, b->positions);
    for (size_t i = 0; i < c->positions; i++)
        b->kernels->add_scaled(b->positions + i * c->hidden, type, 1.0f, c->hidden);
    return true;
}

bool bert_read_config(const char *folder, struct nn_config *ret, struct vz_error *err)
{
    VZ_CLEANUP(json_decref_at) json_t *root = NULL;
    VZ_CLEANUP(buf_free) struct buf path = buf_make(LIMIT_JSON_FILE);
    buf_printf(&path, "%s/config.json", folder);
    if (!json_load_path(path.p, &root, err))
        return false;
    return config_read(root, ret, err) || vz_context(err, "\"%s\"", path.p);
}

/* Floats, each piece from a cache line on. */
static float *cut(float **rest, size_t n)
{
    float *p = *rest;
    *rest += (n + 15) / 16 * 16;
    return p;
}

/* Gives the sources their places in one block; without a block, only says how large it is. */
static size_t place(const struct bert *b, const struct source *sources, size_t n, float *block)
{
    size_t total = 0;
    for (size_t i = 0; i < n; i++) {
        struct nn_linear *l = sources[i].to;
        size_t packed = nn_packed_size(b->kernels, l->n, l->k);
        total += (packed + 15) / 16 * 16 + (l->n + 15) / 16 * 16;
        if (!block)
            continue;
        l->packed = cut(&block, packed);
        l->bias = cut(&block, l->n);
    }
    return total;
}

struct packing {
    const struct bert *bert;
    const struct source *sources;
};

static void pack_one(void *arg, size_t i)
{
    const struct packing *p = arg;
    pack_source(p->bert, &p->sources[i]);
}

static bool read_layers(struct bert *b, size_t threads, struct vz_error *err)
{
    size_t n = LINEARS * b->config.layers;
    VZ_CLEANUP(free_at) struct source *sources = xcalloc(n, sizeof *sources);
    b->layers = xcalloc(b->config.layers, sizeof *b->layers);
    for (size_t i = 0; i < b->config.layers; i++)
        if (!find_layer(b, i, sources + LINEARS * i, err))
            return false;
    b->linears = huge_new(place(b, sources, n, NULL), sizeof(float));
    place(b, sources, n, b->linears);
    parallel_for(n, threads, pack_one, &(struct packing){ b, sources });
    return true;
}

static bool read_all(struct bert *b, const char *folder, size_t threads, struct vz_error *err)
{
    if (!bert_read_config(folder, &b->config, err) || !weights_open(folder, &b->weights, err))
        return false;
    if (weights_find(b->weights, "bert.embeddings.word_embeddings.weight"))
        snprintf(b->prefix, sizeof b->prefix, "bert.");
    if (!read_embeddings(b, err) || !read_layers(b, threads, err))
        return false;
    weights_forget(b->weights);
    return true;
}

bool bert_open(const char *folder, const struct nn_kernels *kernels, size_t threads,
               struct bert **ret, struct vz_error *err)
{
    struct bert *b = xcalloc(1, sizeof *b);
    b->kernels = kernels;
    if (!read_all(b, folder, threads, err)) {
        bert_close(b);
        return false;
    }
    *ret = b;
    return true;
}

void bert_close(struct bert *b)
{
    if (!b)
        return;
    for (size_t i = 0; b->layers && i < b->config.layers; i++) {
        struct layer *l = &b->layers[i];
        xfree(l->out_gain);
        xfree(l->out_bias);
        xfree(l->down_gain);
        xfree(l->down_bias);
    }
    xfree(b->layers);
    xfree(b->linears);
    xfree(b->owned_words);
    xfree(b->positions);
    xfree(b->gain);
    xfree(b->bias);
    weights_close(b->weights);
    xfree(b);
}

const struct nn_config *bert_config(const struct bert *b)
{
    return &b->config;
}

const struct weights *bert_weights(const struct bert *b)
{
    return b->weights;
}

/* ---- the forward pass ---- */

struct bert_state *bert_state_new(const struct bert *b, size_t max_tokens)
{
    const struct nn_config *c = &b->config;
    struct bert_state *s = xcalloc(1, sizeof *s);
    size_t wide = 3 * c->hidden > c->intermediate ? 3 * c->hidden : c->intermediate;
    size_t attention = nn_attention_scratch(max_tokens, c->hidden / c->heads);
    s->max_tokens = max_tokens;
    s->hidden = aligned_new(max_tokens * c->hidden, sizeof(float));
    s->ctx = aligned_new(max_tokens * c->hidden, sizeof(float));
    s->wide = aligned_new(max_tokens * wide, sizeof(float));
    s->scratch =
        aligned_new(attention > NN_LINEAR_SCRATCH ? attention : NN_LINEAR_SCRATCH, sizeof(float));
    return s;
}

void bert_state_free(struct bert_state *s)
{
    if (!s)
        return;
    xfree(s->hidden);
    xfree(s->ctx);
    xfree(s->wide);
    xfree(s->scratch);
    xfree(s);
}

static void embed(const struct bert *b, float *hidden, const struct bert_batch *batch)
{
    size_t h = b->config.hidden;
    for (size_t i = 0; i < batch->count; i++)
        for (uint32_t at = batch->starts[i]; at < batch->starts[i + 1]; at++)
            b->kernels->layer_norm(b->words + (size_t)batch->ids[at] * h,
                                   b->positions + (at - batch->starts[i]) * h, b->gain, b->bias,
                                   b->config.eps, h, hidden + at * h);
}

static void attend(const struct bert *b, struct bert_state *s, const struct bert_batch *batch)
{
    size_t h = b->config.hidden;
    for (size_t i = 0; i < batch->count; i++)
        b->kernels->attention(&(struct nn_attention){
            .qkv = s->wide + batch->starts[i] * 3 * h,
            .len = batch->starts[i + 1] - batch->starts[i],
            .heads = b->config.heads,
            .width = h / b->config.heads,
            .ctx = s->ctx + batch->starts[i] * h,
            .scratch = s->scratch,
        });
}

static void norm_rows(const struct bert *b, float *x, size_t rows, const float *gain,
                      const float *bias)
{
    size_t h = b->config.hidden;
    for (size_t i = 0; i < rows; i++)
        b->kernels->layer_norm(x + i * h, NULL, gain, bias, b->config.eps, h, x + i * h);
}

static void multiply(const struct bert *b, const struct bert_state *s, struct nn_product *p,
                     size_t rows)
{
    p->rows = rows;
    p->scratch = s->scratch;
    b->kernels->linear(p);
}

/* The wanted rows of x to its beginning. */
static void keep_only(float *x, size_t h, const struct bert_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        memmove(x + i * h, x + batch->only[i] * h, h * sizeof *x);
}

/* 1. hidden = norm(words[id] + positions[place] + types[0])
 * For each layer:
 * 2. q, k, v = hidden · Wqkvᵀ + bias
 * 3. ctx     = softmax(q · kᵀ / √width) · v, a head and a sequence at a time
 * 4. hidden  = norm(hidden + ctx · Woutᵀ + bias)
 * 5. wide    = act(hidden · Wupᵀ + bias)
 * 6. hidden  = norm(hidden + wide · Wdownᵀ + bias)
 * In the last layer, from 4 on, for the wanted rows alone. */
const float *bert_forward(const struct bert *b, struct bert_state *s,
                          const struct bert_batch *batch)
{
    size_t rows = batch->starts[batch->count], h = b->config.hidden;
    embed(b, s->hidden, batch);
    for (size_t i = 0; i < b->config.layers; i++) {
        const struct layer *l = &b->layers[i];
        struct nn_product qkv = { .w = &l->qkv, .x = s->hidden, .y = s->wide };
        struct nn_product out = { .w = &l->out, .x = s->ctx, .y = s->hidden, .add = true };
        struct nn_product up = { .w = &l->up, .x = s->hidden, .y = s->wide, .act = b->config.act };
        struct nn_product down = { .w = &l->down, .x = s->wide, .y = s->hidden, .add = true };
        multiply(b, s, &qkv, rows);
        attend(b, s, batch);
        if (batch->only && i + 1 == b->config.layers) {
            keep_only(s->hidden, h, batch);
            keep_only(s->ctx, h, batch);
            rows = batch->count;
        }
        multiply(b, s, &out, rows);
        norm_rows(b, s->hidden, rows, l->out_gain, l->out_bias);
        multiply(b, s, &up, rows);
        multiply(b, s, &down, rows);
        norm_rows(b, s->hidden, rows, l->down_gain, l->down_bias);
    }
    return s->hidden;
}

void bert_shape(const struct bert *b, size_t i, size_t *ret_n, size_t *ret_k)
{
    const struct layer *l = &b->layers[0];
    const struct nn_linear *const shapes[BERT_SHAPES] = { &l->qkv, &l->out, &l->up, &l->down };
    *ret_n = shapes[i]->n;
    *ret_k = shapes[i]->k;
}

double bert_flop(const struct bert *b, size_t tokens)
{
    double linear = 0, t = (double)tokens;
    for (size_t i = 0; i < BERT_SHAPES; i++) {
        size_t n = 0, k = 0;
        bert_shape(b, i, &n, &k);
        linear += 2.0 * (double)n * (double)k;
    }
    double attention = 4.0 * t * (double)b->config.hidden;
    return (linear + attention) * (double)b->config.layers * t;
}
