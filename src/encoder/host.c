/* SPDX-License-Identifier: Apache-2.0
 *
 * The host table that modules get. fail() writes to the error of the calling thread, so that one
 * table serves every thread that is inside a callback. */
#include "encoder/host.h"

#include <stdio.h>

#include "base/log.h"

static _Thread_local struct vz_error *current;

static void host_fail(const struct vz_host *vz, enum vz_kind kind, const char *fmt, ...)
    VZ_PRINTF(3, 4);
static void host_debug(const struct vz_host *vz, const char *fmt, ...) VZ_PRINTF(2, 3);

static void host_fail(const struct vz_host *vz, enum vz_kind kind, const char *fmt, ...)
{
    (void)vz;
    if (!current || current->kind != VZ_OK)
        return; // the first reason counts
    va_list args;
    va_start(args, fmt);
    vz_failv(current, kind == VZ_OK ? VZ_ENCODER_FAILED : kind, fmt, args);
    va_end(args);
}

static void host_debug(const struct vz_host *vz, const char *fmt, ...)
{
    const struct host *h = (const struct host *)vz;
    char line[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    log_write(LOG_DEBUG, h->who, "%s", line);
}

static bool host_cancelled(const struct vz_host *vz)
{
    const struct host *h = (const struct host *)vz;
    return h->cancel && atomic_load_explicit(h->cancel, memory_order_relaxed);
}

void host_init(struct host *h, const char *who, uint32_t threads, const atomic_bool *cancel)
{
    *h = (struct host){
        .vz = { .struct_size = sizeof(struct vz_host),
                .fail = host_fail,
                .debug = host_debug,
                .cancelled = host_cancelled,
                .threads = threads },
        .who = who,
        .cancel = cancel,
    };
}

void host_enter(struct vz_error *err)
{
    *err = (struct vz_error){ 0 };
    current = err;
}

bool host_failed(const struct host *h, struct vz_error *err)
{
    if (err->kind == VZ_OK)
        return vz_fail(err, VZ_ENCODER_FAILED, "encoder \"%s\" failed and did not say why", h->who);
    return false;
}
