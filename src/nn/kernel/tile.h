/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tiles of simd.c and of panels.h share. The sums of a tile must be registers, so its row
 * count must be a constant: there is one function a count, each made from one definition, and a
 * table of them. The including file has defined ROWS, the largest count (5, 6, 12 or 14):
 *
 *     #define TILE_FUNCTION(n) static void tile_##n(const struct tile *t) { tile_rows(t, n); }
 *     EACH_ROW_COUNT(TILE_FUNCTION)
 *     #define TILE_ENTRY(n) [n] = tile_##n,
 *     static tile_function *const tile_functions[ROWS + 1] = { EACH_ROW_COUNT(TILE_ENTRY) }; */
#ifndef NN_KERNEL_TILE_H
#define NN_KERNEL_TILE_H

#include <stddef.h>

#if defined NN_PLAIN // for tests: nothing to gain, and compilers take minutes over it
#define INLINE static inline
#else
#define INLINE static inline __attribute__((always_inline))
#endif

#define ROW_COUNTS_TO_5(f) f(1) f(2) f(3) f(4) f(5)
#define ROW_COUNTS_TO_6(f) ROW_COUNTS_TO_5(f) f(6)
#define ROW_COUNTS_TO_12(f) ROW_COUNTS_TO_6(f) f(7) f(8) f(9) f(10) f(11) f(12)
#if ROWS == 5
#define EACH_ROW_COUNT(f) ROW_COUNTS_TO_5(f)
#elif ROWS == 6
#define EACH_ROW_COUNT(f) ROW_COUNTS_TO_6(f)
#elif ROWS == 12
#define EACH_ROW_COUNT(f) ROW_COUNTS_TO_12(f)
#elif ROWS == 14
#define EACH_ROW_COUNT(f) ROW_COUNTS_TO_12(f) f(13) f(14)
#else
#error "no list of row counts for this ROWS"
#endif

/* Bytes of a panel that are asked for ahead of their use: a core reads memory fast enough only when
 * it knows early what it will want. */
#define PANEL_AHEAD ((size_t)16 << 10)

/* For one step of a panel, `bytes` of it from `at` on. */
INLINE void ask_ahead(const void *at, const size_t bytes)
{
    const char *there = (const char *)at + PANEL_AHEAD;
    for (size_t i = 0; i < bytes; i += 64)
        __builtin_prefetch(there + i);
}

struct tile;
typedef void tile_function(const struct tile *);

static inline size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Rows of a tile when so many are to be done: as few tiles as ROWS allows, and equal ones, for a
 * tile of a row or two takes as long as one of five. */
static inline size_t tile_height(size_t rows)
{
    size_t tiles = (rows + ROWS - 1) / ROWS;
    return tiles ? (rows + tiles - 1) / tiles : 1;
}

#endif
