/* SPDX-License-Identifier: Apache-2.0
 *
 * Parsing of the command line: finds the command, then hands each word to its option row. */
#include "cli/argv.h"

#include <string.h>

#include "base/buf.h"
#include "base/option.h"
#include "base/utf8.h"
#include "cli/env.h"

#define MAX_OPTIONS 64 /* of one command, all groups: as many as `given` has bits */

const struct vz_option general_rows[] = {
    { .name = "json",
      .type = VZ_OPTION_FLAG,
      .offset = VZ_OFFSET(struct general_options, json, bool),
      .help = "print results, and errors, as JSON" },
    { .name = "verbose",
      .letter = 'v',
      .type = VZ_OPTION_FLAG,
      .offset = VZ_OFFSET(struct general_options, verbose, bool),
      .help = "say more about what is going on" },
    { .name = "quiet",
      .letter = 'q',
      .type = VZ_OPTION_FLAG,
      .offset = VZ_OFFSET(struct general_options, quiet, bool),
      .help = "say nothing but results, warnings and errors" },
    { .name = "help",
      .letter = 'h',
      .type = VZ_OPTION_FLAG,
      .offset = VZ_OFFSET(struct general_options, help, bool),
      .help = "show this help" },
    { .name = "version",
      .type = VZ_OPTION_FLAG,
      .offset = VZ_OFFSET(struct general_options, version, bool),
      .help = "show the version" },
    { 0 },
};

/* All the rows a command takes, each with the struct it binds to. */
struct slot {
    const struct vz_option *row;
    void *fields;
};

struct parser {
    const struct command *const *commands;
    struct invocation *inv;
    struct slot slots[MAX_OPTIONS];
    size_t slot_count;
    char **words; /* what is left of argv, the present word first */
    const char **args;
    bool options_ended;
};

static void add_slots(struct parser *p, const struct vz_option *rows, void *fields)
{
    for (const struct vz_option *row = rows; row && row->name && p->slot_count < MAX_OPTIONS; row++)
        p->slots[p->slot_count++] = (struct slot){ row, fields };
}

static struct slot *slot_by_name(struct parser *p, struct str name)
{
    for (size_t i = 0; i < p->slot_count; i++)
        if (str_is(name, p->slots[i].row->name))
            return &p->slots[i];
    return NULL;
}

static struct slot *slot_by_letter(struct parser *p, char letter)
{
    for (size_t i = 0; i < p->slot_count; i++)
        if (p->slots[i].row->letter == letter)
            return &p->slots[i];
    return NULL;
}

static bool set_slot(struct parser *p, struct slot *slot, const char *text, struct vz_error *err)
{
    if (text && !utf8_is_valid(str_of(text)))
        return vz_fail(err, VZ_USAGE, "the value of option \"%s\" is not valid UTF-8",
                       slot->row->name);
    if (!option_set(slot->row, slot->fields, text, err))
        return false;
    p->inv->given |= UINT64_C(1) << (slot - p->slots);
    return true;
}

/* Sets the option from a word of argv; a secret is taken out of there. */
static bool set_from_argv(struct parser *p, struct slot *slot, char *text, struct vz_error *err)
{
    if (!slot->row->secret || !text)
        return set_slot(p, slot, text, err);
    const char *copy = arena_strdup(p->inv->arena, str_of(text));
    memset(text, 0, strlen(text));
    return set_slot(p, slot, copy, err);
}

/* "See "vectorize encode --help"": where the accepted names stand. */
static bool hint_help(const struct parser *p, struct vz_error *err)
{
    const struct command *c = p->inv->command;
    return vz_hint(err, "See \"vectorize%s%s --help\".", c ? " " : "", c ? c->name : "");
}

static bool fail_unknown_option(struct parser *p, struct str name, struct vz_error *err)
{
    const char *names[MAX_OPTIONS];
    for (size_t i = 0; i < p->slot_count; i++)
        names[i] = p->slots[i].row->name;
    const char *wrong = arena_strdup(p->inv->arena, name);
    const char *nearest = option_nearest(names, p->slot_count, wrong);
    vz_fail(err, VZ_USAGE, "unknown option \"--%s\"", wrong);
    return nearest ? vz_hint(err, "Did you mean \"--%s\"?", nearest) : hint_help(p, err);
}

