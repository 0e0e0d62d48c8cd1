/* SPDX-License-Identifier: Apache-2.0
 *
 * Signal handlers; the only state of the program outside of main's frame, as handlers take no
 * argument. */
#include "cli/signal.h"

#include <signal.h>
#include <unistd.h>

static atomic_bool cancelled;

static void on_signal(int number)
{
    (void)number;
    if (atomic_exchange(&cancelled, true))
        _exit(VZ_EXIT_INTERRUPTED); // the second one: now
}

const atomic_bool *signal_setup(void)
{
    // No SA_RESTART: a read of standard input must come back for the flag to be seen.
    struct sigaction stop = { .sa_handler = on_signal };
    sigemptyset(&stop.sa_mask);
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);
    return &cancelled;
}

_Noreturn void signal_die_of_pipe(void)
{
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
    _exit(128 + SIGPIPE); // not reached unless SIGPIPE is blocked
}
