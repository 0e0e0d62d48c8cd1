/* SPDX-License-Identifier: Apache-2.0
 *
 * The fingerprint of a model folder and its cache. */
#include "nn/fingerprint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"

/* The files, in a fixed order; a role names each, so that the folder's place does not matter. */
struct files {
    struct file {
        char *path;
        char role[40];
    } * list;
    size_t count;
};

static void files_free(struct files *f)
{
    for (size_t i = 0; i < f->count; i++)
        xfree(f->list[i].path);
    xfree(f->list);
}

/* A file that is not there is no part of the model. */
static void add_file(struct files *f, const char *role, size_t number, const char *folder,
                     const char *name)
{
    struct buf path = buf_make(LIMIT_JSON_FILE);
    buf_printf(&path, *name ? "%s/%s" : "%s", folder, name);
    if (!file_is_regular(path.p)) {
        buf_free(&path);
        return;
    }
    f->list = xrealloc(f->list, f->count + 1, sizeof *f->list);
    struct file *one = &f->list[f->count++];
    one->path = path.p;
    snprintf(one->role, sizeof one->role, "%s %zu", role, number);
}

static void list_files(struct files *f, const char *path, const struct nn_folder *folder,
                       const struct weights *weights)
{
    add_file(f, "modules", 0, path, "modules.json");
    add_file(f, "search", 0, path, "config_sentence_transformers.json");
    if (folder->pooling)
        add_file(f, "pooling", 0, folder->pooling, "config.json");
    add_file(f, "config", 0, folder->transformer, "config.json");
    add_file(f, "length", 0, folder->transformer, "sentence_bert_config.json");
    add_file(f, "tokenizer", 0, folder->transformer, "tokenizer.json");
    for (size_t i = 0; i < weights_file_count(weights); i++)
        add_file(f, "weights", i, weights_file(weights, i), "");
    for (size_t i = 0; i < folder->n_stages; i++) {
        if (folder->stages[i].type != NN_STAGE_DENSE)
            continue;
        add_file(f, "dense", i, folder->stages[i].folder, "config.json");
        add_file(f, "dense weights", i, folder->stages[i].folder, "model.safetensors");
    }
}

static bool hash_files(const struct files *f, char ret[HASH_HEX_SIZE], struct vz_error *err)
{
    struct hash *all = hash_new();
    bool ok = true;
    for (size_t i = 0; i < f->count && ok; i++) {
        struct file_map map = { 0 };
        char one[HASH_HEX_SIZE];
        ok = file_map(f->list[i].path, &map, err);
        hash_str((struct str){ (const char *)map.p, map.len }, one);
        file_unmap(&map);
        hash_add(all, f->list[i].role, strlen(f->list[i].role) + 1);
        hash_add(all, one, sizeof one);
    }
    hash_finish(all, ret);
    return ok;
}

/* What changes when any of the files does. */
static bool identity(const struct files *f, char ret[HASH_HEX_SIZE], struct vz_error *err)
{
    struct hash *h = hash_new();
    bool ok = true;
    for (size_t i = 0; i < f->count && ok; i++) {
        struct stat st;
        char line[200];
        ok = stat(f->list[i].path, &st) == 0 ||
             vz_fail(err, VZ_IO, "could not read \"%s\": %m", f->list[i].path);
        if (!ok)
            break;
        int n =
            snprintf(line, sizeof line, "%s %llu %llu %lld %lld.%09ld %lld.%09ld\n",
                     f->list[i].role, (unsigned long long)st.st_dev, (unsigned long long)st.st_ino,
                     (long long)st.st_size, (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
                     (long long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
        hash_add(h, line, (size_t)n);
    }
    hash_finish(h, ret);
    return ok;
}

static bool cached(const char *path, char ret[HASH_HEX_SIZE])
{
    VZ_CLEANUP(buf_free) struct buf b = buf_make(HASH_HEX_SIZE);
    struct vz_error unused;
    if (!file_read(path, &b, &unused) || b.len != HASH_HEX_SIZE - 1 ||
        strspn(b.p, "0123456789abcdef") != b.len)
        return false;
    memcpy(ret, b.p, HASH_HEX_SIZE);
    return true;
}

/* Written beside its place and moved there: a reader sees all of it or nothing. A cache that
 * cannot be written is no failure. */
static void keep(const char *path, const char *fingerprint)
{
    struct buf other = buf_make(LIMIT_JSON_FILE);
    buf_printf(&other, "%s.%ld", path, (long)getpid());
    int fd = open(other.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0) {
        bool ok = write(fd, fingerprint, HASH_HEX_SIZE - 1) == HASH_HEX_SIZE - 1;
        ok = close(fd) == 0 && ok;
        if (!ok || rename(other.p, path) != 0)
            unlink(other.p);
    }
    buf_free(&other);
}

static bool make_through_cache(const struct files *f, const char *cache, char ret[HASH_HEX_SIZE],
                               struct vz_error *err)
{
    char name[HASH_HEX_SIZE];
    VZ_CLEANUP(buf_free) struct buf path = buf_make(LIMIT_JSON_FILE);
    if (!identity(f, name, err))
        return false;
    buf_printf(&path, "%s/fingerprints", cache);
    if ((mkdir(cache, 0700) != 0 && errno != EEXIST) ||
        (mkdir(path.p, 0700) != 0 && errno != EEXIST))
        return hash_files(f, ret, err);
    buf_printf(&path, "/%s", name);
    if (cached(path.p, ret))
        return true;
    if (!hash_files(f, ret, err))
        return false;
    keep(path.p, ret);
    return true;
}

/* What each precision computes; the number goes up when that changes. */
static const char *const precision_marks[NN_PRECISIONS] = {
    [NN_BF16] = "precision bf16 1",
    [NN_INT8] = "precision int8 1",
};

static void add_precision(enum nn_precision precision, char ret[HASH_HEX_SIZE])
{
    if (precision == NN_FP32)
        return;
    struct hash *h = hash_new();
    hash_add(h, ret, HASH_HEX_SIZE);
    hash_add(h, precision_marks[precision], strlen(precision_marks[precision]) + 1);
    hash_finish(h, ret);
}

bool fingerprint_make(const char *path, const struct nn_folder *folder,
                      const struct weights *weights, enum nn_precision precision, const char *cache,
                      char ret[HASH_HEX_SIZE], struct vz_error *err)
{
    struct files f = { 0 };
    list_files(&f, path, folder, weights);
    bool ok = cache && *cache ? make_through_cache(&f, cache, ret, err) : hash_files(&f, ret, err);
    if (ok)
        add_precision(precision, ret);
    files_free(&f);
    return ok;
}
