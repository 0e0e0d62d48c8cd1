/* SPDX-License-Identifier: Apache-2.0
 *
 * A byte trie over a set of strings, made once and read by all threads: exact look-up and longest
 * match. Siblings lie side by side in byte order, so a step is one short scan, mostly within one
 * cache line. Building is linear in the bytes after a sort: a hostile vocabulary costs no more
 * than an honest one. */
#ifndef NN_TOKENIZER_TRIE_H
#define NN_TOKENIZER_TRIE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define TRIE_NONE 0 /* no node: the root of a trie is node 1 */
#define TRIE_ROOT 1

struct trie_node {
    int32_t value;     /* -1: no string ends here */
    uint32_t children; /* the first of them */
    uint16_t count;    /* of them */
    uint8_t byte;      /* that leads here */
};

struct trie {
    struct trie_node *nodes;
    size_t count;
};

struct trie_entry {
    struct str key;
    int32_t value; /* not negative */
    uint64_t head; /* trie_build's own */
};

/* Sorts `entries`. False when two keys are equal (*ret_twice) or the trie would be too large
 * (*ret_twice is then empty). No key may be empty. */
bool trie_build(struct trie *ret, struct trie_entry *entries, size_t count, struct str *ret_twice);
void trie_done(struct trie *t);

/* Siblings past this many are searched by halves. */
#define TRIE_SCAN 8

static inline uint32_t trie_step(const struct trie *t, uint32_t node, uint8_t byte)
{
    const struct trie_node *n = &t->nodes[node];
    const struct trie_node *at = &t->nodes[n->children];
    size_t count = n->count;
    while (count > TRIE_SCAN) {
        size_t half = count / 2;
        at = at[half].byte <= byte ? at + half : at;
        count -= half;
    }
    for (size_t i = 0; i < count; i++)
        if (at[i].byte == byte)
            return (uint32_t)(at + i - t->nodes);
    return TRIE_NONE;
}

/* The node that `key` leads to from `node`, or TRIE_NONE. */
uint32_t trie_walk(const struct trie *t, uint32_t node, struct str key);

/* Value of the longest key that text starts with, from `node` on; -1 for none. */
static inline int32_t trie_longest(const struct trie *t, uint32_t node, struct str text,
                                   size_t *ret_len)
{
    int32_t best = -1;
    for (size_t i = 0; i < text.len && node != TRIE_NONE; i++) {
        node = trie_step(t, node, (uint8_t)text.p[i]);
        if (t->nodes[node].value >= 0) { // node 0 has none
            best = t->nodes[node].value;
            *ret_len = i + 1;
        }
    }
    return best;
}

/* Value of exactly that key, or -1. */
static inline int32_t trie_find(const struct trie *t, struct str key)
{
    return t->count ? t->nodes[trie_walk(t, TRIE_ROOT, key)].value : -1;
}

#endif
