/* SPDX-License-Identifier: Apache-2.0
 *
 * Help texts from command tables and option rows, wrapped to the terminal. */
#include "cli/help.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "cli/terminal.h"

#define WIDEST 100     /* longer lines are hard to read */
#define NARROWEST 40   /* below this the terminal's width is not followed */
#define FLAG_COLUMN 28 /* where the text beside a flag starts */

static size_t page_width(FILE *out)
{
    size_t width = terminal_width(out);
    if (width == 0)
        return 80;
    if (width > WIDEST)
        return WIDEST;
    return width < NARROWEST ? NARROWEST : width;
}

/* Prints `text` wrapped into [indent, width), the cursor standing at column `at`. Line ends in
 * the text are kept. */
static void print_wrapped(FILE *out, const char *text, size_t at, size_t indent, size_t width)
{
    while (*text) {
        size_t len = strcspn(text, " \n");
        size_t columns = terminal_columns(text, len);
        if (at > indent && at + 1 + columns > width) {
            fputc('\n', out);
            at = 0;
        }
        if (at < indent)
            fprintf(out, "%*s", (int)(indent - at), "");
        else if (at > indent)
            fputc(' ', out);
        at = (at < indent ? indent : at + (at > indent)) + columns;
        fwrite(text, 1, len, out);
        text += len;
        if (*text == '\n') {
            fputc('\n', out);
            at = 0;
        }
        text += *text != '\0';
    }
    fputc('\n', out);
}

const char *help_flag(struct arena *arena, const struct vz_option *row)
{
    const char *value = row->type == VZ_OPTION_FLAG ? "" : row->value ? row->value : "VALUE";
    const char *space = *value ? " " : "";
    if (row->letter)
        return arena_printf(arena, "-%c, --%s%s%s", row->letter, row->name, space, value);
    return arena_printf(arena, "    --%s%s%s", row->name, space, value);
}

const char *help_text(struct arena *arena, const struct vz_option *row)
{
    struct buf b = buf_make(4096);
    buf_puts(&b, row->help ? row->help : "");
    const char *part = " ("; // what goes in front of the next thing in the parentheses
    for (int i = 0; row->type == VZ_OPTION_CHOICE && row->choices[i]; i++) {
        buf_printf(&b, "%s%s", part, row->choices[i]);
        part = ", ";
    }
    if (row->initial && *row->initial && row->type != VZ_OPTION_FLAG) {
        buf_printf(&b, "%sdefault %s", *part == ',' ? "; " : part, row->initial);
        part = ", ";
    }
    if (*part == ',')
        buf_putc(&b, ')');
    if (row->env)
        buf_printf(&b, " [$%s]", row->env);
    const char *text = arena_strdup(arena, buf_str(&b));
    buf_free(&b);
    return text;
}

static void print_row(FILE *out, const char *left, const char *right, size_t width)
{
    size_t at = 2 + terminal_columns(left, strlen(left));
    fprintf(out, "  %s", left);
    if (at + 2 > FLAG_COLUMN) {
        fputc('\n', out);
        at = 0;
    }
    print_wrapped(out, right, at, FLAG_COLUMN, width);
}

static void print_rows(FILE *out, struct arena arena, const char *title,
                       const struct vz_option *rows, size_t width)
{
    fprintf(out, "\n%s:\n", title);
    for (const struct vz_option *row = rows; row && row->name; row++)
        print_row(out, help_flag(&arena, row), help_text(&arena, row), width);
}

static void print_command(FILE *out, const struct command *c, struct arena *arena, size_t width)
{
    const char *arguments = c->arguments ? c->arguments : "";
    fprintf(out, "Usage: vectorize %s [OPTION…]%s%s\n\n", c->name, *arguments ? " " : "",
            arguments);
    print_wrapped(out,
                  arena_printf(arena, "%c%s.", toupper((unsigned char)c->summary[0]),
                               c->summary + 1),
                  0, 0, width);
    if (c->details) {
        fputc('\n', out);
        print_wrapped(out, c->details, 0, 0, width);
    }
    for (const struct option_group *g = c->groups; g && g->title; g++)
        print_rows(out, *arena, g->title, g->rows, width);
    print_rows(out, *arena, "General", general_rows, width);
    if (c->examples)
        fprintf(out, "\nExamples:\n");
    for (const struct example *e = c->examples; e && e->line; e++) {
        fprintf(out, "  %s\n", e->line);
        print_wrapped(out, e->what, 0, 6, width);
    }
}

static void print_list(FILE *out, const struct command *const *commands, const char *topic,
                       size_t width)
{
    size_t len = topic ? strlen(topic) : 0;
    for (const struct command *const *c = commands; *c; c++) {
        if ((*c)->hidden || (topic && strncmp((*c)->name, topic, len) != 0) ||
            (topic && (*c)->name[len] != ' '))
            continue;
        print_row(out, (*c)->name, (*c)->summary, width);
    }
}

void help_print(const struct command *const *commands, const struct invocation *inv)
{
    FILE *out = inv->out;
    size_t width = page_width(out);
    if (inv->command) {
        print_command(out, inv->command, inv->arena, width);
        return;
    }
    fprintf(out, "Usage: vectorize %s%sCOMMAND [OPTION…] [ARGUMENT…]\n\n",
            inv->topic ? inv->topic : "", inv->topic ? " " : "");
    if (!inv->topic)
        print_wrapped(out,
                      "Puts embeddings into tables that already exist in CockroachDB and "
                      "PostgreSQL, and searches them.\n",
                      0, 0, width);
    fprintf(out, "Commands:\n");
    print_list(out, commands, inv->topic, width);
    print_rows(out, *inv->arena, "General", general_rows, width);
    if (!inv->topic)
        fprintf(out, "\n\"vectorize COMMAND --help\" tells more about each.\n");
}
