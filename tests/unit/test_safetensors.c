/* SPDX-License-Identifier: Apache-2.0
 *
 * nn/safetensors, nn/tensor, nn/weights: good files, and every way a file can lie. */
#include "tests/lib/test.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "nn/safetensors.h"
#include "nn/weights.h"

/* A file of that header and `data_len` bytes of data; owned. */
static unsigned char *file_of(const char *header, size_t data_len, size_t *ret_len)
{
    size_t n = strlen(header);
    unsigned char *p = xcalloc(1, 8 + n + data_len);
    for (size_t i = 0; i < 8; i++)
        p[i] = (unsigned char)(n >> (8 * i));
    memcpy(p + 8, header, n);
    for (size_t i = 0; i < data_len; i++)
        p[8 + n + i] = (unsigned char)i;
    *ret_len = 8 + n + data_len;
    return p;
}

#define T(name, dtype, shape, from, to)                                                            \
    "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":[" from "," to "]" \
    "}"

static void good_files_are_read(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct safetensors st = { 0 };
    size_t len = 0;
    unsigned char *p =
        file_of("{\"__metadata__\":{\"format\":\"pt\"}," T("b", "I64", "[]", "8", "16") "," T(
                    "a", "F32", "[2,1]", "0", "8") "," T("none", "F16", "[0,5]", "8", "8") "}  ",
                16, &len);
    assert_ok(safetensors_parse(p, len, &st, &err), &err);
    assert_int_equal(st.count, 3);
    const struct tensor *a = safetensors_find(&st, "a");
    assert_non_null(a);
    assert_int_equal(a->type, TENSOR_F32);
    assert_int_equal(a->n_dims, 2);
    assert_int_equal(a->dims[0], 2);
    assert_int_equal(a->size, 8);
    assert_ptr_equal(a->data, p + len - 16);
    assert_int_equal(safetensors_find(&st, "b")->type, TENSOR_OTHER);
    assert_null(safetensors_find(&st, "c"));
    safetensors_free(&st);
    xfree(p);
}

static void bad_headers_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        size_t data;
        const char *part;
    } cases[] = {
        { "", 0, "not valid JSON" },
        { "{\"a\":", 0, "not valid JSON" },
        { "[]", 0, "not a JSON object" },
        { "{\"a\":1}", 0, "not an object" },
        { "{\"a\":{}}", 0, "\"dtype\" is missing" },
        { "{" T("a", "F31", "[1]", "0", "4") "}", 4, "unknown dtype \"F31\"" },
        { "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, "\"shape\" is missing" },
        { "{" T("a", "F32", "[1.5]", "0", "4") "}", 4, "something else than sizes" },
        { "{" T("a", "F32", "[-1]", "0", "4") "}", 4, "something else than sizes" },
        { "{" T("a", "F32", "[4294967296,4294967296]", "0", "4") "}", 4, "too large" },
        { "{" T("a", "F32", "[4611686018427387904]", "0", "0") "}", 0, "too large" },
        { "{" T("a", "F32", "[1,1,1,1,1,1,1,1,1]", "0", "4") "}", 4, "9 dimensions" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "\"data_offsets\" is missing" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4, "not a pair" },
        { "{" T("a", "F32", "[1]", "0", "4.0") "}", 4, "not a pair of integers" },
        { "{" T("a", "F32", "[1]", "4", "0") "}", 4, "out of order" },
        { "{" T("a", "F32", "[1]", "-4", "0") "}", 4, "out of order" },
        { "{" T("a", "F32", "[2]", "0", "8") "}", 7, "truncated" },
        { "{" T("a", "F32", "[1]", "0", "8") "}", 8, "takes 4 bytes" },
        { "{" T("a", "F16", "[4]", "0", "4") "}", 4, "takes 8 bytes" },
        { "{" T("a", "F32", "[1]", "0", "4") "," T("b", "F32", "[1]", "2", "6") "}", 6,
          "overlaps" },
        { "{" T("a", "F32", "[1]", "0", "4") "," T("b", "F32", "[1]", "0", "4") "}", 4,
          "overlaps" },
        { "{" T("a", "F32", "[1]", "0", "4") "," T("b", "F32", "[1]", "8", "12") "}", 12, "gap" },
        { "{" T("a", "F32", "[1]", "0", "4") "}", 5, "belong to no tensor" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct vz_error err = { 0 };
        struct safetensors st = { 0 };
        size_t len = 0;
        unsigned char *p = file_of(cases[i].header, cases[i].data, &len);
        assert_fails(safetensors_parse(p, len, &st, &err), &err, VZ_FORMAT, cases[i].part);
        xfree(p);
    }
}

