/* SPDX-License-Identifier: Apache-2.0
 *
 * Building: sort, then breadth first, so that the children of a node are laid down together. */
#include "nn/tokenizer/trie.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* The first bytes of a key as a number that is ordered as they are: most comparisons end there,
 * without going to the keys. */
static uint64_t head_of(struct str key)
{
    unsigned char bytes[8] = { 0 };
    memcpy(bytes, key.p, key.len < sizeof bytes ? key.len : sizeof bytes);
    uint64_t head;
    memcpy(&head, bytes, sizeof head);
    return be64toh(head);
}

static int by_key(const void *a, const void *b)
{
    const struct trie_entry *ea = a, *eb = b;
    if (ea->head != eb->head)
        return ea->head < eb->head ? -1 : 1;
    struct str x = ea->key, y = eb->key;
    int order = memcmp(x.p, y.p, x.len < y.len ? x.len : y.len);
    return order ? order : (x.len > y.len) - (x.len < y.len);
}

/* A node whose children are still to be laid down: entries[first, end) share its path. */
struct pending {
    uint32_t node;
    uint32_t first, end;
};

struct build {
    struct trie *trie;
    const struct trie_entry *entries;
    struct pending *queue;
    size_t head, tail, room;
    size_t nodes_room;
};

static uint32_t add_node(struct build *b, uint8_t byte)
{
    struct trie *t = b->trie;
    if (t->count == b->nodes_room) {
        b->nodes_room *= 2;
        t->nodes = xrealloc(t->nodes, b->nodes_room, sizeof *t->nodes);
    }
    t->nodes[t->count] = (struct trie_node){ .value = -1, .byte = byte };
    return (uint32_t)t->count++;
}

static void enqueue(struct build *b, struct pending p)
{
    if (b->tail == b->room) {
        // What was taken from the front is given back first: the queue is as long as one level.
        memmove(b->queue, b->queue + b->head, (b->tail - b->head) * sizeof *b->queue);
        b->tail -= b->head;
        b->head = 0;
        if (b->tail > b->room / 2) {
            b->room *= 2;
            b->queue = xrealloc(b->queue, b->room, sizeof *b->queue);
        }
    }
    b->queue[b->tail++] = p;
}

static void lay_children(struct build *b, struct pending p, size_t depth)
{
    const struct trie_entry *e = b->entries;
    uint32_t at = p.first;
    if (e[at].key.len == depth) // the shortest sorts first
        b->trie->nodes[p.node].value = e[at++].value;
    b->trie->nodes[p.node].children = (uint32_t)b->trie->count;
    while (at < p.end) {
        uint8_t byte = (uint8_t)e[at].key.p[depth];
        uint32_t from = at;
        while (at < p.end && (uint8_t)e[at].key.p[depth] == byte)
            at++;
        uint32_t child = add_node(b, byte);
        b->trie->nodes[p.node].count++;
        enqueue(b, (struct pending){ child, from, at });
    }
    if (b->trie->nodes[p.node].count == 0)
        b->trie->nodes[p.node].children = TRIE_NONE;
}

static void lay_levels(struct build *b, size_t count)
{
    b->trie->nodes = xcalloc(b->nodes_room, sizeof *b->trie->nodes);
    b->queue = xcalloc(b->room, sizeof *b->queue);
    add_node(b, 0); // TRIE_NONE
    enqueue(b, (struct pending){ add_node(b, 0), 0, (uint32_t)count });
    for (size_t depth = 0; b->head < b->tail; depth++) {
        // Laying down the last of this level leaves exactly the next one in the queue.
        for (size_t left = b->tail - b->head; left > 0; left--)
            lay_children(b, b->queue[b->head++], depth);
    }
    xfree(b->queue);
}

bool trie_build(struct trie *ret, struct trie_entry *entries, size_t count, struct str *ret_twice)
{
    *ret = (struct trie){ 0 };
    *ret_twice = (struct str){ 0 };
    if (count == 0)
        return true;
    for (size_t i = 0; i < count; i++)
        entries[i].head = head_of(entries[i].key);
    qsort(entries, count, sizeof *entries, by_key);
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        bytes += entries[i].key.len;
        if (i > 0 && str_equal(entries[i - 1].key, entries[i].key)) {
            *ret_twice = entries[i].key;
            return false;
        }
    }
    if (count > INT32_MAX || bytes > INT32_MAX)
        return false;
    struct build b = { .trie = ret, .entries = entries, .nodes_room = 1024, .room = 1024 };
    lay_levels(&b, count);
    return true;
}

void trie_done(struct trie *t)
{
    xfree(t->nodes);
    *t = (struct trie){ 0 };
}

uint32_t trie_walk(const struct trie *t, uint32_t node, struct str key)
{
    for (size_t i = 0; i < key.len && node != TRIE_NONE; i++)
        node = trie_step(t, node, (uint8_t)key.p[i]);
    return node;
}
