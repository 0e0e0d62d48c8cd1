/* SPDX-License-Identifier: Apache-2.0
 *
 * Every limit on what comes from outside, in one place. Past a limit there is an error that
 * names it; nothing is dropped without a word. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#include <stddef.h>

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)
#define GIB ((size_t)1 << 30)

#define LIMIT_JSON_FILE (64 * MIB) /* config.json, tokenizer.json, an index file */
#define LIMIT_SAFETENSORS_HEADER (64 * MIB)
#define LIMIT_TENSORS ((size_t)1 << 16) /* in one model */
#define LIMIT_DIM 16000                 /* components of a vector: the servers' own limit */
#define LIMIT_TEXT (256 * MIB)          /* one text, from a row or from standard input */
#define LIMIT_JOB_ARENA (256 * MIB)     /* reserved, not used: names, SQL, the plan */
#define LIMIT_REPLY (64 * MIB)          /* an answer about the catalogue, or about a batch */
#define LIMIT_SQL_TEXT (1 * MIB)        /* one statement without its parameters */

#endif