static void bad_lengths_are_refused(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct safetensors st = { 0 };
    const unsigned char huge[16] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, '{', '}' };
    const unsigned char past[10] = { 3, 0, 0, 0, 0, 0, 0, 0, '{', '}' };
    assert_fails(safetensors_parse(huge, 0, &st, &err), &err, VZ_FORMAT, "too short");
    assert_fails(safetensors_parse(huge, 7, &st, &err), &err, VZ_FORMAT, "too short");
    assert_fails(safetensors_parse(huge, sizeof huge, &st, &err), &err, VZ_FORMAT,
                 "more than the limit");
    assert_fails(safetensors_parse(past, sizeof past, &st, &err), &err, VZ_FORMAT,
                 "the file ends after 2");
}

static void long_names_are_refused(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct safetensors st = { 0 };
    char name[600], header[800];
    size_t len = 0;
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    snprintf(header, sizeof header,
             "{\"%s\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", name);
    unsigned char *p = file_of(header, 4, &len);
    assert_fails(safetensors_parse(p, len, &st, &err), &err, VZ_FORMAT, "name is longer");
    xfree(p);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    size_t len = 0;
    unsigned char *p = file_of("{" T("a", "F32", "[3]", "0", "12") "}", 12, &len);
    for (size_t cut = 0; cut < len; cut++) {
        struct vz_error err = { 0 };
        struct safetensors st = { 0 };
        unsigned char *copy = xcalloc(1, cut); // of that size, for the address sanitizer
        memcpy(copy, p, cut);
        assert_false(safetensors_parse(copy, cut, &st, &err));
        assert_int_equal(err.kind, VZ_FORMAT);
        xfree(copy);
    }
    xfree(p);
}

static void float_types_are_exact(void **state)
{
    (void)state;
    static const struct {
        uint16_t bits;
        enum tensor_type type;
        float value;
    } cases[] = {
        { 0x0000, TENSOR_F16, 0.0f },          { 0x3C00, TENSOR_F16, 1.0f },
        { 0xC000, TENSOR_F16, -2.0f },         { 0x7BFF, TENSOR_F16, 65504.0f },
        { 0x0400, TENSOR_F16, 0x1p-14f },      { 0x0001, TENSOR_F16, 0x1p-24f },
        { 0x83FF, TENSOR_F16, -0x1.ff8p-15f }, { 0x3555, TENSOR_F16, 0.333251953125f },
        { 0x3F80, TENSOR_BF16, 1.0f },         { 0xC049, TENSOR_BF16, -3.140625f },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        float f = 0;
        const struct tensor t = { .type = cases[i].type,
                                  .data = (const unsigned char *)&cases[i].bits,
                                  .size = 2 };
        tensor_read(&t, 0, 1, &f);
        assert_true(f == cases[i].value);
    }
}

/* ---- folders of files ---- */

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/test_safetensors.XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static void write_file(const char *name, const void *p, size_t len)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = { "model.safetensors", "model.safetensors.index.json",
                                         "pytorch_model.bin", "a.safetensors", "b.safetensors" };
    char path[160];
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    return rmdir(folder);
}

