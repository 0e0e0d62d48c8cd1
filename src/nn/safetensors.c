/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the index of a safetensors file; see the header for what is checked. */
#include "nn/safetensors.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"

#define NAME_MAX_LEN 512

static const struct {
    const char *name;
    enum tensor_type type;
    size_t size; /* bytes of one element */
} dtypes[] = {
    { "F32", TENSOR_F32, 4 },    { "F16", TENSOR_F16, 2 },       { "BF16", TENSOR_BF16, 2 },
    { "F64", TENSOR_OTHER, 8 },  { "I64", TENSOR_OTHER, 8 },     { "U64", TENSOR_OTHER, 8 },
    { "I32", TENSOR_OTHER, 4 },  { "U32", TENSOR_OTHER, 4 },     { "I16", TENSOR_OTHER, 2 },
    { "U16", TENSOR_OTHER, 2 },  { "I8", TENSOR_OTHER, 1 },      { "U8", TENSOR_OTHER, 1 },
    { "BOOL", TENSOR_OTHER, 1 }, { "F8_E4M3", TENSOR_OTHER, 1 }, { "F8_E5M2", TENSOR_OTHER, 1 },
};

/* The header's text: the bytes after the length word. */
static bool header_text(const unsigned char *p, size_t len, struct str *ret, struct vz_error *err)
{
    if (len < 8)
        return vz_fail(err, VZ_FORMAT, "too short for a safetensors file (%zu bytes)", len);
    uint64_t n = 0;
    for (size_t i = 0; i < 8; i++)
        n |= (uint64_t)p[i] << (8 * i);
    if (n > LIMIT_SAFETENSORS_HEADER)
        return vz_fail(err, VZ_FORMAT,
                       "the header claims %" PRIu64 " bytes, more than the limit of %zu", n,
                       LIMIT_SAFETENSORS_HEADER);
    if (n > len - 8)
        return vz_fail(err, VZ_FORMAT,
                       "the header claims %" PRIu64 " bytes, but the file ends after %zu", n,
                       len - 8);
    *ret = (struct str){ (const char *)p + 8, (size_t)n };
    return true;
}

static bool read_dtype(const json_t *entry, struct tensor *t, size_t *ret_size,
                       struct vz_error *err)
{
    const char *name = NULL;
    if (!json_want_string(entry, "dtype", &name, err))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(dtypes); i++) {
        if (strcmp(name, dtypes[i].name) == 0) {
            t->type = dtypes[i].type;
            *ret_size = dtypes[i].size;
            return true;
        }
    }
    return vz_fail(err, VZ_FORMAT, "unknown dtype \"%.32s\"", name);
}

/* The shape, and the bytes that it takes. */
static bool read_shape(const json_t *entry, struct tensor *t, size_t element, size_t *ret_size,
                       struct vz_error *err)
{
    json_t *shape = NULL;
    if (!json_want_array(entry, "shape", &shape, err))
        return false;
    t->n_dims = json_array_size(shape);
    if (t->n_dims > TENSOR_MAX_DIMS)
        return vz_fail(err, VZ_FORMAT, "%zu dimensions, more than %d", t->n_dims, TENSOR_MAX_DIMS);

    size_t size = element;
    for (size_t i = 0; i < t->n_dims; i++) {
        const json_t *v = json_array_get(shape, i);
        if (!json_is_integer(v) || json_integer_value(v) < 0)
            return vz_fail(err, VZ_FORMAT, "\"shape\" holds something else than sizes");
        t->dims[i] = (uint64_t)json_integer_value(v);
        if (__builtin_mul_overflow(size, t->dims[i], &size))
            return vz_fail(err, VZ_FORMAT, "\"shape\" is too large");
    }
    *ret_size = size;
    return true;
}

static bool read_offsets(const json_t *entry, size_t data_len, size_t *ret_begin, size_t *ret_end,
                         struct vz_error *err)
{
    json_t *offsets = NULL;
    if (!json_want_array(entry, "data_offsets", &offsets, err))
        return false;
    const json_t *b = json_array_get(offsets, 0), *e = json_array_get(offsets, 1);
    if (json_array_size(offsets) != 2 || !json_is_integer(b) || !json_is_integer(e))
        return vz_fail(err, VZ_FORMAT, "\"data_offsets\" is not a pair of integers");
    json_int_t begin = json_integer_value(b), end = json_integer_value(e);
    if (begin < 0 || end < begin)
        return vz_fail(err, VZ_FORMAT, "\"data_offsets\" are out of order");
    if ((uint64_t)end > data_len)
        return vz_fail(err, VZ_FORMAT,
                       "\"data_offsets\" end at %lld, but the file has %zu bytes of data "
                       "(truncated?)",
                       (long long)end, data_len);
    *ret_begin = (size_t)begin;
    *ret_end = (size_t)end;
    return true;
}

