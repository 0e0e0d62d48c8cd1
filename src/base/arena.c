/* SPDX-License-Identifier: Apache-2.0
 *
 * Arenas over reserved mappings, and the only callers of malloc and free in the program. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

void oom(const char *what)
{
    fprintf(stderr, "vectorize: out of memory: %s\n", what);
    abort();
}

struct arena arena_open(size_t cap)
{
    void *p =
        mmap(NULL, cap, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        oom("could not reserve an arena");
    return (struct arena){ p, p, (char *)p + cap };
}

void arena_close(struct arena *a)
{
    if (a->base)
        munmap(a->base, (size_t)(a->end - a->base));
    *a = (struct arena){ 0 };
}

void arena_reset(struct arena *a, size_t keep)
{
    size_t used = (size_t)(a->next - a->base);
    size_t page = 4096;
    keep = (keep + page - 1) / page * page;
    if (used > keep)
        madvise(a->base + keep, (used - keep + page - 1) / page * page, MADV_DONTNEED);
    a->next = a->base;
}

void *arena_alloc(struct arena *a, size_t size, size_t align, size_t count)
{
    size_t pad = -(uintptr_t)a->next & (align - 1);
    size_t room = (size_t)(a->end - a->next);
    if (pad > room || (size && count > (room - pad) / size))
        oom("arena exhausted");
    char *p = a->next + pad;
    a->next = p + size * count;
    // Cleared here and not by arena_reset: a copy of the arena may have written past `next`.
    return memset(p, 0, size * count);
}

char *arena_strdup(struct arena *a, struct str s)
{
    char *p = arena_new(a, char, s.len + 1);
    if (s.len)
        memcpy(p, s.p, s.len);
    return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n < 0)
        oom("bad format");
    char *p = arena_new(a, char, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p;
}

void *xcalloc(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size ? size : 1);
    if (!p)
        oom("calloc");
    return p;
}

void *xrealloc(void *p, size_t count, size_t size)
{
    void *q = reallocarray(p, count ? count : 1, size ? size : 1);
    if (!q)
        oom("realloc");
    return q;
}

char *xstrdup(const char *c)
{
    char *p = strdup(c);
    if (!p)
        oom("strdup");
    return p;
}

void xfree(void *p)
{
    free(p);
}

void free_at(void *pointer_to_pointer)
{
    free(*(void **)pointer_to_pointer);
}

static void *new_at(size_t align, size_t count, size_t size, size_t *ret_bytes)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - align)
        oom("aligned_new");
    bytes = (bytes + align - 1) / align * align + (bytes == 0 ? align : 0);
    void *p = aligned_alloc(align, bytes);
    if (!p)
        oom("aligned_new");
    *ret_bytes = bytes;
    return p;
}

void *aligned_new(size_t count, size_t size)
{
    size_t bytes;
    return new_at(64, count, size, &bytes);
}

void *huge_new(size_t count, size_t size)
{
    size_t bytes;
    void *p = new_at((size_t)2 << 20, count, size, &bytes);
    madvise(p, bytes, MADV_HUGEPAGE); // small pages do as well
    return p;
}
