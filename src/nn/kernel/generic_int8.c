/* SPDX-License-Identifier: Apache-2.0
 *
 * int8 in plain C: the specification of the other tables, and the path for CPUs without one.
 * Packed: the scales [n, spans], then the whole numbers [n, k]. */
#include "nn/kernel/int8_spec.h"
#include "nn/kernel/precision.h"

static size_t packed_size(size_t n, size_t k)
{
    return n * int8_spans(k) + (n * k + sizeof(float) - 1) / sizeof(float);
}

static int8_t *whole_of(const struct nn_linear *w)
{
    return (int8_t *)(w->packed + w->n * int8_spans(w->k));
}

static void pack(const struct nn_linear *w, const float *weight)
{
    size_t spans = int8_spans(w->k);
    for (size_t i = 0; i < w->n * spans; i++) {
        size_t at = i / spans * w->k + i % spans * INT8_SPAN;
        w->packed[i] =
            int8_weight_span(weight + at, int8_span_width(w->k, i % spans), whole_of(w) + at);
    }
}

/* q[i] = whole number of x[i], less the span's zero point: -255 … 255; returns the scale */
static float input_span(const float *x, size_t width, int16_t *q)
{
    float least = 0.0f, largest = 0.0f, poison = 0.0f;
    for (size_t i = 0; i < width; i++) {
        least = x[i] < least ? x[i] : least;
        largest = x[i] > largest ? x[i] : largest;
        poison += x[i] * 0.0f;
    }
    struct int8_range r = int8_range_of(least, largest, poison);
    for (size_t i = 0; i < width; i++) {
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

/* y[j] += Σₖ q[k] · W[j, k] · scale of the column · scale of the row, k over one span */
static void add_span(const struct nn_linear *w, size_t span, const int16_t *q, float scale,
                     float *y)
{
    for (size_t j = 0; j < w->n; j++) {
        const int8_t *whole = whole_of(w) + j * w->k + span * INT8_SPAN;
        int32_t sum = 0;
        for (size_t k = 0; k < int8_span_width(w->k, span); k++)
            sum += q[k] * whole[k];
        y[j] = fmaf((float)sum * w->packed[j * int8_spans(w->k) + span], scale, y[j]);
    }
}

/* y[j] = act(bias[j] (+ y[j]) + the spans, in order) */
static void linear_row(const struct nn_product *p, const float *x, float *y)
{
    const struct nn_linear *w = p->w;
    int16_t q[INT8_SPAN];
    for (size_t j = 0; j < w->n; j++)
        y[j] = (w->bias ? w->bias[j] : 0.0f) + (p->add ? y[j] : 0.0f);
    for (size_t s = 0; s < int8_spans(w->k); s++) {
        float scale = input_span(x + s * INT8_SPAN, int8_span_width(w->k, s), q);
        add_span(w, s, q, scale, y);
    }
    nn_kernels_generic.activate(p->act, y, w->n);
}

static void linear(const struct nn_product *p)
{
    for (size_t i = 0; i < p->rows; i++)
        linear_row(p, p->x + i * p->w->k, p->y + i * p->w->n);
}

const struct nn_reduced nn_int8_generic = {
    .name = "generic",
    .packed_size = packed_size,
    .pack = pack,
    .linear = linear,
};
