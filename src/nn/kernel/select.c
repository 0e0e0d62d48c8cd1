/* SPDX-License-Identifier: Apache-2.0
 *
 * Which kernels this CPU runs. */
#include <stdatomic.h>
#include <string.h>

#include "base/compiler.h"
#include "nn/kernel/kernel.h"

#if NN_HAVE_X86
#include "nn/kernel/cpu.h"

extern const struct nn_kernels nn_kernels_avx2, nn_kernels_avx512;
#endif

static bool always(void)
{
    return true;
}

static const struct {
    const struct nn_kernels *table;
    bool (*runs)(void);
} tables[] = {
    { &nn_kernels_generic, always },
#if NN_HAVE_X86
    { &nn_kernels_avx2, cpu_has_avx2 },
    { &nn_kernels_avx512, cpu_has_avx512 },
#endif
};

static _Atomic(const struct nn_kernels *) forced;

size_t nn_kernels_available(const struct nn_kernels **ret, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(tables) && n < room; i++)
        if (tables[i].runs())
            ret[n++] = tables[i].table;
    return n;
}

const struct nn_kernels *nn_kernels_best(void)
{
    const struct nn_kernels *found[ARRAY_LEN(tables)], *f = atomic_load(&forced);
    size_t n = nn_kernels_available(found, ARRAY_LEN(tables));
    return f ? f : found[n - 1];
}

bool nn_kernels_force(const char *name)
{
    if (!name) {
        atomic_store(&forced, NULL);
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        if (strcmp(tables[i].table->name, name) == 0 && tables[i].runs()) {
            atomic_store(&forced, tables[i].table);
            return true;
        }
    }
    return false;
}
