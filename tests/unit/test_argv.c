/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line: finding the command, options by name and letter, variables, arguments, and
 * what is said when it is wrong. */
#include "cli/argv.h"
#include "cli/help.h"
#include "tests/lib/test.h"

#include <stdlib.h>

struct link {
    const char *url;
};

struct options {
    struct link link;
    const char *table;
    int64_t batch;
    bool dry, follow;
    int format;
};

static const char *const formats[] = { "text", "json", NULL };

static const struct vz_option link_rows[] = {
    { .name = "url",
      .letter = 'u',
      .type = VZ_OPTION_STRING,
      .offset = VZ_OFFSET(struct link, url, const char *),
      .secret = true,
      .env = "TEST_ARGV_URL" },
    { 0 },
};

static const struct vz_option rows[] = {
    { .name = "table",
      .letter = 't',
      .type = VZ_OPTION_STRING,
      .offset = VZ_OFFSET(struct options, table, const char *) },
    { .name = "batch",
      .letter = 'b',
      .type = VZ_OPTION_INT,
      .min = 1,
      .max = 100,
      .initial = "7",
      .env = "TEST_ARGV_BATCH",
      .offset = VZ_OFFSET(struct options, batch, int64_t) },
    { .name = "dry-run",
      .letter = 'd',
      .type = VZ_OPTION_FLAG,
      .offset = VZ_OFFSET(struct options, dry, bool) },
    { .name = "follow",
      .letter = 'F',
      .type = VZ_OPTION_FLAG,
      .offset = VZ_OFFSET(struct options, follow, bool) },
    { .name = "format",
      .type = VZ_OPTION_CHOICE,
      .choices = formats,
      .offset = VZ_OFFSET(struct options, format, int) },
    { 0 },
};

static const struct option_group groups[] = {
    { "Options", rows, 0 },
    { "Connection", link_rows, offsetof(struct options, link) },
    { 0 },
};

static const struct command embed = { .name = "embed",
                                      .options_size = sizeof(struct options),
                                      .groups = groups };
static const struct command search = { .name = "search", .arguments = "TEXT" };
static const struct command list = { .name = "model list" };
static const struct command show = { .name = "model show", .arguments = "REF [WHAT]" };
static const struct command many = { .name = "many", .arguments = "FIRST [REST…]" };
static const struct command hidden = { .name = "hidden", .hidden = true };
static const struct command *const table[] = {
    &embed, &search, &list, &show, &many, &hidden, NULL
};

static struct arena arena;

/* Parses a command line whose words stand behind each other with NUL between, as in memory. */
static bool parse(const char *words[], struct invocation *ret, struct vz_error *err)
{
    char *argv[16] = { arena_strdup(&arena, STR_LIT("vectorize")) };
    int argc = 1;
    for (; words[argc - 1]; argc++)
        argv[argc] = arena_strdup(&arena, str_of(words[argc - 1]));
    *ret = (struct invocation){ .arena = &arena };
    return argv_parse(table, argc, argv, ret, err);
}

#define WORDS(...) ((const char *[]){ __VA_ARGS__, NULL })

static void every_way_to_write_an_option(void **state)
{
    (void)state;
    const char **lines[] = {
        WORDS("embed", "--table", "x", "--batch", "9", "--dry-run"),
        WORDS("embed", "--table=x", "--batch=9", "--dry-run=true"),
        WORDS("embed", "-t", "x", "-b", "9", "-d"),
        WORDS("embed", "-tx", "-b9", "-d"),
        WORDS("embed", "-dtx", "-b9"),
        WORDS("-v", "embed", "-b", "3", "-t", "y", "-t", "x", "-b", "9", "-d"), // the last wins
    };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct invocation inv;
        struct vz_error err;
        assert_ok(parse(lines[i], &inv, &err), &err);
        const struct options *o = inv.options;
        assert_ptr_equal(inv.command, &embed);
        assert_string_equal(o->table, "x");
        assert_int_equal(o->batch, 9);
        assert_true(o->dry);
        assert_false(o->follow);
    }
}

