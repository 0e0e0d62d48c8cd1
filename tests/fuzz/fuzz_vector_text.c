/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a vector's text, and any floats printed and read back. The first byte is the
 * dimension; the rest is the text. What is read is finite, and reads the same after printing. */
#include "fuzz.h"

#include <math.h>
#include <string.h>

#include "db/vector_text.h"

#define MAX_DIM 64

/* Any finite floats survive printing and reading, bit for bit but for the sign of zero. */
static void check_round_trip(const float *row, size_t dim)
{
    struct vz_error err = { 0 };
    char text[3 + MAX_DIM * (FLOAT_TEXT_MAX + 1)];
    float again[MAX_DIM];
    size_t len = vector_text(row, dim, text);
    fuzz_check(len == strlen(text) && len < vector_text_size(dim));
    fuzz_check(vector_parse((struct str){ text, len }, dim, again, &err));
    for (size_t i = 0; i < dim; i++)
        fuzz_check(row[i] == again[i]);
}

/* The bytes themselves as floats; what is not finite becomes 1. */
static void check_bytes(const uint8_t *data, size_t size)
{
    float row[MAX_DIM];
    size_t dim = size / sizeof *row < MAX_DIM ? size / sizeof *row : MAX_DIM;
    if (dim == 0)
        return;
    memcpy(row, data, dim * sizeof *row);
    for (size_t i = 0; i < dim; i++)
        if (!isfinite(row[i]))
            row[i] = 1;
    check_round_trip(row, dim);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct vz_error err = { 0 };
    float row[MAX_DIM];
    size_t dim = 1 + data[0] % MAX_DIM;
    if (vector_parse((struct str){ (const char *)data + 1, size - 1 }, dim, row, &err)) {
        for (size_t i = 0; i < dim; i++)
            fuzz_check(isfinite(row[i]));
        check_round_trip(row, dim);
    } else {
        fuzz_check(err.kind == VZ_FORMAT && err.message[0]);
    }
    check_bytes(data + 1, size - 1);
    return 0;
}
