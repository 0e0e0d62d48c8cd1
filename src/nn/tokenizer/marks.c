/* SPDX-License-Identifier: Apache-2.0
 *
 * Insertion for the usual two or three marks; counting by class for the thousands of a hostile
 * text. */
#include "nn/tokenizer/marks.h"

#define INSERTION_MAX 32

void marks_add(struct tokenizer_scratch *s, uint32_t code, uint8_t combining)
{
    if (s->marks_count == s->marks_room) {
        s->marks_room = s->marks_room ? s->marks_room * 2 : INSERTION_MAX;
        s->marks = xrealloc(s->marks, s->marks_room, sizeof *s->marks);
        s->sorted = xrealloc(s->sorted, s->marks_room, sizeof *s->sorted);
    }
    s->marks[s->marks_count++] = (struct mark){ code, combining };
}

static void insertion_sort(struct mark *m, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct mark x = m[i];
        size_t at = i;
        for (; at > 0 && m[at - 1].combining > x.combining; at--)
            m[at] = m[at - 1];
        m[at] = x;
    }
}

static void counting_sort(struct tokenizer_scratch *s)
{
    size_t start[257] = { 0 };
    for (size_t i = 0; i < s->marks_count; i++)
        start[s->marks[i].combining + 1]++;
    for (size_t c = 1; c < 257; c++)
        start[c] += start[c - 1];
    for (size_t i = 0; i < s->marks_count; i++)
        s->sorted[start[s->marks[i].combining]++] = s->marks[i];
    struct mark *other = s->marks;
    s->marks = s->sorted;
    s->sorted = other;
}

void marks_sort(struct tokenizer_scratch *s)
{
    if (s->marks_count <= INSERTION_MAX)
        insertion_sort(s->marks, s->marks_count);
    else
        counting_sort(s);
}
