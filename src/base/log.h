/* SPDX-License-Identifier: Apache-2.0
 *
 * Diagnostics on standard error. Only cmd/ and job/ log above debug; libraries return errors.
 * No line carries a password, a key or row text. Safe to call from any thread. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#include "base/compiler.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG, LOG_TRACE };

void log_set_level(enum log_level level); /* default LOG_INFO */
bool log_enabled(enum log_level level);

/* `who` names the owner: "job", "db", "encoder/transformer". */
void log_write(enum log_level level, const char *who, const char *fmt, ...) VZ_PRINTF(3, 4);

/* Called around each line while a progress bar is on the terminal: (false) takes the bar away,
 * (true) draws it again. NULL when there is none. Called with the log's lock held. */
void log_set_bar(void (*bar)(bool show, void *arg), void *arg);

#endif
