/* SPDX-License-Identifier: Apache-2.0
 *
 * The host side: references, options, modules that are wrong, and what the host makes of it. */
#include "tests/lib/test.h"

#include <math.h>

#include "encoder/encoder.h"
#include "encoder/loader.h"
#include "encoder/registry.h"

static bool open_with(const char *reference, const char *const *options, struct encoder **ret,
                      struct vz_error *err)
{
    struct encoder_settings s = { .threads = 2, .options = options };
    return encoder_open(reference, &s, ret, err);
}

static const struct vz_text two[] = { { "(1)", "one", 3 }, { "(2)", "four", 4 } };

static void right_module_encodes(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct encoder *e = NULL;
    assert_ok(open_with("module:faulty_none", NULL, &e, &err), &err);
    assert_int_equal(encoder_info(e)->dim, 4);
    assert_int_equal(encoder_threads(e), 2);
    float rows[8];
    assert_ok(encoder_encode(e, two, 2, VZ_DOCUMENT, rows, NULL, &err), &err);
    assert_float_equal(rows[0], 4, 0);
    assert_float_equal(rows[4], 5, 0);
    assert_ok(encoder_encode(e, two, 1, VZ_QUERY, rows, NULL, &err), &err);
    assert_float_equal(rows[0], 11, 0);
    encoder_close(e);
}

static void options_reach_the_module(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct encoder *e = NULL;
    assert_ok(open_with("module:faulty_none:7", NULL, &e, &err), &err);
    assert_int_equal(encoder_info(e)->dim, 7);
    assert_string_equal(encoder_reference(e), "module:faulty_none:7");
    encoder_close(e);
    const char *given[] = { "dim=9", NULL };
    assert_ok(open_with("module:faulty_none", given, &e, &err), &err);
    assert_int_equal(encoder_info(e)->dim, 9);
    encoder_close(e);

    const char *unknown[] = { "colour=red", NULL };
    assert_fails(open_with("module:faulty_none", unknown, &e, &err), &err, VZ_USAGE,
                 "has no option \"colour\"");
    assert_fails(open_with("module:faulty_none:65", NULL, &e, &err), &err, VZ_USAGE,
                 "from 1 to 64");
}

static void fingerprint_follows_the_options(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    char hex[3][65];
    static const char *const references[] = { "module:faulty_none:7", "module:faulty_none:7",
                                              "module:faulty_none:8" };
    for (int i = 0; i < 3; i++) {
        struct encoder *e = NULL;
        assert_ok(open_with(references[i], NULL, &e, &err), &err);
        assert_ok(encoder_fingerprint(e, hex[i], &err), &err);
        encoder_close(e);
    }
    assert_string_equal(hex[0], hex[1]);
    assert_string_not_equal(hex[0], hex[2]);
}

static void wrong_modules_are_refused_at_open(void **state)
{
    (void)state;
    static const struct {
        const char *reference;
        enum vz_kind kind;
        const char *says;
    } cases[] = {
        { "module:faulty_no_encode", VZ_FORMAT, "has no encode" },
        { "module:faulty_abi", VZ_FORMAT, "made for ABI 2" },
        { "module:faulty_small", VZ_FORMAT, "too small" },
        { "module:faulty_name", VZ_FORMAT, "bad name" },
        { "module:faulty_dim", VZ_FORMAT, "0 components" },
        { "module:faulty_open", VZ_CONFIG, "the weather is bad" },
        { "module:nowhere", VZ_CONFIG, "there is no module \"nowhere\"" },
        { "module:UPPER", VZ_USAGE, "no module name" },
        { "module:./nowhere.so", VZ_CONFIG, "could not load" },
        { "openai:x", VZ_USAGE, "no kind of model called \"openai\"" },
        { "hf:nobody/nothing", VZ_CONFIG, "not in the Hugging Face cache" },
        { "./no-such-folder", VZ_IO, "No such file" },
        { "no-such-model", VZ_CONFIG, "there is no model" },
        { "", VZ_USAGE, "empty" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct vz_error err = { 0 };
        struct encoder *e = NULL;
        assert_fails(open_with(cases[i].reference, NULL, &e, &err), &err, cases[i].kind,
                     cases[i].says);
    }
}

static void wrong_rows_never_come_out(void **state)
{
    (void)state;
    static const struct {
        const char *reference, *says;
    } cases[] = {
        { "module:faulty_nan", "not finite for row (2)" },
        { "module:faulty_zeros", "zeros for row (1)" },
        { "module:faulty_silent", "did not say why" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct vz_error err = { 0 };
        struct encoder *e = NULL;
        float rows[8];
        assert_ok(open_with(cases[i].reference, NULL, &e, &err), &err);
        assert_fails(encoder_encode(e, two, 2, VZ_DOCUMENT, rows, NULL, &err), &err,
                     VZ_ENCODER_FAILED, cases[i].says);
        encoder_close(e);
    }
    struct vz_error err = { 0 };
    struct encoder *e = NULL;
    char hex[65];
    assert_ok(open_with("module:faulty_fingerprint", NULL, &e, &err), &err);
    assert_fails(encoder_fingerprint(e, hex, &err), &err, VZ_FORMAT, "64 hexadecimal digits");
    encoder_close(e);
}

static void a_failing_text_names_its_row(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct encoder *e = NULL;
    float rows[8];
    struct vz_text texts[] = { { "(1)", "fine", 4 }, { "(2)", "poison", 6 } };
    assert_ok(open_with("module:faulty_none", NULL, &e, &err), &err);
    assert_fails(encoder_encode(e, texts, 2, VZ_DOCUMENT, rows, NULL, &err), &err,
                 VZ_ENCODER_FAILED, "row (2) is poison");
    texts[1] = (struct vz_text){ "(2)", "\xff", 1 };
    assert_fails(encoder_encode(e, texts, 2, VZ_DOCUMENT, rows, NULL, &err), &err, VZ_BUG,
                 "not UTF-8");
    encoder_close(e);
}

static void old_module_gets_defaults(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct encoder *e = NULL;
    char hex[65];
    assert_ok(open_with("module:faulty_old", NULL, &e, &err), &err);
    assert_ok(encoder_fingerprint(e, hex, &err), &err); // not the module's: it is past its table
    assert_int_equal(strlen(hex), 64);
    size_t n;
    assert_fails(encoder_tokenize(e, two, VZ_DOCUMENT, NULL, 0, &n, NULL, &err), &err, VZ_USAGE,
                 "has no tokenizer");
    assert_true(encoder_flop(e, 10) == 0);
    encoder_close(e);
}

static void broken_modules_do_not_break_the_list(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct arena a = arena_open(64 << 20);
    struct model_entry *entries = NULL;
    size_t count = 0, broken = 0, good = 0;
    assert_ok(registry_list(&a, &entries, &count, &err), &err);
    for (size_t i = 0; i < count; i++) {
        broken += entries[i].problem != NULL;
        good += strcmp(entries[i].reference, "module:faulty_none") == 0 && !entries[i].problem;
        if (i > 0)
            assert_true(strcmp(entries[i - 1].reference, entries[i].reference) < 0);
    }
    assert_int_equal(good, 1);
    assert_int_equal(broken, 4);
    arena_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_module_encodes),
        cmocka_unit_test(options_reach_the_module),
        cmocka_unit_test(fingerprint_follows_the_options),
        cmocka_unit_test(wrong_modules_are_refused_at_open),
        cmocka_unit_test(wrong_rows_never_come_out),
        cmocka_unit_test(a_failing_text_names_its_row),
        cmocka_unit_test(old_module_gets_defaults),
        cmocka_unit_test(broken_modules_do_not_break_the_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
