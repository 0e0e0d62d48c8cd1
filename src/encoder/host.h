/* SPDX-License-Identifier: Apache-2.0
 *
 * What a module sees of us (struct vz_host), and the error that its running callback fills. */
#ifndef ENCODER_HOST_H
#define ENCODER_HOST_H

#include <stdatomic.h>

#include <vectorize/encoder.h>

#include "base/error.h"

struct host {
    struct vz_host vz; /* first: a module's pointer to it is a pointer to us */
    const char *who;   /* module's name, for debug lines */
    const atomic_bool *cancel;
};

void host_init(struct host *h, const char *who, uint32_t threads, const atomic_bool *cancel);

/* Around each callback, on its thread: what the module says with fail() goes to *err. */
void host_enter(struct vz_error *err);

/* After a callback returned failure: completes *err when the module said nothing, names the
 * module in front, and returns false. */
bool host_failed(const struct host *h, struct vz_error *err);

#endif
