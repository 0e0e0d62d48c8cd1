/* SPDX-License-Identifier: Apache-2.0
 *
 * The fish script: one "complete" line a command and an option. */
#include "cli/complete.h"

#include <string.h>

static void put_quoted(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text; text++) {
        if (strchr("\\'", *text))
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc('\'', out);
}

/* -n 'the command line has all words of this name'. */
static void put_condition(FILE *out, const char *name)
{
    fputs("complete -c vectorize -n '__fish_seen_subcommand_from ", out);
    for (; *name; name++) {
        if (*name == ' ')
            fputs("; and __fish_seen_subcommand_from ", out);
        else
            fputc(*name, out);
    }
    fputc('\'', out);
}

/* A command is offered where its first words stand alone. */
static void put_command(FILE *out, const struct command *c)
{
    const char *space = strchr(c->name, ' ');
    if (space)
        fprintf(out,
                "complete -c vectorize -n __fish_use_subcommand -a %.*s\n"
                "complete -c vectorize -n '__fish_seen_subcommand_from %.*s; and not "
                "__fish_seen_subcommand_from (_vectorize_below %.*s)' -a %s -d ",
                (int)(space - c->name), c->name, (int)(space - c->name), c->name,
                (int)(space - c->name), c->name, space + 1);
    else
        fprintf(out, "complete -c vectorize -n __fish_use_subcommand -a %s -d ", c->name);
    put_quoted(out, c->summary);
    fputc('\n', out);
}

static void put_below(FILE *out, const struct command *const *commands)
{
    fputs("function _vectorize_below\n    switch $argv[1]\n", out);
    for (const struct command *const *c = commands; *c; c++) {
        const char *space = strchr((*c)->name, ' ');
        size_t len = space ? (size_t)(space - (*c)->name) : 0;
        if (!space || (c != commands && strncmp(c[-1]->name, (*c)->name, len + 1) == 0))
            continue; // no command below another, or said with the first of them
        fprintf(out, "        case %.*s\n            printf '%%s\\n'", (int)len, (*c)->name);
        for (const struct command *const *d = c; *d; d++)
            if (strncmp((*d)->name, (*c)->name, len + 1) == 0)
                fprintf(out, " %s", (*d)->name + len + 1);
        fputc('\n', out);
    }
    fputs("    end\nend\n\n", out);
}

static void put_value(FILE *out, const struct vz_option *row)
{
    const char *value = row->value ? row->value : "";
    if (row->type == VZ_OPTION_FLAG)
        return;
    if (strcmp(value, "FILE") == 0) {
        fputs(" -r -F", out);
        return;
    }
    fputs(" -x", out);
    if (strcmp(value, "REF") == 0)
        fputs(" -a '(_vectorize_models)'", out);
    for (int i = 0; row->type == VZ_OPTION_CHOICE && row->choices[i]; i++)
        fprintf(out, "%s%s", i ? " " : " -a '", row->choices[i]);
    if (row->type == VZ_OPTION_CHOICE)
        fputc('\'', out);
}

static void put_options(FILE *out, const struct command *c, const struct vz_option *rows)
{
    for (const struct vz_option *row = rows; row && row->name; row++) {
        if (c)
            put_condition(out, c->name);
        else
            fputs("complete -c vectorize", out);
        fprintf(out, " -l %s", row->name);
        if (row->letter)
            fprintf(out, " -s %c", row->letter);
        put_value(out, row);
        fputs(" -d ", out);
        put_quoted(out, row->help ? row->help : "");
        fputc('\n', out);
    }
}

void complete_fish(FILE *out, const struct command *const *commands)
{
    fputs("# fish completion for vectorize; made by \"vectorize completion fish\"\n\n"
          "function _vectorize_models\n"
          "    vectorize model list --quiet 2>/dev/null | awk 'NR > 1 { print $1 }'\n"
          "end\n\n",
          out);
    put_below(out, commands);
    fputs("complete -c vectorize -f\n", out);
    put_options(out, NULL, general_rows);
    for (const struct command *const *c = commands; *c; c++) {
        if ((*c)->hidden)
            continue;
        put_command(out, *c);
        for (const struct option_group *g = (*c)->groups; g && g->title; g++)
            put_options(out, *c, g->rows);
        if ((*c)->arguments && strstr((*c)->arguments, "REF")) {
            put_condition(out, (*c)->name);
            fputs(" -a '(_vectorize_models)'\n", out);
        }
    }
}
