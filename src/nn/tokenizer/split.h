/* SPDX-License-Identifier: Apache-2.0
 *
 * Pre-tokenisers: a chain of splitters from a text to words. Nothing is copied or kept: each
 * piece is handed on to the next splitter, and from the last one to the caller. A new type is
 * one row in split.c's table. */
#ifndef NN_TOKENIZER_SPLIT_H
#define NN_TOKENIZER_SPLIT_H

#include "base/json.h"

struct splitter;
struct split_run;

struct splitter_type {
    const char *name;
    bool (*parse)(struct splitter *s, const json_t *j, struct vz_error *err);
    void (*split)(const struct splitter *s, struct str piece, const struct split_run *run);
    uint32_t delimiter; /* the classes of its delimiters, where it has them */
};

/* What becomes of a delimiter between two pieces "a" and "b". */
enum split_behaviour {
    SPLIT_REMOVED,         /* a, b */
    SPLIT_ISOLATED,        /* a, -, b; each delimiter for itself */
    SPLIT_MERGED_PREVIOUS, /* a-, b */
    SPLIT_MERGED_NEXT,     /* a, -b */
    SPLIT_CONTIGUOUS,      /* a, ---, b */
};

struct splitter {
    const struct splitter_type *type;
    enum split_behaviour behaviour;
};

#define SPLITTERS 16

struct split_chain {
    struct splitter steps[SPLITTERS];
    size_t count;
};

/* A chain on its way through one text: the next splitter, then the words' receiver. */
struct split_run {
    const struct splitter *next, *end;
    void (*word)(void *arg, struct str word);
    void *arg;
};

/* `j` is the file's "pre_tokenizer": an object or null. */
bool split_parse(struct split_chain *ret, const json_t *j, struct vz_error *err) VZ_MUST_CHECK;

/* Calls run->word for each word in order; no word is empty. */
static inline void split_piece(const struct split_run *run, struct str piece)
{
    if (piece.len == 0)
        return;
    if (run->next == run->end) {
        run->word(run->arg, piece);
        return;
    }
    struct split_run rest = { run->next + 1, run->end, run->word, run->arg };
    run->next->type->split(run->next, piece, &rest);
}

#endif
