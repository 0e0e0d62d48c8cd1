/* SPDX-License-Identifier: Apache-2.0
 *
 * SIGINT and SIGTERM: the first sets a flag that everything long looks at, the second ends the
 * program at once with the exit code of an interruption. SIGPIPE is ignored, so that a closed
 * pipe is an error value like any other. */
#ifndef CLI_SIGNAL_H
#define CLI_SIGNAL_H

#include <stdatomic.h>

#include "base/error.h"

/* Call once, before any thread. The flag lives as long as the process. */
const atomic_bool *signal_setup(void);

/* Dies of SIGPIPE, as a filter whose reader went away is expected to. */
_Noreturn void signal_die_of_pipe(void);

#endif
