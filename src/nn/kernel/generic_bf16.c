/* SPDX-License-Identifier: Apache-2.0
 *
 * bf16 in plain C: the specification of the other tables, and the path for CPUs without one.
 * Packed: bfloat16 [k, n], so that the inner loop over the columns of y is a vector one. */
#include "nn/kernel/bf16_spec.h"
#include "nn/kernel/precision.h"

static size_t packed_size(size_t n, size_t k)
{
    return (n * k * sizeof(uint16_t) + sizeof(float) - 1) / sizeof(float);
}

static void pack(const struct nn_linear *w, const float *weight)
{
    uint16_t *to = (void *)w->packed;
    for (size_t j = 0; j < w->n; j++)
        for (size_t k = 0; k < w->k; k++)
            to[k * w->n + j] = bf16_of(weight[j * w->k + k]);
}

/* y[j] = act(Σₖ bf16(x[k]) · bf16(W[j, k]) + bias[j] (+ y[j])) */
static void linear_row(const struct nn_product *p, const float *x, float *y)
{
    const struct nn_linear *w = p->w;
    const uint16_t *weight = (const void *)w->packed;
    for (size_t j = 0; j < w->n; j++)
        y[j] = (w->bias ? w->bias[j] : 0.0f) + (p->add ? y[j] : 0.0f);
    for (size_t k = 0; k < w->k; k++) {
        float v = bf16_float(bf16_of(x[k]));
        for (size_t j = 0; j < w->n; j++)
            y[j] += v * bf16_float(weight[k * w->n + j]);
    }
    nn_kernels_generic.activate(p->act, y, w->n);
}

static void linear(const struct nn_product *p)
{
    for (size_t i = 0; i < p->rows; i++)
        linear_row(p, p->x + i * p->w->k, p->y + i * p->w->n);
}

const struct nn_reduced nn_bf16_generic = {
    .name = "generic",
    .packed_size = packed_size,
    .pack = pack,
    .linear = linear,
};
