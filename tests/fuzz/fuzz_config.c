/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a model's config.json: sizes that can be computed with, or a reason. */
#include "fuzz.h"

#include "nn/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vz_error err = { 0 };
    struct nn_config c = { 0 };
    if (!config_parse((struct str){ (const char *)data, size }, &c, &err)) {
        fuzz_check(err.kind != VZ_OK && err.message[0]);
        return 0;
    }
    fuzz_check(c.vocab && c.hidden && c.layers && c.heads && c.intermediate && c.positions);
    fuzz_check(c.hidden % c.heads == 0);
    fuzz_check(c.eps > 0);
    return 0;
}