static void weights_are_held_against_shapes(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct weights *w = NULL;
    const struct tensor *t = NULL;
    size_t len = 0;
    unsigned char *p =
        file_of("{" T("w", "F32", "[2,3]", "0", "24") "," T("i", "I32", "[1]", "24", "28") "}", 28,
                &len);
    write_file("model.safetensors", p, len);
    xfree(p);
    assert_ok(weights_open(folder, &w, &err), &err);
    assert_ok(weights_want(w, "w", (size_t[]){ 2, 3 }, 2, &t, &err), &err);
    assert_fails(weights_want(w, "w", (size_t[]){ 3, 2 }, 2, &t, &err), &err, VZ_FORMAT,
                 "tensor \"w\" is 2 x 3, its config says 3 x 2");
    assert_fails(weights_want(w, "w", (size_t[]){ 2 }, 1, &t, &err), &err, VZ_FORMAT,
                 "model.safetensors\": tensor \"w\" is 2 x 3");
    assert_fails(weights_want(w, "v", (size_t[]){ 2 }, 1, &t, &err), &err, VZ_FORMAT,
                 "tensor \"v\" is missing");
    assert_fails(weights_want(w, "i", (size_t[]){ 1 }, 1, &t, &err), &err, VZ_FORMAT,
                 "not of type F32, F16 or BF16");
    weights_close(w);
}

static void missing_weights_say_why(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct weights *w = NULL;
    assert_fails(weights_open(folder, &w, &err), &err, VZ_FORMAT, "is not there");
    write_file("pytorch_model.bin", "x", 1);
    assert_fails(weights_open(folder, &w, &err), &err, VZ_FORMAT, "pickle");
    write_file("model.safetensors", "", 0);
    assert_fails(weights_open(folder, &w, &err), &err, VZ_FORMAT, "too short");
}

static void shards_are_checked(void **state)
{
    (void)state;
    static const struct {
        const char *index, *part; /* NULL: it opens */
    } cases[] = {
        { "{\"weight_map\":{\"x\":\"a.safetensors\",\"y\":\"b.safetensors\"}}", NULL },
        { "{}", "\"weight_map\" is missing" },
        { "{\"weight_map\":{\"x\":\"../a.safetensors\"}}", "is not in a file named" },
        { "{\"weight_map\":{\"x\":\"a.bin\"}}", "is not in a file named" },
        { "{\"weight_map\":{\"x\":1}}", "is not in a file named" },
        { "{\"weight_map\":{\"x\":\"c.safetensors\"}}", "could not open" },
        { "{\"weight_map\":{\"x\":\"b.safetensors\"}}", "\"x\" is not in \"b.safetensors\"" },
    };
    size_t len = 0;
    unsigned char *p = file_of("{" T("x", "F32", "[1]", "0", "4") "}", 4, &len);
    write_file("a.safetensors", p, len);
    xfree(p);
    p = file_of("{" T("y", "F32", "[1]", "0", "4") "}", 4, &len);
    write_file("b.safetensors", p, len);
    xfree(p);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct vz_error err = { 0 };
        struct weights *w = NULL;
        write_file("model.safetensors.index.json", cases[i].index, strlen(cases[i].index));
        if (cases[i].part) {
            enum vz_kind kind = i == 5 ? VZ_IO : VZ_FORMAT;
            assert_fails(weights_open(folder, &w, &err), &err, kind, cases[i].part);
            continue;
        }
        assert_ok(weights_open(folder, &w, &err), &err);
        assert_int_equal(weights_file_count(w), 2);
        assert_non_null(weights_find(w, "x"));
        assert_non_null(weights_find(w, "y"));
        assert_null(weights_find(w, "z"));
        weights_close(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_files_are_read),
        cmocka_unit_test(bad_headers_are_refused),
        cmocka_unit_test(bad_lengths_are_refused),
        cmocka_unit_test(long_names_are_refused),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(float_types_are_exact),
        cmocka_unit_test_setup_teardown(weights_are_held_against_shapes, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(missing_weights_say_why, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(shards_are_checked, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
