/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory with a named lifetime: bump allocation out of one reserved mapping with a cap. Pages
 * cost nothing until they are touched. Passing an arena by value makes a scratch arena that
 * frees itself on return.
 *
 *     struct arena job = arena_open(LIMIT_JOB_ARENA);
 *     struct column *cols = arena_new(&job, struct column, n);
 *     arena_close(&job);
 *
 * Running out of an arena is a bug in a limit, so it ends the program (oom); sizes that come
 * from outside are held against base/limits.h first and fail with an error. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdalign.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/str.h"

struct arena {
    char *base, *next, *end;
};

struct arena arena_open(size_t cap);
void arena_close(struct arena *a);

/* Forgets everything; gives pages past `keep` bytes back to the system. */
void arena_reset(struct arena *a, size_t keep);

/* Zeroed and aligned; count * size is checked for overflow. Never NULL. */
void *arena_alloc(struct arena *a, size_t size, size_t align, size_t count);

#define arena_new(a, T, n) ((T *)arena_alloc((a), sizeof(T), alignof(T), (n)))

/* Copies, NUL-terminated, in the arena. */
char *arena_strdup(struct arena *a, struct str s);
char *arena_printf(struct arena *a, const char *fmt, ...) VZ_PRINTF(2, 3);

/* Ends the program with a plain message; for our own exhausted limits only. */
_Noreturn void oom(const char *what);

/* malloc/realloc that cannot fail and check for overflow; released with free_clear. */
void *xcalloc(size_t count, size_t size) VZ_MUST_CHECK;
void *xrealloc(void *p, size_t count, size_t size) VZ_MUST_CHECK;
char *xstrdup(const char *c) VZ_MUST_CHECK;
void xfree(void *p);

/* For VZ_CLEANUP on a `char *` and the like. */
void free_at(void *pointer_to_pointer);

/* 64-byte aligned block for tensors; not zeroed. Released with xfree. */
void *aligned_new(size_t count, size_t size) VZ_MUST_CHECK;
/* The same for what is read from end to end again and again: on huge pages where the system has
 * them. For one large block, not for many. */
void *huge_new(size_t count, size_t size) VZ_MUST_CHECK;

#endif
