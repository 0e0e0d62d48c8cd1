/* SPDX-License-Identifier: Apache-2.0
 *
 * The tokenizer of the real model, for tests that are skipped without it. */
#ifndef TESTS_LIB_REAL_TOKENIZER_H
#define TESTS_LIB_REAL_TOKENIZER_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"

/* Its tokenizer.json below VECTORIZE_TEST_MODEL; false, with the reason as TAP has it, when there
 * is none. */
static inline bool find_real_tokenizer(char *path, size_t size)
{
    const char *model = getenv("VECTORIZE_TEST_MODEL");
    snprintf(path, size, "%s/tokenizer.json", model ? model : "");
    if (model && file_is_regular(path))
        return true;
    printf("1..0 # SKIP VECTORIZE_TEST_MODEL is no folder with a tokenizer.json\n");
    return false;
}

#endif
