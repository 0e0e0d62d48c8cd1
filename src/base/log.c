/* SPDX-License-Identifier: Apache-2.0
 *
 * One lock, one level, one line at a time on standard error. */
#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int max_level = LOG_INFO;
static void (*bar_hook)(bool, void *);
static void *bar_arg;

void log_set_level(enum log_level level)
{
    max_level = (int)level;
}

bool log_enabled(enum log_level level)
{
    return (int)level <= max_level;
}

void log_set_bar(void (*bar)(bool show, void *arg), void *arg)
{
    pthread_mutex_lock(&lock);
    bar_hook = bar;
    bar_arg = arg;
    pthread_mutex_unlock(&lock);
}

void log_write(enum log_level level, const char *who, const char *fmt, ...)
{
    static const char *const names[] = { "error", "warning", NULL, "debug", "trace" };
    if (!log_enabled(level))
        return;

    char line[2048];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);

    pthread_mutex_lock(&lock);
    if (bar_hook)
        bar_hook(false, bar_arg);
    if (level == LOG_DEBUG || level == LOG_TRACE)
        fprintf(stderr, "%s: %s: %s\n", names[level], who, line);
    else if (names[level])
        fprintf(stderr, "%s: %s\n", names[level], line);
    else
        fprintf(stderr, "%s\n", line);
    fflush(stderr);
    if (bar_hook)
        bar_hook(true, bar_arg);
    pthread_mutex_unlock(&lock);
}
