/* SPDX-License-Identifier: Apache-2.0
 *
 * From the float types of weight files to fp32. All conversions are exact. */
#include "nn/tensor.h"

#include <string.h>

static float float_of_bits(uint32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

/* IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
static float float_of_f16(uint16_t h)
{
    uint32_t sign = (uint32_t)(h & 0x8000) << 16;
    uint32_t exponent = h >> 10 & 0x1F, fraction = h & 0x3FF;
    if (exponent == 0x1F)
        return float_of_bits(sign | 0x7F800000 | fraction << 13);
    if (exponent == 0) { // zero or subnormal: fraction * 2^-24
        float f = (float)fraction * 0x1p-24f;
        return sign ? -f : f;
    }
    return float_of_bits(sign | (exponent + 112) << 23 | fraction << 13);
}

void tensor_read(const struct tensor *t, size_t first, size_t count, float *ret)
{
    if (t->type == TENSOR_F32) {
        memcpy(ret, t->data + first * sizeof *ret, count * sizeof *ret);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        uint16_t bits;
        memcpy(&bits, t->data + (first + i) * sizeof bits, sizeof bits);
        // bfloat16 is the upper half of a float.
        ret[i] = t->type == TENSOR_BF16 ? float_of_bits((uint32_t)bits << 16) : float_of_f16(bits);
    }
}