static void flags_bundle_and_values_may_look_like_options(void **state)
{
    (void)state;
    struct invocation inv;
    struct vz_error err;
    assert_ok(parse(WORDS("embed", "-vdFt", "--batch"), &inv, &err), &err);
    const struct options *o = inv.options;
    assert_true(o->dry && o->follow && inv.general.verbose);
    assert_string_equal(o->table, "--batch");
    assert_int_equal(o->batch, 7);
    assert_true(invocation_given(&inv, "table"));
    assert_true(invocation_given(&inv, "verbose"));
    assert_false(invocation_given(&inv, "batch"));
    assert_false(invocation_given(&inv, "nonsense"));
}

static void two_dashes_end_the_options(void **state)
{
    (void)state;
    struct invocation inv;
    struct vz_error err;
    assert_ok(parse(WORDS("search", "--json", "--", "--json"), &inv, &err), &err);
    assert_int_equal(inv.arg_count, 1);
    assert_string_equal(inv.args[0], "--json");
    assert_ok(parse(WORDS("search", "-"), &inv, &err), &err);
    assert_string_equal(inv.args[0], "-");
    assert_ok(parse(WORDS("search", "", "--json"), &inv, &err), &err);
    assert_string_equal(inv.args[0], "");
    assert_true(inv.general.json);
}

static void a_variable_is_weaker_than_a_flag(void **state)
{
    (void)state;
    struct invocation inv;
    struct vz_error err;
    setenv("TEST_ARGV_BATCH", "55", 1);
    assert_ok(parse(WORDS("embed"), &inv, &err), &err);
    assert_int_equal(((const struct options *)inv.options)->batch, 55);
    assert_true(invocation_given(&inv, "batch"));
    setenv("TEST_ARGV_BATCH", "nonsense", 1);
    assert_fails(parse(WORDS("embed"), &inv, &err), &err, VZ_USAGE, "variable TEST_ARGV_BATCH");
    assert_ok(parse(WORDS("embed", "-b8"), &inv, &err), &err);
    assert_int_equal(((const struct options *)inv.options)->batch, 8);
    setenv("TEST_ARGV_BATCH", "", 1);
    assert_ok(parse(WORDS("embed"), &inv, &err), &err);
    assert_int_equal(((const struct options *)inv.options)->batch, 7);
    unsetenv("TEST_ARGV_BATCH");
}

static void a_secret_is_taken_out_of_argv(void **state)
{
    (void)state;
    static const char *const written[][2] = { { "-upostgres://u:pw@h/d", "-u" },
                                              { "--url=postgres://u:pw@h/d", "--url=" } };
    for (size_t i = 0; i < ARRAY_LEN(written); i++) {
        char word[64], *argv[] = { word, word, word, NULL };
        char embed_word[] = "embed", program[] = "vectorize";
        snprintf(word, sizeof word, "%s", written[i][0]);
        argv[0] = program;
        argv[1] = embed_word;
        struct invocation inv = { .arena = &arena };
        struct vz_error err;
        assert_ok(argv_parse(table, 3, argv, &inv, &err), &err);
        assert_string_equal(((const struct options *)inv.options)->link.url, "postgres://u:pw@h/d");
        assert_string_equal(word, written[i][1]);
        assert_null(memmem(word, sizeof word, "pw", 2));
    }
}

static void commands_below_another_and_their_arguments(void **state)
{
    (void)state;
    struct invocation inv;
    struct vz_error err;
    assert_ok(parse(WORDS("model", "list"), &inv, &err), &err);
    assert_ptr_equal(inv.command, &list);
    assert_ok(parse(WORDS("model", "--json", "show", "a", "b"), &inv, &err), &err);
    assert_ptr_equal(inv.command, &show);
    assert_int_equal(inv.arg_count, 2);
    assert_ok(parse(WORDS("many", "a", "b", "c", "d"), &inv, &err), &err);
    assert_int_equal(inv.arg_count, 4);
    assert_ok(parse(WORDS("model", "--help"), &inv, &err), &err);
    assert_string_equal(inv.topic, "model");
    assert_null(inv.command);
    assert_ok(parse(WORDS("help", "model", "show"), &inv, &err), &err);
    assert_true(inv.general.help);
    assert_ptr_equal(inv.command, &show);
    assert_ok(parse(WORDS("--version"), &inv, &err), &err);
}

