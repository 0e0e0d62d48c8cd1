/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking the system about a stream. */
#include "cli/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "base/utf8.h"
#include "cli/env.h"

#define MAX_COLUMNS 10000

void terminal_guard(void)
{
    // open takes the lowest free number; the wrong direction makes every use an error.
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) < 0)
            return;
}

bool terminal_is(FILE *f)
{
    return isatty(fileno(f));
}

size_t terminal_width(FILE *f)
{
    if (!terminal_is(f))
        return 0;
    const char *columns = env_get("COLUMNS");
    long n = columns ? strtol(columns, NULL, 10) : 0;
    if (n > 0 && n < MAX_COLUMNS)
        return (size_t)n;
    struct winsize size;
    if (ioctl(fileno(f), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

size_t terminal_columns(const char *text, size_t len)
{
    size_t columns = 0;
    for (const char *at = text, *end = text + len; at < end;) {
        int w = wcwidth((wchar_t)utf8_next(&at));
        columns += w > 0 ? (size_t)w : 0;
    }
    return columns;
}

bool terminal_reader_gone(FILE *f)
{
    struct pollfd p = { .fd = fileno(f), .events = 0 };
    return poll(&p, 1, 0) == 1 && (p.revents & POLLERR);
}
