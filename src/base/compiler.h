/* SPDX-License-Identifier: Apache-2.0
 *
 * The compiler extensions that this project uses, all of them: cleanup on leaving a scope,
 * format checking, must-check results. gcc and clang have them; nothing else is relied on. */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

#define VZ_CLEANUP(fn) __attribute__((cleanup(fn)))
#define VZ_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define VZ_MUST_CHECK __attribute__((warn_unused_result))

/* Ignores a must-check result on purpose; the reason stands in a comment beside the call. */
static inline void best_effort(int result)
{
    (void)result;
}

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