static bool fail_unknown_letter(struct parser *p, const char *word, char letter,
                                struct vz_error *err)
{
    if (letter > ' ' && letter <= '~')
        vz_fail(err, VZ_USAGE, "unknown option \"-%c\"", letter);
    else // no character by itself: part of a longer one
        vz_fail(err, VZ_USAGE, "unknown option \"%s\"", word);
    return hint_help(p, err);
}

/* The word after the present one, as the value of an option. */
static char *next_word(struct parser *p)
{
    return p->words[1] ? *++p->words : NULL;
}

static bool parse_long(struct parser *p, char *word, struct vz_error *err)
{
    struct str_cut cut = str_cut(str_of(word + 2), '=');
    struct slot *slot = slot_by_name(p, cut.head);
    if (!slot)
        return fail_unknown_option(p, cut.head, err);
    char *value = cut.ok ? word + 2 + cut.head.len + 1 : NULL;
    if (!cut.ok && slot->row->type != VZ_OPTION_FLAG)
        value = next_word(p);
    return set_from_argv(p, slot, value, err);
}

static bool parse_letters(struct parser *p, char *word, struct vz_error *err)
{
    for (char *at = word + 1; *at; at++) {
        struct slot *slot = slot_by_letter(p, *at);
        if (!slot)
            return fail_unknown_letter(p, word, *at, err);
        if (slot->row->type != VZ_OPTION_FLAG)
            return set_from_argv(p, slot, at[1] ? at + 1 : next_word(p), err);
        if (!set_slot(p, slot, NULL, err))
            return false;
    }
    return true;
}

/* Is there a command, or a group of commands, whose name starts with these words? */
static const struct command *find_command(struct parser *p, const char *name, bool *ret_is_group)
{
    size_t len = strlen(name);
    *ret_is_group = false;
    for (const struct command *const *c = p->commands; *c; c++) {
        if (strcmp((*c)->name, name) == 0)
            return *c;
        if (strncmp((*c)->name, name, len) == 0 && (*c)->name[len] == ' ')
            *ret_is_group = true;
    }
    return NULL;
}

static bool fail_unknown_command(struct parser *p, const char *name, struct vz_error *err)
{
    const char *names[MAX_OPTIONS];
    size_t n = 0;
    for (const struct command *const *c = p->commands; *c && n < ARRAY_LEN(names); c++)
        if (!(*c)->hidden)
            names[n++] = (*c)->name;
    vz_fail(err, VZ_USAGE, "unknown command \"%s\"", name);
    const char *nearest = option_nearest(names, n, name);
    return nearest ? vz_hint(err, "Did you mean \"vectorize %s\"?", nearest) : hint_help(p, err);
}

/* Initial values are the program's own, so a wrong one is a bug. */
static bool start_command(struct parser *p, const struct command *command, struct vz_error *err)
{
    struct invocation *inv = p->inv;
    inv->command = command;
    char *options = arena_alloc(inv->arena, command->options_size + 1, alignof(max_align_t), 1);
    inv->options = options;
    for (const struct option_group *g = command->groups; g && g->title; g++) {
        if (!option_defaults(g->rows, options + g->offset, err))
            return false;
        add_slots(p, g->rows, options + g->offset);
    }
    return true;
}

/* A word before the command is known: part of its name. */
static bool parse_command_word(struct parser *p, const char *word, struct vz_error *err)
{
    struct invocation *inv = p->inv;
    const char *name = word;
    if (!inv->topic && strcmp(word, "help") == 0) {
        inv->general.help = true; // `vectorize help encode` is `vectorize encode --help`
        return true;
    }
    if (!utf8_is_valid(str_of(word)))
        return vz_fail(err, VZ_USAGE, "the command's name is not valid UTF-8");
    if (inv->topic)
        name = arena_printf(inv->arena, "%s %s", inv->topic, word);
    bool is_group;
    const struct command *command = find_command(p, name, &is_group);
    if (command)
        return start_command(p, command, err);
    if (!is_group)
        return fail_unknown_command(p, name, err);
    inv->topic = name;
    return true;
}

