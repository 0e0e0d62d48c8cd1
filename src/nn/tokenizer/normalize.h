/* SPDX-License-Identifier: Apache-2.0
 *
 * Normalisers: a chain of steps, each from text to text. A new type is one row in normalize.c's
 * table. */
#ifndef NN_TOKENIZER_NORMALIZE_H
#define NN_TOKENIZER_NORMALIZE_H

#include "base/json.h"
#include "nn/tokenizer/scratch.h"

struct normalizer_step;

struct normalizer_type {
    const char *name;
    size_t growth; /* of the step, unless parse says more */
    bool (*parse)(struct normalizer_step *step, const json_t *j, struct vz_error *err);
    /* Appends to `out`, which is empty. */
    void (*apply)(const struct normalizer_step *step, struct str in, struct text *out,
                  struct tokenizer_scratch *scratch);
    void (*done)(struct normalizer_step *step);
};

struct normalizer_step {
    const struct normalizer_type *type;
    size_t growth; /* a text becomes at most so many times as long */
    union {
        struct {
            uint32_t care;      /* classes that need more than a copy */
            uint8_t ascii[128]; /* what becomes of each; 0xFF: dropped */
            bool clean, cjk, strip, lower;
        } bert;
        struct {
            bool compatibility, compose;
        } form;
        struct {
            bool left, right;
        } strip;
        struct {
            char *pattern; /* owned, as are the others */
            size_t pattern_len;
            char *content;
            size_t content_len;
            void *regex; /* instead of `pattern` */
        } replace;
    };
};

#define NORMALIZER_STEPS 32
#define NORMALIZER_GROWTH 1024

struct normalizer {
    struct normalizer_step *steps;
    size_t count;
    size_t growth; /* of all steps together */
};

/* `j` is the file's "normalizer": an object or null. */
bool normalizer_parse(struct normalizer *ret, const json_t *j, struct vz_error *err) VZ_MUST_CHECK;
void normalizer_done(struct normalizer *n);

/* The result is `in` itself or lies in the scratch until the next call. */
struct str normalizer_apply(const struct normalizer *n, struct str in,
                            struct tokenizer_scratch *scratch);

/* The files of the types. */
extern const struct normalizer_type normalizer_bert;
extern const struct normalizer_type normalizer_nfc, normalizer_nfd, normalizer_nfkc,
    normalizer_nfkd;
extern const struct normalizer_type normalizer_lowercase, normalizer_strip_accents;
extern const struct normalizer_type normalizer_strip, normalizer_prepend;
extern const struct normalizer_type normalizer_replace;

#endif
