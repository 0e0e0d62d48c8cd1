/* SPDX-License-Identifier: Apache-2.0
 *
 * Vectors to text and back: every float keeps its bits, in the fewest digits, in any locale. */
#include "tests/lib/test.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "base/limits.h"
#include "db/vector_text.h"

static float of_bits(uint32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static void test_known(void **state)
{
    (void)state;
    static const struct {
        float value;
        const char *text;
    } cases[] = {
        { 0, "0" },
        { -0.0f, "-0" },
        { 1, "1" },
        { -1.5f, "-1.5" },
        { 0.1f, "0.1" },
        { 0.3f, "0.3" },
        { 100, "100" },
        { 16777216, "16777216" },
        { 33554432, "33554432" },
        { 1e9f, "1e+09" },
        { 123456792, "123456790" },
        { 0.001f, "0.001" },
        { 0.000135f, "0.000135" },
        { 1e-5f, "1e-05" },
        { 8.643205e-05f, "8.643205e-05" },
        { FLT_MAX, "3.4028235e+38" },
        { FLT_MIN, "1.1754944e-38" },
        { 1e-45f, "1e-45" },
        { -1.17549421e-38f, "-1.1754942e-38" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[FLOAT_TEXT_MAX + 1];
        text[float_text(cases[i].value, text)] = '\0';
        assert_string_equal(text, cases[i].text);
    }
}

static int significant_digits(const char *text)
{
    int n = 0, zeros = 0;
    for (; *text && *text != 'e'; text++) {
        if (*text < '0' || *text > '9' || (n == 0 && *text == '0'))
            continue;
        zeros = *text == '0' ? zeros + 1 : 0;
        n++;
    }
    return n - zeros;
}

/* The fewest digits that read back, found the slow way. */
static int digits_needed(float value)
{
    char text[40];
    for (int digits = 1; digits < 9; digits++) {
        snprintf(text, sizeof text, "%.*e", digits - 1, (double)value);
        if (strtof(text, NULL) == value)
            return digits;
    }
    return 9;
}

static void check_float(uint32_t bits)
{
    float value = of_bits(bits);
    if (!isfinite(value))
        return;
    char text[FLOAT_TEXT_MAX + 1];
    size_t len = float_text(value, text);
    assert_true(len <= FLOAT_TEXT_MAX);
    text[len] = '\0';
    float back = strtof(text, NULL);
    assert_memory_equal(&back, &value, sizeof value);
    if (bits << 1)
        assert_true(significant_digits(text) <= digits_needed(value));
}

static void test_many(void **state)
{
    (void)state;
    for (uint32_t exponent = 0; exponent < 255; exponent++) { // borders of every binade
        for (uint32_t i = 0; i < 40; i++) {
            check_float(exponent << 23 | i);
            check_float((exponent << 23 | 0x7FFFFF) - i);
        }
    }
    uint32_t seed = 12345;
    for (int i = 0; i < 200000; i++) {
        seed = seed * 1664525 + 1013904223;
        check_float(seed);
    }
}

static void test_vector(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    float row[4] = { 0.25f, -1, 3.5e-5f, 0 }, back[4];
    char text[128];
    size_t len = vector_text(row, 4, text);
    assert_string_equal(text, "[0.25,-1,3.5e-05,0]");
    assert_int_equal(len, strlen(text));
    assert_true(len < vector_text_size(4));
    assert_ok(vector_parse((struct str){ text, len }, 4, back, &err), &err);
    assert_memory_equal(row, back, sizeof row);
    assert_ok(vector_parse(STR_LIT(" [ 0.25 , -1,3.5e-05,\t0 ]\n"), 4, back, &err), &err);
    assert_memory_equal(row, back, sizeof row);
}

static void test_parse_fails(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "[",
        "]",
        "[]",
        "[1]",
        "[1,2,3]",
        "1,2",
        "[1,]",
        "[,1]",
        "[1,2",
        "[1 2]",
        "[1,nan]",
        "[1,inf]",
        "[1,0x1]",
        "[1,e]",
        "[1,1e99]",
        "[1,2]x",
        "[1,2],",
        "[1,--2]",
        "[1,1e]",
        "[1,.]",
        "{1,2}",
        "[[1,2]]",
        "[1,1000000000000000000000000000000000000000000000000000000000000000000000000000000000]",
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct vz_error err = { 0 };
        float row[2];
        assert_fails(vector_parse(str_of(cases[i]), 2, row, &err), &err, VZ_FORMAT, "vector");
    }
}

static void test_widest(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    float *row = malloc(LIMIT_DIM * sizeof *row), *back = malloc(LIMIT_DIM * sizeof *back);
    char *text = malloc(vector_text_size(LIMIT_DIM));
    for (size_t i = 0; i < LIMIT_DIM; i++)
        row[i] = -1.17549421e-38f;
    size_t len = vector_text(row, LIMIT_DIM, text);
    assert_true(len < vector_text_size(LIMIT_DIM));
    assert_ok(vector_parse((struct str){ text, len }, LIMIT_DIM, back, &err), &err);
    assert_memory_equal(row, back, LIMIT_DIM * sizeof *row);
    free(row);
    free(back);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),  cmocka_unit_test(test_many),
        cmocka_unit_test(test_vector), cmocka_unit_test(test_parse_fails),
        cmocka_unit_test(test_widest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
