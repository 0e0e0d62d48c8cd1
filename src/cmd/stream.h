/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts through several threads, results in the order of the texts, memory bounded: what encode,
 * tokenize and bench have in common.
 *
 *     texts ──read──▶ [batch] [batch] [batch] … ──work, on each thread──▶ ──emit, in order──▶
 *                      a ring of slots
 *
 * The calling thread reads and emits; the workers only work. When input comes slowly, what there
 * is goes through at once: a text typed on a terminal is answered before the next one. */
#ifndef CMD_STREAM_H
#define CMD_STREAM_H

#include "cmd/texts.h"

/* What work made of one batch. */
struct stream_result {
    struct buf out;     /* bytes to write */
    size_t texts;       /* how many of the batch's texts `out` holds, from the first */
    uint64_t tokens;    /* encoded */
    uint64_t truncated; /* texts that lost tokens to the model's limit */
    double flop;        /* 0: not known */
};

struct stream_job {
    size_t threads;
    void *arg;
    /* On worker `worker` (below `threads`). On failure ret holds what the texts before the
     * failing one gave; that is emitted before the error travels up. */
    bool (*work)(void *arg, size_t worker, const struct texts_batch *in, struct stream_result *ret,
                 struct vz_error *err);
    /* On the calling thread. */
    bool (*emit)(void *arg, const struct stream_result *result, struct vz_error *err);
    /* All that came in has gone out, and more may take a while: flush. */
    bool (*idle)(void *arg, struct vz_error *err);
    /* True to stop before the end of the input; NULL: never. */
    bool (*enough)(void *arg);
};

/* Runs to the end of the input, to the first failure, or until job->enough. */
bool stream_run(struct texts *in, const struct stream_job *job, struct vz_error *err) VZ_MUST_CHECK;

#endif
