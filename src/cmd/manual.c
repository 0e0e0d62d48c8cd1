/* SPDX-License-Identifier: Apache-2.0
 *
 * completion: the shell's completion script. manual (hidden, for the build): manual pages. */
#include "cli/manual.h"

#include "base/file.h"
#include "base/limits.h"
#include "cli/complete.h"
#include "cmd/cmd.h"

static bool completion_run(struct invocation *inv, struct vz_error *err);
static bool manual_run(struct invocation *inv, struct vz_error *err);

static const struct example completion_examples[] = {
    { "source <(vectorize completion bash)", "complete in this shell" },
    { "vectorize completion bash > ~/.local/share/bash-completion/completions/vectorize",
      "complete in every new shell; an installed program has done this already" },
    { 0 },
};

const struct command completion_command = {
    .name = "completion",
    .arguments = "SHELL",
    .summary = "print the completion script of a shell",
    .details = "Prints a script that completes commands, options, their values and the names of "
               "installed models. The shell is bash or fish.",
    .examples = completion_examples,
    .run = completion_run,
};

struct manual_options {
    const char *sections;
};

static const struct vz_option manual_rows[] = {
    { .name = "sections",
      .type = VZ_OPTION_STRING,
      .offset = VZ_OFFSET(struct manual_options, sections, const char *),
      .value = "FILE",
      .help = "hand-written sections to put in" },
    { 0 },
};

static const struct option_group manual_groups[] = {
    { "Options", manual_rows, 0 },
    { 0 },
};

const struct command manual_page_command = {
    .name = "manual",
    .arguments = "[COMMAND…]",
    .summary = "print the manual page of a command, as scdoc",
    .hidden = true,
    .options_size = sizeof(struct manual_options),
    .groups = manual_groups,
    .run = manual_run,
};

static bool completion_run(struct invocation *inv, struct vz_error *err)
{
    static const struct {
        const char *name;
        void (*print)(FILE *out, const struct command *const *commands);
    } shells[] = { { "bash", complete_bash }, { "fish", complete_fish } };

    for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
        if (strcmp(inv->args[0], shells[i].name) != 0)
            continue;
        shells[i].print(inv->out, commands);
        return true;
    }
    return vz_fail(err, VZ_USAGE, "there is a completion script for bash and fish, not for \"%s\"",
                   inv->args[0]);
}

/* The command whose words are these. */
static const struct command *find(struct invocation *inv)
{
    const char *name = inv->args[0];
    for (size_t i = 1; i < inv->arg_count; i++)
        name = arena_printf(inv->arena, "%s %s", name, inv->args[i]);
    for (const struct command *const *c = commands; *c; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}

static bool manual_run(struct invocation *inv, struct vz_error *err)
{
    const struct manual_options *o = inv->options;
    VZ_CLEANUP(buf_free) struct buf sections = buf_make(MIB);
    if (o->sections && !file_read(o->sections, &sections, err))
        return false;
    if (inv->arg_count == 0) {
        manual_program(inv->out, commands, buf_str(&sections));
        return true;
    }
    const struct command *c = find(inv);
    if (!c)
        return vz_fail(err, VZ_USAGE, "there is no such command");
    manual_command(inv->out, c, buf_str(&sections));
    return true;
}
