/* SPDX-License-Identifier: Apache-2.0
 *
 * A command is a value. Its option rows make parsing, --help, the manual and shell completion;
 * the program holds one table of them and nothing else knows the list.
 *
 *     static const struct vz_option status_rows[] = {
 *         { .name = "table", .letter = 't', .type = VZ_OPTION_STRING, .value = "TABLE",
 *           .offset = VZ_OFFSET(struct status_options, table, const char *),
 *           .help = "table to look at" },
 *         { 0 },
 *     };
 *     static const struct option_group status_groups[] = {
 *         { "Options", status_rows, 0 },
 *         { "Connection", connection_rows, offsetof(struct status_options, connection) },
 *         { 0 },
 *     };
 *     const struct command status_command = {
 *         .name = "status", .summary = "what is embedded and what is missing",
 *         .options_size = sizeof(struct status_options), .groups = status_groups,
 *         .run = status_run,
 *     };
 *
 * General options (--json, --verbose, --help …) belong to every command: see struct
 * general_options. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

#include <vectorize/encoder.h>

#include "base/arena.h"
#include "base/error.h"

struct command;

/* Rows that bind to one struct, which stands `offset` bytes into the command's options. */
struct option_group {
    const char *title; /* heading in --help; NULL ends a list of groups */
    const struct vz_option *rows;
    size_t offset;
};

/* What every command takes. */
struct general_options {
    bool json;    /* results, and errors, as JSON */
    bool verbose; /* log level debug */
    bool quiet;   /* log level warning */
    bool help, version;
};

extern const struct vz_option general_rows[];

/* One run of a command, as its `run` sees it. */
struct invocation {
    const struct command *command; /* NULL for `vectorize` alone */
    const char *topic;             /* "model" after `vectorize model --help`, or NULL */
    const void *options;           /* the command's own struct, filled */
    const char *const *args;       /* positional, as many as the command's `arguments` allow */
    size_t arg_count;
    struct general_options general;
    uint64_t given;            /* bit n: row n of all groups in order was set by the user */
    struct arena *arena;       /* lives as long as the process */
    const atomic_bool *cancel; /* set by SIGINT and SIGTERM */
    FILE *out;                 /* standard output: results only */
    enum vz_exit exit;         /* what to exit with when run succeeds; VZ_EXIT_DONE */
};

struct example {
    const char *line; /* "vectorize status -t passages"; NULL ends a list */
    const char *what; /* "what is missing in table passages" */
};

struct command {
    const char *name;      /* "embed"; "model list" for a command below another */
    const char *arguments; /* "", "TEXT", "[TEXT]", "REF…": checked by the parser */
    const char *summary;   /* one line, lower case, no full stop */
    const char *details;   /* paragraphs for --help and the manual, parted by "\n\n"; or NULL */
    const struct example *examples; /* or NULL */
    size_t options_size;            /* of the struct that groups bind to; 0: none */
    const struct option_group *groups;
    bool hidden; /* in no list: for the build and for shells */
    bool (*run)(struct invocation *inv, struct vz_error *err);
};

/* Was this option given, on the command line or by its variable? */
bool invocation_given(const struct invocation *inv, const char *option);

/* "option --table is required"; returns false. */
bool fail_missing_option(struct vz_error *err, const char *option);

#endif
