/* SPDX-License-Identifier: Apache-2.0
 *
 * What tests over whole models share: the golden texts, opening and encoding with asserts, and
 * the promise that a vector does not depend on its batch. */
#ifndef TESTS_LIB_GOLDEN_H
#define TESTS_LIB_GOLDEN_H

#include "tests/lib/test.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "nn/model.h"

static inline char *path_of(const char *fmt, ...) VZ_PRINTF(1, 2);

/* A path below tests/; owned. */
static inline char *path_of(const char *fmt, ...)
{
    const char *data = getenv("VECTORIZE_TEST_DATA");
    char rest[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(rest, sizeof rest, fmt, args);
    va_end(args);
    struct buf b = buf_make(4096);
    buf_printf(&b, "%s/golden/%s", data ? data : "tests", rest);
    return b.p;
}

static inline struct nn_model *open_model_in(enum nn_precision precision, const char *folder,
                                             const char *prompt_name)
{
    struct vz_error err = { 0 };
    struct nn_model *m = NULL;
    const struct nn_settings s = { .threads = 2,
                                   .precision = precision,
                                   .prompt_name = prompt_name };
    assert_ok(nn_model_open(folder, &s, &m, &err), &err);
    return m;
}

static inline struct nn_model *open_model(const char *folder, const char *prompt_name)
{
    return open_model_in(NN_FP32, folder, prompt_name);
}

static inline double cosine_of_rows(const float *a, const float *b, size_t n)
{
    double ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < n; i++) {
        ab += (double)a[i] * (double)b[i];
        aa += (double)a[i] * (double)a[i];
        bb += (double)b[i] * (double)b[i];
    }
    return ab / sqrt(aa * bb);
}

static inline size_t dim_of(const struct nn_model *m)
{
    struct vz_encoder_info info;
    nn_model_info(m, &info);
    return info.dim;
}

/* The texts of a JSON array; borrowed from it. */
static inline struct vz_text *texts_of(const json_t *array, size_t *ret_count)
{
    size_t n = json_array_size(array);
    struct vz_text *texts = xcalloc(n, sizeof *texts);
    for (size_t i = 0; i < n; i++) {
        const json_t *v = json_array_get(array, i);
        texts[i] = (struct vz_text){ "", json_string_value(v), json_string_length(v) };
    }
    *ret_count = n;
    return texts;
}

static inline json_t *load(char *path)
{
    struct vz_error err = { 0 };
    json_t *root = NULL;
    assert_ok(json_load_path(path, &root, &err), &err);
    xfree(path);
    return root;
}

static inline float *encode(struct nn_model *m, const struct vz_text *texts, size_t n,
                            enum vz_role role)
{
    struct vz_error err = { 0 };
    float *rows = aligned_new(n * dim_of(m), sizeof *rows);
    assert_ok(nn_model_encode(m, texts, n, role, rows, NULL, &err), &err);
    return rows;
}

struct caller {
    pthread_t thread;
    struct nn_model *model;
    const struct vz_text *texts;
    const float *expected;
    size_t count, from, step;
    bool ok;
};

/* Encodes a share of the texts in calls of changing size and holds each row to the bit. */
static inline void *call_in_pieces(void *arg)
{
    struct caller *c = arg;
    size_t dim = dim_of(c->model), at = c->from;
    struct vz_error err;
    float *rows = aligned_new(c->step * dim, sizeof *rows);
    c->ok = true;
    for (size_t size = 1; at < c->count; at += size, size = size % c->step + 1) {
        size_t n = c->count - at < size ? c->count - at : size;
        c->ok = c->ok &&
                nn_model_encode(c->model, c->texts + at, n, VZ_DOCUMENT, rows, NULL, &err) &&
                memcmp(rows, c->expected + at * dim, n * dim * sizeof *rows) == 0;
    }
    xfree(rows);
    return NULL;
}

static inline void assert_same_in_any_batch(struct nn_model *m, struct vz_text *texts, size_t n)
{
    size_t dim = dim_of(m);
    float *once = encode(m, texts, n, VZ_DOCUMENT);
    struct caller callers[4];
    for (size_t i = 0; i < ARRAY_LEN(callers); i++) {
        callers[i] = (struct caller){ .model = m,
                                      .texts = texts,
                                      .expected = once,
                                      .count = n,
                                      .from = i * 3,
                                      .step = 1 + 29 * i };
        assert_int_equal(pthread_create(&callers[i].thread, NULL, call_in_pieces, &callers[i]), 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(callers); i++) {
        pthread_join(callers[i].thread, NULL);
        assert_true(callers[i].ok);
    }
    struct vz_text *turned = xcalloc(n, sizeof *turned);
    for (size_t i = 0; i < n; i++)
        turned[i] = texts[(i * 7919 + 13) % n]; // another order, since 7919 is prime to n
    float *again = encode(m, turned, n, VZ_DOCUMENT);
    for (size_t i = 0; i < n; i++)
        assert_memory_equal(again + i * dim, once + (i * 7919 + 13) % n * dim, dim * sizeof *once);
    xfree(once), xfree(turned), xfree(again);
}

static inline json_t *golden_texts(size_t most)
{
    VZ_CLEANUP(buf_free) struct buf b = buf_make(LIMIT_JSON_FILE);
    struct vz_error err = { 0 };
    char *path = path_of("texts.jsonl");
    assert_ok(file_read(path, &b, &err), &err);
    xfree(path);
    json_t *list = json_array();
    struct str_cut cut = { .tail = buf_str(&b) };
    while (cut.tail.len && json_array_size(list) < most) {
        json_t *one = NULL;
        cut = str_cut(cut.tail, '\n');
        assert_ok(json_load_str(cut.head, &one, &err), &err);
        json_array_append_new(list, one);
    }
    return list;
}

#endif