static bool parse_word(struct parser *p, struct vz_error *err)
{
    char *word = *p->words;
    if (p->options_ended || word[0] != '-' || word[1] == '\0') {
        if (!p->inv->command)
            return parse_command_word(p, word, err);
        p->args[p->inv->arg_count++] = word;
        return true;
    }
    if (strcmp(word, "--") == 0) {
        p->options_ended = true;
        return true;
    }
    return word[1] == '-' ? parse_long(p, word, err) : parse_letters(p, word, err);
}

/* Options that were not given, from their variables. */
static bool set_from_env(struct parser *p, struct vz_error *err)
{
    for (size_t i = 0; i < p->slot_count; i++) {
        struct slot *slot = &p->slots[i];
        const char *text = slot->row->env ? env_get(slot->row->env) : NULL;
        if (!text || !*text || p->inv->given & UINT64_C(1) << i)
            continue;
        if (!set_slot(p, slot, text, err))
            return vz_context(err, "variable %s", slot->row->env);
    }
    return true;
}

/* Holds the number of arguments against the command's syntax: `A B [C] D…`. */
static bool check_arguments(const struct invocation *inv, struct vz_error *err)
{
    const struct command *c = inv->command;
    struct str rest = str_of(c->arguments ? c->arguments : "");
    size_t n = 0;
    while (rest.len) {
        struct str_cut cut = str_cut(rest, ' ');
        bool optional = str_starts(cut.head, "[");
        bool many = str_ends(cut.head, "…") || str_ends(cut.head, "…]");
        if (n >= inv->arg_count && !optional) {
            vz_fail(err, VZ_USAGE, "argument %.*s is missing", STR_ARGS(cut.head));
            return vz_hint(err, "Usage: vectorize %s %s", c->name, c->arguments);
        }
        if (many)
            return true;
        n++;
        rest = cut.tail;
    }
    if (inv->arg_count <= n)
        return true;
    vz_fail(err, VZ_USAGE, "\"vectorize %s\" takes %s, not \"%s\"", c->name,
            n == 0 ? "no argument" : "no further argument", inv->args[n]);
    return vz_hint(err, "Quote a text that has spaces in it; see \"vectorize %s --help\".",
                   c->name);
}

static bool check_complete(struct parser *p, struct vz_error *err)
{
    struct invocation *inv = p->inv;
    for (size_t i = 0; i < inv->arg_count; i++)
        if (!utf8_is_valid(str_of(inv->args[i])))
            return vz_fail(err, VZ_USAGE, "argument %zu is not valid UTF-8", i + 1);
    if (inv->command)
        return set_from_env(p, err) && check_arguments(inv, err);
    if (inv->topic) {
        vz_fail(err, VZ_USAGE, "\"vectorize %s\" needs a command", inv->topic);
        return vz_hint(err, "See \"vectorize %s --help\".", inv->topic);
    }
    vz_fail(err, VZ_USAGE, "a command is missing");
    return vz_hint(err, "See \"vectorize --help\".");
}

bool argv_parse(const struct command *const *commands, int argc, char **argv,
                struct invocation *ret, struct vz_error *err)
{
    struct parser p = { .commands = commands, .inv = ret };
    size_t count = argc > 0 ? (size_t)argc : 0;
    p.args = arena_new(ret->arena, const char *, count + 1);
    ret->args = p.args;
    if (!option_defaults(general_rows, &ret->general, err))
        return false;
    add_slots(&p, general_rows, &ret->general);

    for (p.words = argv + (count > 0); *p.words; p.words++)
        if (!parse_word(&p, err))
            return false;
    if (ret->general.help || ret->general.version)
        return true;
    return check_complete(&p, err);
}

bool argv_wants_json(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--json") == 0)
            return true;
    return false;
}

bool invocation_given(const struct invocation *inv, const char *option)
{
    size_t bit = 0;
    for (const struct vz_option *row = general_rows; row->name; row++, bit++)
        if (strcmp(row->name, option) == 0)
            return inv->given >> bit & 1;
    for (const struct option_group *g = inv->command->groups; g && g->title; g++)
        for (const struct vz_option *row = g->rows; row && row->name; row++, bit++)
            if (strcmp(row->name, option) == 0)
                return inv->given >> bit & 1;
    return false;
}

bool fail_missing_option(struct vz_error *err, const char *option)
{
    return vz_fail(err, VZ_USAGE, "option \"--%s\" is missing", option);
}
