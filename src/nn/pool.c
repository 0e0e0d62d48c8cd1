/* SPDX-License-Identifier: Apache-2.0
 *
 * Poolings as sentence-transformers computes them, and the stages after them. */
#include "nn/pool.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "nn/weights.h"

struct pool {
    const struct nn_folder *folder;
    const struct nn_kernels *kernels;
    size_t hidden, dim, widest;
    struct nn_linear dense[FOLDER_MAX_STAGES]; /* packed == NULL: no dense stage */
};

static bool read_dense(struct pool *p, size_t i, struct vz_error *err)
{
    const struct nn_stage *s = &p->folder->stages[i];
    struct nn_linear *l = &p->dense[i];
    const struct tensor *w = NULL, *b = NULL;
    struct weights *weights = NULL;
    if (!weights_open(s->folder, &weights, err))
        return false;
    bool ok = weights_want(weights, "linear.weight", (size_t[]){ s->out, s->in }, 2, &w, err) &&
              (!s->has_bias || weights_want(weights, "linear.bias", &s->out, 1, &b, err));
    if (ok) {
        VZ_CLEANUP(free_at) float *rows = aligned_new(s->out * s->in, sizeof *rows);
        float *bias = b ? aligned_new(s->out, sizeof *bias) : NULL;
        *l = (struct nn_linear){ .n = s->out, .k = s->in, .bias = bias };
        tensor_read(w, 0, s->out * s->in, rows);
        if (b)
            tensor_read(b, 0, s->out, bias);
        l->packed = aligned_new(nn_packed_size(p->kernels, l->n, l->k), sizeof *l->packed);
        p->kernels->pack(l, rows);
    }
    weights_close(weights);
    return ok;
}

static bool read_all(struct pool *p, struct vz_error *err)
{
    const struct nn_folder *f = p->folder;
    if (f->pooled_width && f->pooled_width != p->hidden)
        return vz_fail(err, VZ_FORMAT,
                       "the Pooling module is for %zu components, the transformer has %zu",
                       f->pooled_width, p->hidden);
    p->dim = p->widest = f->n_poolings * p->hidden;
    for (size_t i = 0; i < f->n_stages; i++) {
        const struct nn_stage *s = &f->stages[i];
        if (s->type != NN_STAGE_DENSE)
            continue;
        if (s->in != p->dim)
            return vz_fail(err, VZ_FORMAT, "\"%s\": \"in_features\" is %zu, but %zu come in",
                           s->folder, s->in, p->dim);
        if (!read_dense(p, i, err))
            return false;
        p->dim = s->out;
        p->widest = p->dim > p->widest ? p->dim : p->widest;
    }
    if (p->dim > LIMIT_DIM)
        return vz_fail(err, VZ_FORMAT, "vectors of %zu components, more than the limit of %d",
                       p->dim, LIMIT_DIM);
    return true;
}

bool pool_open(const struct nn_folder *folder, size_t hidden, const struct nn_kernels *kernels,
               struct pool **ret, struct vz_error *err)
{
    struct pool *p = xcalloc(1, sizeof *p);
    *p = (struct pool){ .folder = folder, .kernels = kernels, .hidden = hidden };
    if (!read_all(p, err)) {
        pool_close(p);
        return false;
    }
    *ret = p;
    return true;
}

void pool_close(struct pool *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < FOLDER_MAX_STAGES; i++) {
        xfree(p->dense[i].packed);
        xfree((void *)p->dense[i].bias);
    }
    xfree(p);
}

size_t pool_dim(const struct pool *p)
{
    return p->dim;
}

size_t pool_scratch(const struct pool *p)
{
    return 2 * p->widest + NN_LINEAR_SCRATCH;
}

/* The first row behind the prompt. A text that was cut off inside it has its last token left. */
static size_t first_pooled(size_t tokens, size_t skip)
{
    return skip < tokens ? skip : tokens - 1;
}

static bool is_one_row(enum nn_pooling pooling)
{
    return pooling == NN_POOL_CLS || pooling == NN_POOL_LAST;
}

/* Of those two. */
static size_t row_of(enum nn_pooling pooling, size_t from, size_t tokens)
{
    return pooling == NN_POOL_CLS ? from : tokens - 1;
}

bool pool_takes_one_row(const struct pool *p)
{
    return p->folder->n_poolings == 1 && is_one_row(p->folder->poolings[0]);
}

size_t pool_row(const struct pool *p, size_t tokens, size_t skip)
{
    return row_of(p->folder->poolings[0], first_pooled(tokens, skip), tokens);
}

/* y = Σ weight(i) · row(i) / divisor, with weight 1 or the token's place from 1 */
static void weighted_sum(const struct pool *p, const float *rows, size_t from, size_t tokens,
                         enum nn_pooling pooling, float *y)
{
    double total = 0;
    memset(y, 0, p->hidden * sizeof *y);
    for (size_t i = from; i < tokens; i++) {
        float weight = pooling == NN_POOL_WEIGHTED_MEAN ? (float)(i + 1) : 1.0f;
        p->kernels->add_scaled(y, rows + i * p->hidden, weight, p->hidden);
        total += (double)weight;
    }
    float divisor = (float)(pooling == NN_POOL_MEAN_SQRT_LEN ? sqrt(total) : total);
    for (size_t d = 0; d < p->hidden; d++)
        y[d] /= divisor;
}

static void pool_one(const struct pool *p, enum nn_pooling pooling, const float *rows, size_t from,
                     size_t tokens, float *y)
{
    size_t bytes = p->hidden * sizeof *y;
    switch (pooling) {
    case NN_POOL_CLS:
    case NN_POOL_LAST:
        memcpy(y, rows + row_of(pooling, from, tokens) * p->hidden, bytes);
        break;
    case NN_POOL_MAX:
        memcpy(y, rows + from * p->hidden, bytes);
        for (size_t i = from + 1; i < tokens; i++)
            p->kernels->maximum(y, rows + i * p->hidden, p->hidden);
        break;
    case NN_POOL_MEAN:
    case NN_POOL_MEAN_SQRT_LEN:
    case NN_POOL_WEIGHTED_MEAN:
        weighted_sum(p, rows, from, tokens, pooling, y);
        break;
    case NN_POOLINGS:
        break;
    }
}

void pool_apply(const struct pool *p, const float *rows, size_t tokens, size_t skip, float *scratch,
                float *ret_vector)
{
    const struct nn_folder *f = p->folder;
    float *x = scratch, *y = scratch + p->widest, *linear_scratch = y + p->widest;
    size_t from = first_pooled(tokens, skip), dim = f->n_poolings * p->hidden;
    for (size_t i = 0; i < f->n_poolings; i++)
        pool_one(p, f->poolings[i], rows, from, tokens, x + i * p->hidden);
    for (size_t i = 0; i < f->n_stages; i++) {
        const struct nn_stage *s = &f->stages[i];
        if (s->type == NN_STAGE_NORMALISE) {
            p->kernels->normalise(x, dim);
            continue;
        }
        p->kernels->linear(&(struct nn_product){ .w = &p->dense[i],
                                                 .x = x,
                                                 .rows = 1,
                                                 .y = y,
                                                 .act = s->act,
                                                 .scratch = linear_scratch });
        dim = s->out;
        float *swap = x;
        x = y;
        y = swap;
    }
    memcpy(ret_vector, x, dim * sizeof *x);
}
