/* SPDX-License-Identifier: Apache-2.0
 *
 * int8 in plain C: the specification of the other tables, and the path for CPUs without one.
 * Packed: [n] scales of the columns, then the whole numbers [n, k]. */
#include "nn/kernel/int8_spec.h"
#include "nn/kernel/precision.h"

static size_t packed_size(size_t n, size_t k)
{
    return n + (n * k + sizeof(float) - 1) / sizeof(float);
}

static void pack(const struct nn_linear *w, const float *weight)
{
    int8_t *whole = (int8_t *)(w->packed + w->n);
    for (size_t j = 0; j < w->n; j++)
        w->packed[j] = int8_weight_row(weight + j * w->k, w->k, whole + j * w->k);
}

/* q[i] = whole number of x[i], less the row's zero point: -255 … 255 */
static float input_row(const float *x, size_t k, int16_t *q)
{
    float least = 0.0f, largest = 0.0f, poison = 0.0f;
    for (size_t i = 0; i < k; i++) {
        least = x[i] < least ? x[i] : least;
        largest = x[i] > largest ? x[i] : largest;
        poison += x[i] * 0.0f;
    }
    struct int8_range r = int8_range_of(least, largest, poison);
    for (size_t i = 0; i < k; i++) {
        float v = x[i] * r.inverse;
        v = v > -INT8_INPUT_MOST ? v : -INT8_INPUT_MOST; // also what is not a number
        v = v < INT8_INPUT_MOST ? v : INT8_INPUT_MOST;
        v = int8_round(v) + r.zero;
        v = v > 0.0f ? v : 0.0f;
        v = v < INT8_INPUT_MOST ? v : INT8_INPUT_MOST;
        q[i] = (int16_t)(v - r.zero);
    }
    return r.scale;
}

/* y[j] = act(Σₖ q[k] · W[j, k] · scale of column · scale of row + bias[j] (+ y[j])) */
static void linear_row(const struct nn_product *p, const int16_t *q, float scale, float *y)
{
    const struct nn_linear *w = p->w;
    const int8_t *whole = (const int8_t *)(w->packed + w->n);
    for (size_t j = 0; j < w->n; j++) {
        int32_t sum = 0;
        for (size_t k = 0; k < w->k; k++)
            sum += q[k] * whole[j * w->k + k];
        float v = (float)sum * w->packed[j] * scale;
        v += w->bias ? w->bias[j] : 0.0f;
        y[j] = p->add ? v + y[j] : v;
    }
    nn_kernels_generic.activate(p->act, y, w->n);
}

static void linear(const struct nn_product *p)
{
    int16_t *q = (int16_t *)p->scratch;
    for (size_t i = 0; i < p->rows; i++) {
        float scale = input_row(p->x + i * p->w->k, p->w->k, q);
        linear_row(p, q, scale, p->y + i * p->w->n);
    }
}

const struct nn_reduced nn_int8_generic = {
    .name = "generic",
    .packed_size = packed_size,
    .pack = pack,
    .linear = linear,
};
