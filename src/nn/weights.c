/* SPDX-License-Identifier: Apache-2.0
 *
 * One or many mapped safetensors files behind one look-up. */
#include "nn/weights.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "nn/safetensors.h"

struct shard {
    char *path;
    const char *name; /* the last part of path */
    struct file_map map;
    struct safetensors index;
};

struct weights {
    struct shard *shards;
    size_t count;
    json_t *weight_map; /* tensor → file name; NULL with a single file */
    json_t *map_root;   /* owns it */
};

static char *join(const char *folder, const char *name)
{
    struct buf b = buf_make(LIMIT_JSON_FILE);
    buf_printf(&b, "%s/%s", folder, name);
    return b.p;
}

static bool shard_open(struct weights *w, const char *folder, const char *name,
                       struct vz_error *err)
{
    w->shards = xrealloc(w->shards, w->count + 1, sizeof *w->shards);
    struct shard *s = &w->shards[w->count++];
    *s = (struct shard){ .path = join(folder, name) };
    s->name = s->path + strlen(folder) + 1;
    if (!file_map(s->path, &s->map, err))
        return false;
    if (!safetensors_parse(s->map.p, s->map.len, &s->index, err))
        return vz_context(err, "\"%s\"", s->path);
    return true;
}

static const struct shard *shard_named(const struct weights *w, const char *name)
{
    for (size_t i = 0; i < w->count; i++)
        if (strcmp(w->shards[i].name, name) == 0)
            return &w->shards[i];
    return NULL;
}

/* Opens each file of the index once; a file name is a name, not a path out of the folder. */
static bool open_shards(struct weights *w, const char *folder, struct vz_error *err)
{
    const char *tensor;
    json_t *file;
    if (!json_want_object(w->map_root, "weight_map", &w->weight_map, err))
        return false;
    if (json_object_size(w->weight_map) > LIMIT_TENSORS)
        return vz_fail(err, VZ_FORMAT, "\"weight_map\" has more than %zu entries", LIMIT_TENSORS);
    json_object_foreach(w->weight_map, tensor, file)
    {
        const char *name = json_string_value(file);
        if (!name || !*name || strchr(name, '/') || !str_ends(str_of(name), ".safetensors"))
            return vz_fail(err, VZ_FORMAT,
                           "\"weight_map\": \"%.100s\" is not in a file named *.safetensors",
                           tensor);
        const struct shard *s = shard_named(w, name);
        if (!s) {
            if (!shard_open(w, folder, name, err))
                return false;
            s = &w->shards[w->count - 1];
        }
        if (!safetensors_find(&s->index, tensor))
            return vz_fail(err, VZ_FORMAT, "\"weight_map\": \"%.100s\" is not in \"%.100s\"",
                           tensor, name);
    }
    return true;
}

static bool open_folder(struct weights *w, const char *folder, struct vz_error *err)
{
    VZ_CLEANUP(free_at) char *single = join(folder, "model.safetensors");
    VZ_CLEANUP(free_at) char *index = join(folder, "model.safetensors.index.json");
    VZ_CLEANUP(free_at) char *pickle = join(folder, "pytorch_model.bin");
    if (file_is_regular(single))
        return shard_open(w, folder, "model.safetensors", err);
    if (file_is_regular(index)) {
        if (!json_load_path(index, &w->map_root, err))
            return false;
        return open_shards(w, folder, err) || vz_context(err, "\"%s\"", index);
    }
    if (file_is_regular(pickle)) {
        vz_fail(err, VZ_FORMAT, "cannot read \"%s\": weights as a Python pickle are not supported",
                pickle);
        return vz_hint(err, "Save the model again with safetensors; its hub page often has a "
                            "model.safetensors already.");
    }
    return vz_fail(err, VZ_FORMAT, "\"%s\" is not there, nor model.safetensors.index.json", single);
}

bool weights_open(const char *folder, struct weights **ret, struct vz_error *err)
{
    struct weights *w = xcalloc(1, sizeof *w);
    if (!open_folder(w, folder, err)) {
        weights_close(w);
        return false;
    }
    *ret = w;
    return true;
}

void weights_close(struct weights *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < w->count; i++) {
        safetensors_free(&w->shards[i].index);
        file_unmap(&w->shards[i].map);
        xfree(w->shards[i].path);
    }
    xfree(w->shards);
    json_decref(w->map_root);
    xfree(w);
}

static const struct shard *shard_of(const struct weights *w, const char *tensor)
{
    if (!w->weight_map)
        return &w->shards[0];
    const char *name = json_string_value(json_object_get(w->weight_map, tensor));
    return name ? shard_named(w, name) : NULL;
}

const struct tensor *weights_find(const struct weights *w, const char *name)
{
    const struct shard *s = shard_of(w, name);
    return s ? safetensors_find(&s->index, name) : NULL;
}

static const char *shape_text(char *to, size_t room, const uint64_t *dims, size_t n)
{
    size_t at = 0;
    to[0] = '\0';
    for (size_t i = 0; i < n && at < room; i++)
        at += (size_t)snprintf(to + at, room - at, "%s%" PRIu64, i ? " x " : "", dims[i]);
    return n ? to : "a scalar";
}

bool weights_want(const struct weights *w, const char *name, const size_t *dims, size_t n_dims,
                  const struct tensor **ret, struct vz_error *err)
{
    const struct tensor *t = weights_find(w, name);
    if (!t)
        return vz_fail(err, VZ_FORMAT, "\"%s\": tensor \"%s\" is missing", w->shards[0].path, name);
    const char *path = shard_of(w, name)->path;
    if (t->type == TENSOR_OTHER)
        return vz_fail(err, VZ_FORMAT, "\"%s\": tensor \"%s\" is not of type F32, F16 or BF16",
                       path, name);

    uint64_t wanted[TENSOR_MAX_DIMS];
    bool same = t->n_dims == n_dims;
    for (size_t i = 0; i < n_dims; i++) {
        wanted[i] = dims[i];
        same = same && t->dims[i] == wanted[i];
    }
    char a[120], b[120];
    if (!same)
        return vz_fail(err, VZ_FORMAT, "\"%s\": tensor \"%s\" is %s, its config says %s", path,
                       name, shape_text(a, sizeof a, t->dims, t->n_dims),
                       shape_text(b, sizeof b, wanted, n_dims));
    *ret = t;
    return true;
}

void weights_forget(const struct weights *w)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->shards[i].map.p)
            madvise((void *)w->shards[i].map.p, w->shards[i].map.len, MADV_DONTNEED);
}

size_t weights_file_count(const struct weights *w)
{
    return w->count;
}

const char *weights_file(const struct weights *w, size_t i)
{
    return w->shards[i].path;
}
