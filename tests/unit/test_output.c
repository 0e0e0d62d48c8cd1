/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes out: tables, JSON, errors; with texts in them that nobody expects. */
#include "cli/json_out.h"
#include "cli/report.h"
#include "cli/table.h"
#include "tests/lib/test.h"

#include <locale.h>
#include <stdlib.h>

static char *text;
static size_t text_len;

static FILE *start(void)
{
    free(text);
    text = NULL;
    return open_memstream(&text, &text_len);
}

static void a_table_is_aligned_and_tame(void **state)
{
    (void)state;
    static const struct table_column columns[] = { { "N", .right = true },
                                                   { "TEXT", .cut = true } };
    char *out_text = NULL;
    // libsmartcols asks the stream for its descriptor: a file, not memory.
    FILE *out = tmpfile();
    struct table *t = table_new(columns, 2);
    table_row(t, (const char *[]){ "1", "gr\xc3\xbc\xc3\x9f" });
    table_row(t, (const char *[]){ "100", "a\tb\nc\x1b[2Jd\x7f\xc2\x9b"
                                          "e" });
    table_row(t, (const char *[]){ "", NULL });
    table_print(t, out);
    table_free(t);
    rewind(out);
    out_text = calloc(1, 1000);
    assert_true(fread(out_text, 1, 999, out) > 0);
    fclose(out);
    assert_string_equal(out_text, "  N TEXT\n"
                                  "  1 gr\xc3\xbc\xc3\x9f\n"
                                  "100 a b c [2Jd   e\n"
                                  "    \n");
    free(out_text);
}

static void facts_stand_in_two_columns(void **state)
{
    (void)state;
    FILE *out = start();
    table_fact(out, "model", "%s", "x");
    table_fact(out, "a name that is very long", "%d", 7);
    fclose(out);
    assert_string_equal(text, "model:            x\na name that is very long: 7\n");
}

static void json_is_valid_whatever_the_text(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "plain \"quoted\"", "\"plain \\\"quoted\\\"\"\n" },
        { "caf\xe9", "\"caf\xef\xbf\xbd\"\n" },
        { "\xff\xfe-\xc3\xa9\xc3", "\"\xef\xbf\xbd\xef\xbf\xbd-\xc3\xa9\xef\xbf\xbd\"\n" },
        { "", "\"\"\n" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct vz_error err;
        FILE *out = start();
        json_t *array = json_array();
        json_array_append_new(array, json_text(cases[i][0]));
        assert_ok(json_print(out, json_incref(json_array_get(array, 0)), &err), &err);
        json_decref(array);
        fclose(out);
        assert_string_equal(text, cases[i][1]);
    }
    struct vz_error err;
    FILE *out = start();
    assert_ok(json_print(out, json_real(0.1), &err), &err);
    fclose(out);
    assert_string_equal(text, "0.1\n");
}

static void an_error_is_said_in_parts(void **state)
{
    (void)state;
    struct vz_error err;
    vz_fail(&err, VZ_DB, "could not write to \"t\"");
    FILE *out = start();
    report_error(out, &err, false);
    fclose(out);
    assert_string_equal(text, "vectorize: could not write to \"t\"\n");

    vz_detail(&err, "The disk is full.");
    vz_hint(&err, "Make room.");
    memcpy(err.sqlstate, "53100", 6);
    out = start();
    report_error(out, &err, false);
    fclose(out);
    assert_string_equal(text,
                        "vectorize: could not write to \"t\"\nThe disk is full.\nMake room.\n");
    out = start();
    report_error(out, &err, true);
    fclose(out);
    assert_string_equal(text, "{\"error\":{\"kind\":\"database\",\"message\":\"could not write to "
                              "\\\"t\\\"\",\"detail\":\"The disk is full.\",\"hint\":\"Make "
                              "room.\",\"sqlstate\":\"53100\"}}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_is_aligned_and_tame),
        cmocka_unit_test(facts_stand_in_two_columns),
        cmocka_unit_test(json_is_valid_whatever_the_text),
        cmocka_unit_test(an_error_is_said_in_parts),
    };
    setlocale(LC_CTYPE, "C.UTF-8");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(text);
    return failed;
}