static bool read_tensor(const char *name, const json_t *entry, const unsigned char *data,
                        size_t data_len, struct tensor *ret, struct vz_error *err)
{
    size_t element = 0, wanted = 0, begin = 0, end = 0;
    *ret = (struct tensor){ .name = name };
    if (strlen(name) > NAME_MAX_LEN)
        return vz_fail(err, VZ_FORMAT, "a tensor's name is longer than %d bytes", NAME_MAX_LEN);
    if (!json_is_object(entry))
        return vz_fail(err, VZ_FORMAT, "tensor \"%.100s\" is not an object", name);
    if (!read_dtype(entry, ret, &element, err) || !read_shape(entry, ret, element, &wanted, err) ||
        !read_offsets(entry, data_len, &begin, &end, err))
        return vz_context(err, "tensor \"%.100s\"", name);
    if (end - begin != wanted)
        return vz_fail(err, VZ_FORMAT,
                       "tensor \"%.100s\": its shape takes %zu bytes, its \"data_offsets\" %zu",
                       name, wanted, end - begin);
    ret->data = data + begin;
    ret->size = wanted;
    return true;
}

static int by_place(const void *pa, const void *pb)
{
    const struct tensor *a = pa, *b = pb;
    if (a->data != b->data)
        return a->data < b->data ? -1 : 1;
    return (a->size > b->size) - (a->size < b->size); // empty ones first
}

/* The tensors cover the data from its first byte to its last, once. */
static bool check_cover(const struct safetensors *st, const unsigned char *data, size_t data_len,
                        struct vz_error *err)
{
    const unsigned char *at = data;
    for (size_t i = 0; i < st->count; i++) {
        const struct tensor *t = &st->tensors[i];
        if (t->data != at)
            return vz_fail(err, VZ_FORMAT, "tensor \"%.100s\" %s", t->name,
                           t->data < at ? "overlaps another one" : "leaves a gap before it");
        at += t->size;
    }
    if (at != data + data_len)
        return vz_fail(err, VZ_FORMAT, "%zu bytes of data belong to no tensor",
                       (size_t)(data + data_len - at));
    return true;
}

static bool read_all(struct safetensors *st, const unsigned char *data, size_t data_len,
                     struct vz_error *err)
{
    if (!json_is_object(st->header))
        return vz_fail(err, VZ_FORMAT, "the header is not a JSON object");
    size_t n = json_object_size(st->header);
    if (n > LIMIT_TENSORS)
        return vz_fail(err, VZ_FORMAT, "%zu tensors, more than the limit of %zu", n, LIMIT_TENSORS);
    st->tensors = xcalloc(n, sizeof *st->tensors);

    const char *name;
    json_t *entry;
    json_object_foreach(st->header, name, entry)
    {
        if (strcmp(name, "__metadata__") == 0)
            continue;
        if (!read_tensor(name, entry, data, data_len, &st->tensors[st->count], err))
            return false;
        st->count++;
    }
    qsort(st->tensors, st->count, sizeof *st->tensors, by_place);
    return check_cover(st, data, data_len, err);
}

bool safetensors_parse(const unsigned char *p, size_t len, struct safetensors *ret,
                       struct vz_error *err)
{
    struct str text;
    struct safetensors st = { 0 };
    if (!header_text(p, len, &text, err))
        return false;
    if (!json_load_str(text, &st.header, err))
        return vz_context(err, "header");
    const unsigned char *data = p + 8 + text.len;
    if (!read_all(&st, data, len - 8 - text.len, err)) {
        safetensors_free(&st);
        return false;
    }
    *ret = st;
    return true;
}

void safetensors_free(struct safetensors *st)
{
    xfree(st->tensors);
    json_decref(st->header);
    *st = (struct safetensors){ 0 };
}

const struct tensor *safetensors_find(const struct safetensors *st, const char *name)
{
    for (size_t i = 0; i < st->count; i++)
        if (strcmp(st->tensors[i].name, name) == 0)
            return &st->tensors[i];
    return NULL;
}
