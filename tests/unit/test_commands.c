/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of commands itself: every name and letter once, every row with a help text, a usable
 * initial value, and a place in the options. */
#include "base/option.h"
#include "cmd/cmd.h"
#include "tests/lib/test.h"

#include <ctype.h>

static void check_text(const struct command *c, const char *what, const char *text)
{
    if (!text || !*text || text[strlen(text) - 1] == '.' || strchr(text, '\n'))
        fail_msg("%s: the %s is no line without a full stop: \"%s\"", c->name, what,
                 text ? text : "(none)");
    if (isupper((unsigned char)text[0]) && islower((unsigned char)text[1]))
        fail_msg("%s: the %s begins in upper case: \"%s\"", c->name, what, text);
}

struct seen {
    const char *names[64];
    size_t count;
    bool letters[128];
};

static void check_rows(const struct command *c, const struct vz_option *rows, struct seen *seen)
{
    for (const struct vz_option *row = rows; row && row->name; row++) {
        check_text(c, row->name, row->help);
        for (size_t i = 0; i < seen->count; i++)
            if (strcmp(seen->names[i], row->name) == 0)
                fail_msg("%s: --%s stands twice", c->name, row->name);
        assert_in_range(row->letter, 0, 127);
        if (row->letter && seen->letters[(size_t)row->letter])
            fail_msg("%s: -%c stands twice", c->name, row->letter);
        seen->letters[(size_t)row->letter] = true;
        if (row->type != VZ_OPTION_FLAG && (!row->value || !*row->value))
            fail_msg("%s: --%s does not say what its value is called", c->name, row->name);
        assert_true(seen->count < 64); // as many as an invocation can remember
        seen->names[seen->count++] = row->name;
    }
}

static void every_row_is_complete(void **state)
{
    (void)state;
    for (const struct command *const *c = commands; *c; c++) {
        struct seen seen = { 0 };
        check_text(*c, "summary", (*c)->summary);
        assert_non_null((*c)->run);
        check_rows(*c, general_rows, &seen);
        char fields[4096];
        assert_true((*c)->options_size <= sizeof fields);
        for (const struct option_group *g = (*c)->groups; g && g->title; g++) {
            struct vz_error err;
            check_rows(*c, g->rows, &seen);
            assert_ok(option_defaults(g->rows, fields + g->offset, &err), &err);
            for (const struct vz_option *row = g->rows; row->name; row++)
                assert_true(g->offset + row->offset < (*c)->options_size);
        }
        if (!(*c)->hidden && (!(*c)->details || !(*c)->examples))
            fail_msg("%s has no details or no examples", (*c)->name);
    }
}

static void every_name_stands_once(void **state)
{
    (void)state;
    for (const struct command *const *a = commands; *a; a++)
        for (const struct command *const *b = a + 1; *b; b++)
            assert_string_not_equal((*a)->name, (*b)->name);
}

static void encoder_options_split_at_commas(void **state)
{
    (void)state;
    struct arena arena = arena_open(1 << 20);
    const char *const *list = encoder_option_list(&arena, "dim=3,,seed=a=b,");
    assert_string_equal(list[0], "dim=3");
    assert_string_equal(list[1], "seed=a=b");
    assert_null(list[2]);
    assert_null(encoder_option_list(&arena, NULL)[0]);
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(every_name_stands_once),
        cmocka_unit_test(encoder_options_split_at_commas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
