/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tokenizer needs to know of a code point. Classes and lower case come from a table
 * measured on the reference library (tools/make-unicode-table), decompositions and combining
 * classes from utf8proc, limited to what the reference decomposes and reorders: so ids depend on
 * no installed version of Unicode. */
#ifndef NN_TOKENIZER_UNICODE_H
#define NN_TOKENIZER_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum unicode_class {
    UNICODE_DROP = 1,         /* BertNormalizer's clean_text removes it */
    UNICODE_WHITE = 2,        /* White_Space */
    UNICODE_PUNCT = 4,        /* ASCII punctuation or a category P* */
    UNICODE_CJK = 8,          /* gets spaces around it */
    UNICODE_MARK = 16,        /* M*: StripAccents removes it */
    UNICODE_WORD = 32,        /* \w */
    UNICODE_NUMERIC = 64,     /* N* */
    UNICODE_NONSPACING = 128, /* Mn: strip_accents removes it */
    UNICODE_DECOMPOSES = 256, /* by NFD or NFKD */
    UNICODE_REORDERS = 512,   /* has a combining class other than 0 */
    UNICODE_UPPER = 1024,     /* has a lower case other than itself */
};

#define UNICODE_BLOCK_BITS 7
#define UNICODE_BLOCK ((size_t)1 << UNICODE_BLOCK_BITS)
#define UNICODE_CODES 0x110000

/* Two stages, spread from the runs by unicode_init: blocks[index[code / 128]][code % 128]. */
extern uint16_t unicode_index[UNICODE_CODES / UNICODE_BLOCK];
extern uint16_t (*unicode_blocks)[UNICODE_BLOCK];

/* Before anything else here; any number of times, from any thread. */
void unicode_init(void);

static inline uint32_t unicode_class(uint32_t code)
{
    uint16_t block = unicode_index[code >> UNICODE_BLOCK_BITS];
    return unicode_blocks[block][code & (UNICODE_BLOCK - 1)];
}

#define UNICODE_LOWER_MAX 2
#define UNICODE_DECOMPOSED_MAX 32

/* Full lower case of one code point, without context: 1 or 2 of them. */
size_t unicode_lower(uint32_t code, uint32_t ret[UNICODE_LOWER_MAX]);
/* Full decomposition (canonical, or compatibility); itself when there is none. */
size_t unicode_decompose(uint32_t code, bool compatibility, uint32_t ret[UNICODE_DECOMPOSED_MAX]);
/* Canonical combining class. */
uint8_t unicode_combining(uint32_t code);
/* The canonical composition of two, or 0. */
uint32_t unicode_compose(uint32_t first, uint32_t second);

/* The generated tables. */
struct unicode_lower_row {
    uint32_t first, last;
    int32_t step, distance;
};
extern const uint32_t unicode_runs[];
extern const size_t unicode_runs_count;
extern const struct unicode_lower_row unicode_lower_rows[];
extern const size_t unicode_lower_count;

#endif
