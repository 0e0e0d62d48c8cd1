/* SPDX-License-Identifier: Apache-2.0
 *
 * Look-ups over the measured table and utf8proc (the only file that includes it). */
#include "nn/tokenizer/unicode.h"

#include <pthread.h>
#include <utf8proc.h>

#include "base/arena.h"

uint16_t unicode_index[UNICODE_CODES / UNICODE_BLOCK];
uint16_t (*unicode_blocks)[UNICODE_BLOCK];

#define RUN_CODE(run) ((run) >> 11)
#define RUN_CLASS(run) ((uint16_t)((run)&0x7FF))

/* The class of each code point of one block; `at` is the run that holds its first. */
static void fill_block(uint16_t *block, uint32_t first, size_t at)
{
    for (uint32_t i = 0; i < UNICODE_BLOCK; i++) {
        while (at + 1 < unicode_runs_count && RUN_CODE(unicode_runs[at + 1]) <= first + i)
            at++;
        block[i] = RUN_CLASS(unicode_runs[at]);
    }
}

static size_t run_of(uint32_t code, size_t at)
{
    while (at + 1 < unicode_runs_count && RUN_CODE(unicode_runs[at + 1]) <= code)
        at++;
    return at;
}

static void spread(void)
{
    // Most blocks lie within one run: the first of such a run's blocks serves for all of them.
    size_t blocks = 0, room = 0, at = 0, whole = SIZE_MAX;
    for (size_t i = 0; i < UNICODE_CODES / UNICODE_BLOCK; i++) {
        uint32_t first = (uint32_t)(i * UNICODE_BLOCK);
        at = run_of(first, at);
        bool within = run_of(first + UNICODE_BLOCK - 1, at) == at;
        if (!within || whole != at) {
            if (blocks == room) {
                room = room ? room * 2 : 256;
                unicode_blocks = xrealloc(unicode_blocks, room, sizeof *unicode_blocks);
            }
            fill_block(unicode_blocks[blocks++], first, at);
        }
        whole = within ? at : SIZE_MAX;
        unicode_index[i] = (uint16_t)(blocks - 1);
    }
}

void unicode_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, spread);
}

static bool lower_by(const struct unicode_lower_row *row, uint32_t code, uint32_t *ret)
{
    if (code < row->first || code > row->last || (code - row->first) % (uint32_t)row->step)
        return false;
    *ret = (uint32_t)((int32_t)code + row->distance);
    return true;
}

size_t unicode_lower(uint32_t code, uint32_t ret[UNICODE_LOWER_MAX])
{
    ret[0] = code;
    if (code == 0x130) { // the only one with two: i and a dot above
        ret[0] = 'i';
        ret[1] = 0x307;
        return 2;
    }
    if (!(unicode_class(code) & UNICODE_UPPER))
        return 1;
    // The rows are sorted by `first`, and at most the last two that begin before `code` hold it.
    size_t low = 0, high = unicode_lower_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (unicode_lower_rows[middle].first <= code)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t back = 1; back <= 2 && back <= low; back++)
        if (lower_by(&unicode_lower_rows[low - back], code, &ret[0]))
            break;
    return 1;
}

size_t unicode_decompose(uint32_t code, bool compatibility, uint32_t ret[UNICODE_DECOMPOSED_MAX])
{
    ret[0] = code;
    if (!(unicode_class(code) & UNICODE_DECOMPOSES))
        return 1;
    utf8proc_option_t how = UTF8PROC_DECOMPOSE | (compatibility ? UTF8PROC_COMPAT : 0);
    utf8proc_int32_t to[UNICODE_DECOMPOSED_MAX];
    int boundary = 0;
    utf8proc_ssize_t n =
        utf8proc_decompose_char((utf8proc_int32_t)code, to, UNICODE_DECOMPOSED_MAX, how, &boundary);
    if (n < 1 || n > UNICODE_DECOMPOSED_MAX) // 18 is the longest in Unicode
        return 1;
    for (utf8proc_ssize_t i = 0; i < n; i++)
        ret[i] = (uint32_t)to[i];
    return (size_t)n;
}

uint8_t unicode_combining(uint32_t code)
{
    if (!(unicode_class(code) & UNICODE_REORDERS))
        return 0;
    return (uint8_t)utf8proc_get_property((utf8proc_int32_t)code)->combining_class;
}

uint32_t unicode_compose(uint32_t first, uint32_t second)
{
    utf8proc_int32_t pair[2] = { (utf8proc_int32_t)first, (utf8proc_int32_t)second };
    utf8proc_option_t how = UTF8PROC_COMPOSE | UTF8PROC_STABLE;
    if (utf8proc_normalize_utf32(pair, 2, how) != 1)
        return 0;
    uint32_t both = (uint32_t)pair[0];
    return unicode_class(both) & UNICODE_DECOMPOSES ? both : 0;
}
