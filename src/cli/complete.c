/* SPDX-License-Identifier: Apache-2.0
 *
 * The bash script: two functions made from the tables (the options of a command, the values of an
 * option) and one that bash calls. */
#include "cli/complete.h"

#include <string.h>

/* What may stand after "vectorize", or after "vectorize model": each word once. */
static void put_command_words(FILE *out, const struct command *const *commands)
{
    fputs("_vectorize_commands() {\n    case $1 in\n    '') echo '", out);
    const char *last = "";
    for (const struct command *const *c = commands; *c; c++) {
        size_t len = strcspn((*c)->name, " ");
        if ((*c)->hidden || (strncmp(last, (*c)->name, len) == 0 && strcspn(last, " ") == len))
            continue;
        last = (*c)->name;
        fprintf(out, "%.*s ", (int)len, last);
    }
    fputs("help' ;;\n", out);
    for (const struct command *const *c = commands; *c; c++) {
        const char *space = strchr((*c)->name, ' ');
        if (space && !(*c)->hidden)
            fprintf(out, "    %.*s) echo '%s' ;;&\n", (int)(space - (*c)->name), (*c)->name,
                    space + 1);
    }
    fputs("    esac\n}\n\n", out);
}

static void put_flags(FILE *out, const struct vz_option *rows)
{
    for (const struct vz_option *row = rows; row && row->name; row++)
        fprintf(out, " --%s", row->name);
}

static void put_options(FILE *out, const struct command *const *commands)
{
    fputs("_vectorize_options() {\n    case $1 in\n", out);
    for (const struct command *const *c = commands; *c; c++) {
        if ((*c)->hidden)
            continue;
        fprintf(out, "    '%s') echo '", (*c)->name);
        for (const struct option_group *g = (*c)->groups; g && g->title; g++)
            put_flags(out, g->rows);
        fputs("' ;;\n", out);
    }
    fputs("    esac\n    echo '", out);
    put_flags(out, general_rows);
    fputs("'\n}\n\n", out);
}

/* One line of the case over "COMMAND OPTION": what to offer as the option's value. */
static void put_value(FILE *out, const char *command, const struct vz_option *row)
{
    if (row->type == VZ_OPTION_FLAG)
        return;
    fprintf(out, "    '%s --%s'", command, row->name);
    if (row->letter)
        fprintf(out, " | '%s -%c'", command, row->letter);
    const char *value = row->value ? row->value : "";
    if (row->type == VZ_OPTION_CHOICE) {
        fputs(") echo 'words", out);
        for (int i = 0; row->choices[i]; i++)
            fprintf(out, " %s", row->choices[i]);
        fputs("' ;;\n", out);
    } else if (strcmp(value, "FILE") == 0) {
        fputs(") echo files ;;\n", out);
    } else if (strcmp(value, "REF") == 0) {
        fputs(") echo models ;;\n", out);
    } else {
        fputs(") echo words ;;\n", out); // nothing that could be guessed
    }
}

static void put_values(FILE *out, const struct command *const *commands)
{
    fputs("_vectorize_values() {\n    case $1 in\n", out);
    for (const struct command *const *c = commands; *c; c++)
        for (const struct option_group *g = (*c)->groups; !(*c)->hidden && g && g->title; g++)
            for (const struct vz_option *row = g->rows; row && row->name; row++)
                put_value(out, (*c)->name, row);
    fputs("    esac\n}\n\n", out);
}

static void put_arguments(FILE *out, const struct command *const *commands)
{
    fputs("_vectorize_arguments() {\n    case $1 in\n", out);
    for (const struct command *const *c = commands; *c; c++)
        if (!(*c)->hidden && (*c)->arguments && strstr((*c)->arguments, "REF"))
            fprintf(out, "    '%s') echo models ;;\n", (*c)->name);
    fputs("    esac\n}\n\n", out);
}

/* complete.bash, made into a string when the program is built. */
static const char driver[] =
#include "cli/complete.bash.inc"
    ;

void complete_bash(FILE *out, const struct command *const *commands)
{
    fputs("# bash completion for vectorize; made by \"vectorize completion bash\"\n\n", out);
    put_command_words(out, commands);
    put_options(out, commands);
    put_values(out, commands);
    put_arguments(out, commands);
    fputs(driver, out);
}
