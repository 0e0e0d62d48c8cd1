/* SPDX-License-Identifier: Apache-2.0
 *
 * A loop whose turns do not depend on each other, on several threads.
 *
 *     parallel_for(n_layers, threads, pack_layer, model);   // pack_layer(model, i) for each i */
#ifndef BASE_PARALLEL_H
#define BASE_PARALLEL_H

#include <stddef.h>

/* Calls turn(arg, i) for each i below n, on at most `threads` threads, the caller's one of them;
 * returns when all are done. Fewer threads than asked for are no failure. */
void parallel_for(size_t n, size_t threads, void (*turn)(void *arg, size_t i), void *arg);

#endif
