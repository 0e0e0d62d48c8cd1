/* SPDX-License-Identifier: Apache-2.0
 *
 * Any words as the command line of the real program: an invocation of a command with its
 * arguments, or a message for the user. A line of the input is a word. */
#include "fuzz.h"

#include <string.h>

#include "base/utf8.h"
#include "cli/argv.h"
#include "cmd/cmd.h"

#define MOST_WORDS 64

static void check_parsed(const struct invocation *inv)
{
    if (inv->general.help || inv->general.version)
        return;
    fuzz_check(inv->command);
    for (size_t i = 0; i < inv->arg_count; i++)
        fuzz_check(utf8_is_valid(str_of(inv->args[i])));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = arena_open(1 << 22);
    char program[] = "vectorize", *argv[MOST_WORDS + 2] = { program };
    int argc = 1;
    struct str rest = { (const char *)data, size < 4096 ? size : 4096 };
    while (rest.len && argc <= MOST_WORDS) {
        struct str_cut cut = str_cut(rest, '\n');
        argv[argc++] = arena_strdup(&arena, cut.head);
        rest = cut.tail;
    }

    struct invocation inv = { .arena = &arena };
    struct vz_error err = { 0 };
    if (argv_parse(commands, argc, argv, &inv, &err))
        check_parsed(&inv);
    else
        fuzz_check(err.kind == VZ_USAGE && err.message[0]);
    argv_wants_json(argc, argv);
    arena_close(&arena);
    return 0;
}
