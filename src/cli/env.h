/* SPDX-License-Identifier: Apache-2.0
 *
 * The environment, read in one place. */
#ifndef CLI_ENV_H
#define CLI_ENV_H

#include <stdlib.h>

/* The value of the variable, or NULL. Borrowed; the program never changes its environment. */
static inline const char *env_get(const char *name)
{
    return getenv(name);
}

#endif
