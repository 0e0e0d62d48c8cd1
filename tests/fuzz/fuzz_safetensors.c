/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a safetensors file: an index whose tensors lie inside the file, or a reason. */
#include "fuzz.h"

#include "nn/safetensors.h"

/* Every byte of a tensor can be read: under a sanitizer this finds an index that is wrong. */
static unsigned touch(const unsigned char *p, size_t size)
{
    unsigned sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += p[i];
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vz_error err = { 0 };
    struct safetensors st = { 0 };
    if (!safetensors_parse(data, size, &st, &err)) {
        fuzz_check(err.kind == VZ_FORMAT && err.message[0]);
        return 0;
    }
    unsigned sum = 0;
    for (size_t i = 0; i < st.count; i++) {
        const struct tensor *t = &st.tensors[i];
        fuzz_check(t->data >= data && t->size <= size - (size_t)(t->data - data));
        fuzz_check(t->n_dims <= TENSOR_MAX_DIMS);
        sum += touch(t->data, t->size);
        fuzz_check(safetensors_find(&st, t->name) == t);
    }
    volatile unsigned keep = sum;
    (void)keep;
    safetensors_free(&st);
    return 0;
}
