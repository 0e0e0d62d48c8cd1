/* SPDX-License-Identifier: Apache-2.0
 *
 * What is at the other end of a stream. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Call first: takes the places of standard streams that came closed, so that no file or socket is
 * opened there and written to by mistake. Using such a stream still fails. */
void terminal_guard(void);

bool terminal_is(FILE *f);

/* Columns of the terminal behind `f`; COLUMNS is stronger. 0 when it is no terminal. */
size_t terminal_width(FILE *f);

/* Columns that `len` bytes of UTF-8 take on a terminal. */
size_t terminal_columns(const char *text, size_t len);

/* True when somebody read standard output through a pipe and went away. */
bool terminal_reader_gone(FILE *f);

#endif
