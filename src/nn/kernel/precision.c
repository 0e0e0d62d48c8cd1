/* SPDX-License-Identifier: Apache-2.0
 *
 * Which tables of reduced precision this CPU runs. */
#include "nn/kernel/precision.h"

#include <string.h>

#if NN_HAVE_AVXVNNI
#include <cpuid.h>
#endif

#include "base/compiler.h"

#if NN_HAVE_X86
#include "nn/kernel/cpu.h"

extern const struct nn_reduced nn_bf16_avx2, nn_bf16_avx512, nn_int8_avx2, nn_int8_avx512;
#endif

#if NN_HAVE_AVX512VNNI
extern const struct nn_reduced nn_int8_avx512vnni;

static bool has_avx512vnni(void)
{
    return cpu_has_avx512bw() && __builtin_cpu_supports("avx512vnni");
}
#endif

#if NN_HAVE_AVX512BF16
extern const struct nn_reduced nn_bf16_avx512bf16;

static bool has_avx512bf16(void)
{
    return cpu_has_avx512bw() && __builtin_cpu_supports("avx512bf16");
}
#endif

#if NN_HAVE_AVXVNNI
extern const struct nn_reduced nn_int8_avxvnni;

static bool has_avxvnni(void)
{
    // __builtin_cpu_supports does not know the name: leaf 7, subleaf 1, bit 4 of eax.
    unsigned a = 0, b = 0, c = 0, d = 0;
    return cpu_has_avx2() && __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a >> 4 & 1);
}
#endif

static bool always(void)
{
    return true;
}

/* In the order of their speed, those of one precision. `base` names the table of select.c that
 * stands beside it; native: faster than fp32 by instructions of its own. */
static const struct row {
    enum nn_precision precision;
    const struct nn_reduced *table;
    const char *base;
    bool native;
    bool (*runs)(void);
} rows[] = {
    { NN_BF16, &nn_bf16_generic, "generic", false, always },
    { NN_INT8, &nn_int8_generic, "generic", false, always },
#if NN_HAVE_X86
    { NN_BF16, &nn_bf16_avx2, "avx2", false, cpu_has_avx2 },
    { NN_BF16, &nn_bf16_avx512, "avx512", false, cpu_has_avx512bw },
    { NN_INT8, &nn_int8_avx2, "avx2", true, cpu_has_avx2 },
#endif
#if NN_HAVE_AVXVNNI
    { NN_INT8, &nn_int8_avxvnni, "avx2", true, has_avxvnni },
#endif
#if NN_HAVE_X86
    { NN_INT8, &nn_int8_avx512, "avx512", true, cpu_has_avx512bw },
#endif
#if NN_HAVE_AVX512VNNI
    { NN_INT8, &nn_int8_avx512vnni, "avx512", true, has_avx512vnni },
#endif
#if NN_HAVE_AVX512BF16
    { NN_BF16, &nn_bf16_avx512bf16, "avx512", true, has_avx512bf16 },
#endif
};

static const char *const names[NN_PRECISIONS] = { "fp32", "bf16", "int8" };

const char *nn_precision_name(enum nn_precision p)
{
    return names[p];
}

size_t nn_reduced_available(enum nn_precision p, const struct nn_reduced **ret, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(rows) && n < room; i++)
        if (rows[i].precision == p && rows[i].runs())
            ret[n++] = rows[i].table;
    return n;
}

/* The last row that runs and whose base is not above the table that fp32 takes. */
static const struct row *best_row(enum nn_precision p)
{
    const struct nn_kernels *found[8];
    const char *top = nn_kernels_best()->name;
    const struct row *best = NULL;
    size_t n = nn_kernels_available(found, ARRAY_LEN(found));
    for (size_t b = 0; b < n; b++) {
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
            if (rows[i].precision == p && strcmp(rows[i].base, found[b]->name) == 0 &&
                rows[i].runs())
                best = &rows[i];
        if (strcmp(found[b]->name, top) == 0)
            break;
    }
    return best;
}

void nn_kernels_reduce(const struct nn_kernels *base, const struct nn_reduced *reduced,
                       struct nn_kernels *ret)
{
    *ret = *base;
    ret->packed_size = reduced->packed_size;
    ret->pack = reduced->pack;
    ret->linear = reduced->linear;
}

void nn_kernels_at(enum nn_precision p, struct nn_kernels *ret)
{
    const struct row *row = p == NN_FP32 ? NULL : best_row(p);
    if (row)
        nn_kernels_reduce(nn_kernels_best(), row->table, ret);
    else
        *ret = *nn_kernels_best();
}

bool nn_precision_is_native(enum nn_precision p)
{
    const struct row *row = p == NN_FP32 ? NULL : best_row(p);
    return p == NN_FP32 || (row && row->native);
}
