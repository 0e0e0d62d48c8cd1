/* SPDX-License-Identifier: Apache-2.0
 *
 * A float to the nearest bfloat16, halves to even; what is not a number stays so. */
#ifndef NN_KERNEL_BF16_SPEC_H
#define NN_KERNEL_BF16_SPEC_H

#include <stdint.h>
#include <string.h>

static inline uint16_t bf16_of(float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    bits = (bits & 0x7FFFFFFF) > 0x7F800000 ? 0x7FC00000 : bits + 0x7FFF + (bits >> 16 & 1);
    return (uint16_t)(bits >> 16);
}

static inline float bf16_float(uint16_t b)
{
    uint32_t bits = (uint32_t)b << 16;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

#endif
