/* SPDX-License-Identifier: Apache-2.0
 *
 * The stamp: one line of JSON in the comment of a vector column that says which model made its
 * vectors. A user's own comment stays; the stamp stands on a line of its own after it.
 *
 *     Vectors of the body text.
 *     vectorize:{"version":1,"model":"all-MiniLM-L6-v2","fingerprint":"…","dimension":384,…}
 *
 * Comments are anybody's: what does not parse is not a stamp, and never an error. */
#ifndef DB_STAMP_H
#define DB_STAMP_H

#include <vectorize/encoder.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

#define STAMP_VERSION 1
#define STAMP_MARK "vectorize:"

struct stamp {
    int64_t version;         /* STAMP_VERSION when written; newer ones are read as far as known */
    const char *model;       /* reference, as -m takes it */
    const char *module;      /* "transformer" */
    const char *fingerprint; /* of weights, tokenizer and pooling */
    const char *precision;   /* "int8"; "" from before it was recorded, which is fp32 */
    int64_t dimension;
    enum vz_metric metric;
    const char *input;           /* the column whose text was encoded */
    const char *document_prompt; /* "" for none */
    const char *query_prompt;
    const char *text; /* how the text was treated; "as-is" */
    const char *tool; /* version of this program, for people */
};

/* Finds the stamp in a comment (NULL is allowed); strings in arena. False: there is none. */
bool stamp_find(struct arena *arena, const char *comment, struct stamp *ret);
/* The comment with this stamp in the place of an older one, or at its end; the rest of it is
 * kept byte for byte. In arena. */
const char *stamp_merge(struct arena *arena, const char *comment, const struct stamp *stamp);
/* The comment without a stamp, NULL when nothing else is in it. In arena. */
const char *stamp_remove(struct arena *arena, const char *comment);

/* The precision to open the encoder of a column with: `given` where it is one, else (NULL, "auto")
 * the stamp's. stamp NULL: the column has none. NULL: the encoder's own choice. */
const char *stamp_precision(const struct stamp *stamp, const char *given);

/* True when vectors of both may stand in one column: precision, fingerprint, dimension, input,
 * document prompt and text treatment agree. Otherwise *ret_why says in words what differs, in
 * arena. */
bool stamp_same(struct arena *arena, const struct stamp *column, const struct stamp *wanted,
                const char **ret_why);

const char *metric_name(enum vz_metric metric); /* "cosine", "ip", "l2" */
bool metric_of(const char *name, enum vz_metric *ret);

#endif
