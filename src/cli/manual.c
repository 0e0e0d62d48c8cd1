/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing scdoc(5). */
#include "cli/manual.h"

#include <ctype.h>
#include <string.h>

#include "cli/help.h"

/* Text with nothing in it that scdoc would take for its own. */
static void put_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("_*\\#<>`", *text))
            fputc('\\', out);
        fputc(*text, out);
    }
}

/* "model list" is the page vectorize-model-list. */
static void put_page_name(FILE *out, const char *command)
{
    fputs("vectorize-", out);
    for (; *command; command++)
        fputc(*command == ' ' ? '-' : *command, out);
}

static void put_option(FILE *out, const struct vz_option *row)
{
    if (row->letter)
        fprintf(out, "*-%c*, ", row->letter);
    fprintf(out, "*--%s*", row->name);
    if (row->type != VZ_OPTION_FLAG) {
        fputs(" _", out);
        put_text(out, row->value ? row->value : "VALUE");
        fputc('_', out);
    }
    fputs("\n\t", out);
    struct arena scratch = arena_open(1 << 16);
    const char *text = help_text(&scratch, row);
    fputc(toupper((unsigned char)*text), out);
    put_text(out, text + (*text != '\0'));
    fputs(".\n\n", out);
    arena_close(&scratch);
}

static void put_options(FILE *out, const char *title, const struct vz_option *rows)
{
    fprintf(out, "## %s\n\n", title);
    for (const struct vz_option *row = rows; row && row->name; row++)
        put_option(out, row);
}

static void put_examples(FILE *out, const struct example *examples)
{
    if (!examples)
        return;
    fputs("# EXAMPLES\n\n", out);
    for (const struct example *e = examples; e->line; e++) {
        fputc(toupper((unsigned char)e->what[0]), out);
        put_text(out, e->what + 1);
        fprintf(out, ":\n\n```\n%s\n```\n\n", e->line);
    }
}

static void put_sections(FILE *out, struct str sections)
{
    fwrite(sections.p, 1, sections.len, out);
    if (sections.len)
        fputc('\n', out);
}

void manual_command(FILE *out, const struct command *c, struct str sections)
{
    put_page_name(out, c->name);
    fputs("(1) \"\" \"vectorize\"\n\n# NAME\n\n", out);
    put_page_name(out, c->name);
    fputs(" - ", out);
    put_text(out, c->summary);
    fprintf(out, "\n\n# SYNOPSIS\n\n*vectorize %s* [_OPTION_…]", c->name);
    if (c->arguments && *c->arguments) {
        fputc(' ', out);
        put_text(out, c->arguments);
    }
    fputs("\n\n", out);
    if (c->details) {
        fputs("# DESCRIPTION\n\n", out);
        put_text(out, c->details);
        fputs("\n\n", out);
    }
    fputs("# OPTIONS\n\n", out);
    for (const struct option_group *g = c->groups; g && g->title; g++)
        put_options(out, g->title, g->rows);
    put_options(out, "General", general_rows);
    put_sections(out, sections);
    put_examples(out, c->examples);
    fputs("# SEE ALSO\n\n*vectorize*(1), which also lists the exit codes\n", out);
}

void manual_program(FILE *out, const struct command *const *commands, struct str sections)
{
    fputs("vectorize(1) \"\" \"vectorize\"\n\n# NAME\n\nvectorize - puts embeddings into tables "
          "that already exist, and searches them\n\n# SYNOPSIS\n\n*vectorize* _COMMAND_ "
          "[_OPTION_…] [_ARGUMENT_…]\n\n# COMMANDS\n\n",
          out);
    for (const struct command *const *c = commands; *c; c++) {
        if ((*c)->hidden)
            continue;
        fputc('*', out);
        put_page_name(out, (*c)->name);
        fputs("*(1)\n\t", out);
        fputc(toupper((unsigned char)(*c)->summary[0]), out);
        put_text(out, (*c)->summary + 1);
        fputs(".\n\n", out);
    }
    fputs("# OPTIONS\n\n", out);
    put_options(out, "Of every command", general_rows);
    put_sections(out, sections);
}
