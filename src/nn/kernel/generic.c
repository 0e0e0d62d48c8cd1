/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernels in plain C: the specification of the others, and the path for CPUs without one of
 * its own. Compiled with -ffp-contract=off, so that it means the same everywhere. */
#include "nn/kernel/kernel.h"

#include <math.h>
#include <string.h>

#define PANEL 16

/* packed[p][k][PANEL]: PANEL rows of the weight side by side, so that the inner loop over the
 * columns of y is a vector one. Columns past n are zero. */
static void generic_pack(const struct nn_linear *w, const float *weight)
{
    for (size_t j = 0; j < (w->n + PANEL - 1) / PANEL * PANEL; j++) {
        float *to = w->packed + j / PANEL * PANEL * w->k + j % PANEL;
        for (size_t k = 0; k < w->k; k++)
            to[k * PANEL] = j < w->n ? weight[j * w->k + k] : 0.0f;
    }
}

static float activated(enum nn_act act, float x)
{
    switch (act) {
    case NN_GELU:
        return 0.5f * x * (1.0f + erff(x * 0.70710678118654752f));
    case NN_GELU_TANH:
        return 0.5f * x * (1.0f + tanhf(0.79788456080286536f * (x + 0.044715f * x * x * x)));
    case NN_RELU:
        return x > 0.0f ? x : 0.0f;
    case NN_TANH:
        return tanhf(x);
    case NN_SIGMOID:
        return 1.0f / (1.0f + expf(-x));
    case NN_IDENTITY:
        break;
    }
    return x;
}

static void generic_activate(enum nn_act act, float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = activated(act, x[i]);
}

/* y[j] = act(Σₖ x[k] · W[j, k] + bias[j] (+ y[j])) */
static void linear_row(const struct nn_product *p, const float *x, float *y)
{
    const struct nn_linear *w = p->w;
    for (size_t j = 0; j < w->n; j += PANEL) {
        const float *panel = w->packed + j * w->k;
        size_t width = w->n - j < PANEL ? w->n - j : PANEL;
        float sum[PANEL] = { 0 };
        for (size_t i = 0; i < width; i++)
            sum[i] = (w->bias ? w->bias[j + i] : 0.0f) + (p->add ? y[j + i] : 0.0f);
        for (size_t k = 0; k < w->k; k++)
            for (size_t i = 0; i < PANEL; i++)
                sum[i] += x[k] * panel[k * PANEL + i];
        generic_activate(p->act, sum, width);
        memcpy(y + j, sum, width * sizeof *y);
    }
}

static void generic_linear(const struct nn_product *p)
{
    for (size_t i = 0; i < p->rows; i++)
        linear_row(p, p->x + i * p->w->k, p->y + i * p->w->n);
}

/* s[j] = exp(s[j] - max(s)) / Σ exp(s - max(s)) */
static void softmax(float *s, size_t n)
{
    float max = s[0], sum = 0.0f;
    for (size_t j = 1; j < n; j++)
        max = s[j] > max ? s[j] : max;
    for (size_t j = 0; j < n; j++) {
        s[j] = expf(s[j] - max);
        sum += s[j];
    }
    for (size_t j = 0; j < n; j++)
        s[j] /= sum;
}

/* One token's row of one head: ctx = softmax(q · Kᵀ) · V */
static void attend(const float *q, const float *keys, const float *values, size_t stride,
                   size_t len, size_t width, float *scores, float *ctx)
{
    for (size_t j = 0; j < len; j++) {
        scores[j] = 0.0f;
        for (size_t d = 0; d < width; d++)
            scores[j] += q[d] * keys[j * stride + d];
    }
    softmax(scores, len);
    memset(ctx, 0, width * sizeof *ctx);
    for (size_t j = 0; j < len; j++)
        for (size_t d = 0; d < width; d++)
            ctx[d] += scores[j] * values[j * stride + d];
}

static void generic_attention(const struct nn_attention *a)
{
    size_t hidden = a->heads * a->width, stride = 3 * hidden;
    for (size_t h = 0; h < a->heads; h++) {
        const float *q = a->qkv + h * a->width, *k = q + hidden, *v = k + hidden;
        for (size_t i = 0; i < a->len; i++)
            attend(q + i * stride, k, v, stride, a->len, a->width, a->scratch,
                   a->ctx + i * hidden + h * a->width);
    }
}

static void generic_layer_norm(const float *a, const float *b, const float *gain, const float *bias,
                               float eps, size_t n, float *y)
{
    float mean = 0.0f, var = 0.0f;
    for (size_t i = 0; i < n; i++) {
        y[i] = a[i] + (b ? b[i] : 0.0f);
        mean += y[i];
    }
    mean /= (float)n;
    for (size_t i = 0; i < n; i++)
        var += (y[i] - mean) * (y[i] - mean);
    float scale = 1.0f / sqrtf(var / (float)n + eps);
    for (size_t i = 0; i < n; i++)
        y[i] = (y[i] - mean) * scale * gain[i] + bias[i];
}

static void generic_add_scaled(float *y, const float *x, float scale, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] += scale * x[i];
}

static void generic_maximum(float *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] > y[i] ? x[i] : y[i];
}

static void generic_normalise(float *x, size_t n)
{
    float sum = 0.0f;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * x[i];
    float norm = sqrtf(sum);
    for (size_t i = 0; i < n; i++)
        x[i] /= norm > 1e-12f ? norm : 1e-12f;
}

const struct nn_kernels nn_kernels_generic = {
    .name = "generic",
    .panel = PANEL,
    .pack = generic_pack,
    .linear = generic_linear,
    .attention = generic_attention,
    .layer_norm = generic_layer_norm,
    .activate = generic_activate,
    .add_scaled = generic_add_scaled,
    .maximum = generic_maximum,
    .normalise = generic_normalise,
};
