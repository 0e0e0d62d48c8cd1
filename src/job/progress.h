/* SPDX-License-Identifier: Apache-2.0
 *
 * What the user sees while a run goes on: a bar on a terminal, a plain line every ten seconds
 * elsewhere, or nothing. Log lines push the bar down instead of running into it.
 *
 *     struct progress *p = progress_start(PROGRESS_AUTO, "embedding", now);
 *     while (…) progress_tick(p, now, done, total);
 *     progress_end(p); */
#ifndef JOB_PROGRESS_H
#define JOB_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

enum progress_style { PROGRESS_AUTO, PROGRESS_BAR, PROGRESS_PLAIN, PROGRESS_NEVER };

struct progress;

/* `what` is borrowed until the end. */
struct progress *progress_start(enum progress_style style, const char *what, double now);
void progress_tick(struct progress *p, double now, uint64_t done, uint64_t total);
void progress_end(struct progress *p); /* takes the bar away; NULL is allowed */

/* The parts, for tests. Both write a NUL-terminated text without line end. */

/* A bar in exactly `width` columns at most: what does not fit is left out, least needed first. */
void progress_render_bar(const char *what, uint64_t done, uint64_t total, double rate, double eta,
                         size_t width, char *to, size_t size);
void progress_render_line(const char *what, uint64_t done, uint64_t total, double rate, double eta,
                          char *to, size_t size);

/* 1234567 as "1,234,567"; seconds as "0:07", "12:34", "3:04:05", "2 d 3 h". Return `to`. */
char *progress_count(uint64_t n, char *to, size_t size);
char *progress_time(double seconds, char *to, size_t size);

#endif