static void mistakes_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *words[4], *message, *hint;
    } cases[] = {
        { { NULL }, "a command is missing", "--help" },
        { { "embd" }, "unknown command \"embd\"", "\"vectorize embed\"" },
        { { "hiddn" }, "unknown command \"hiddn\"", "--help" }, // hidden ones are not suggested
        { { "model" }, "\"vectorize model\" needs a command", "vectorize model --help" },
        { { "model", "sho" }, "unknown command \"model sho\"", "\"vectorize model show\"" },
        { { "embed", "--tabel", "x" }, "unknown option \"--tabel\"", "\"--table\"" },
        { { "embed", "--zzzzzzzz" }, "unknown option \"--zzzzzzzz\"", "vectorize embed --help" },
        { { "embed", "-x" }, "unknown option \"-x\"", "vectorize embed --help" },
        { { "embed", "-\xc3\xa9" }, "unknown option \"-\xc3\xa9\"", "vectorize embed --help" },
        { { "embed", "--table" }, "option \"table\" needs a value", "" },
        { { "embed", "-t" }, "option \"table\" needs a value", "" },
        { { "embed", "--dry-run=maybe" }, "option \"dry-run\" takes true or false", "" },
        { { "embed", "-b", "0" }, "option \"batch\" takes a number from 1 to 100, not 0", "" },
        { { "embed", "-b", "7x" }, "option \"batch\" takes a whole number", "" },
        { { "embed", "--format", "xml" }, "takes one of text, json, not \"xml\"", "" },
        { { "embed", "--table=\xff" }, "\"table\" is not valid UTF-8", "" },
        { { "embed", "extra" }, "takes no argument, not \"extra\"", "vectorize embed --help" },
        { { "search" }, "argument TEXT is missing", "Usage: vectorize search TEXT" },
        { { "search", "a", "b" }, "takes no further argument, not \"b\"", "Quote" },
        { { "search", "\xff" }, "argument 1 is not valid UTF-8", "" },
        { { "model", "show" }, "argument REF is missing", "REF [WHAT]" },
        { { "\xff\xfe" }, "not valid UTF-8", "" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct invocation inv;
        struct vz_error err = { 0 };
        const char *words[5] = { 0 };
        memcpy(words, cases[i].words, sizeof cases[i].words);
        assert_fails(parse(words, &inv, &err), &err, VZ_USAGE, cases[i].message);
        assert_non_null(strstr(err.hint, cases[i].hint));
    }
}

static void json_is_wanted_however_wrong_the_rest_is(void **state)
{
    (void)state;
    char program[] = "vectorize", wrong[] = "--wrong", json[] = "--json", end[] = "--";
    assert_true(argv_wants_json(3, (char *[]){ program, wrong, json, NULL }));
    assert_false(argv_wants_json(2, (char *[]){ program, wrong, NULL }));
    assert_false(argv_wants_json(3, (char *[]){ program, end, json, NULL }));
}

static void help_wraps_and_names_every_row(void **state)
{
    (void)state;
    struct invocation inv;
    struct vz_error err;
    assert_ok(parse(WORDS("embed", "-h"), &inv, &err), &err);
    char *text = NULL;
    size_t len = 0;
    inv.out = open_memstream(&text, &len);
    struct command described = embed;
    described.summary = "a summary";
    described.details = "Words words words words words words words words words words words words "
                        "words words words words words.\n\nA second paragraph.";
    inv.command = &described;
    help_print(table, &inv);
    fclose(inv.out);
    static const char *const parts[] = {
        "Usage: vectorize embed [OPTION…]\n",
        "A summary.\n",
        "\n\nA second paragraph.\n",
        "-t, --table VALUE",
        "    --format VALUE",
        "text, json",
        "default 7",
        "[$TEST_ARGV_BATCH]",
        "Connection:",
        "-h, --help",
    };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (!strstr(text, parts[i]))
            fail_msg("\"%s\" is not in the help:\n%s", parts[i], text);
    for (const char *line = text, *end; (end = strchr(line, '\n')); line = end + 1)
        assert_true(end - line <= 80 + 4); // "…" is three bytes in one column
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_to_write_an_option),
        cmocka_unit_test(flags_bundle_and_values_may_look_like_options),
        cmocka_unit_test(two_dashes_end_the_options),
        cmocka_unit_test(a_variable_is_weaker_than_a_flag),
        cmocka_unit_test(a_secret_is_taken_out_of_argv),
        cmocka_unit_test(commands_below_another_and_their_arguments),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(json_is_wanted_however_wrong_the_rest_is),
        cmocka_unit_test(help_wraps_and_names_every_row),
    };
    arena = arena_open(1 << 20);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_close(&arena);
    return failed;
}
