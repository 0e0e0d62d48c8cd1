/* SPDX-License-Identifier: Apache-2.0
 *
 * dlopen, the check of a module's table, and its translation to this host's sizes. */
#include "encoder/loader.h"

#include <dlfcn.h>
#include <string.h>

#include "base/arena.h"

/* A loaded module: its file and our copy of its table. */
struct loaded {
    struct loaded *next;
    char *path;
    struct vz_encoder encoder;
};

static struct loaded *all_loaded;

bool loader_is_name(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-");
    return n > 0 && n <= 31 && name[n] == '\0' && name[0] >= 'a' && name[0] <= 'z';
}

bool loader_check(const struct vz_encoder *e, const char *origin, struct vz_error *err)
{
    const struct {
        bool present;
        const char *field;
    } required[] = {
        { e->name != NULL, "name" },       { e->version != NULL, "version" },
        { e->summary != NULL, "summary" }, { e->open != NULL, "open" },
        { e->close != NULL, "close" },     { e->describe != NULL, "describe" },
        { e->encode != NULL, "encode" },
    };
    for (size_t i = 0; i < ARRAY_LEN(required); i++)
        if (!required[i].present)
            return vz_fail(err, VZ_FORMAT, "module \"%s\" has no %s", origin, required[i].field);
    if (!loader_is_name(e->name))
        return vz_fail(err, VZ_FORMAT,
                       "module \"%s\" has a bad name: lower-case letters, digits, "
                       "\"-\" and \"_\", 31 at most",
                       origin);
    if (e->threading != VZ_SERIAL && e->threading != VZ_PARALLEL)
        return vz_fail(err, VZ_FORMAT, "module \"%s\" declares an unknown threading", origin);
    for (const struct vz_option *o = e->options; o && o->name; o++) {
        if (o->offset >= e->options_size || o->type > VZ_OPTION_CHOICE ||
            (o->type == VZ_OPTION_CHOICE && !o->choices))
            return vz_fail(err, VZ_FORMAT, "module \"%s\": option \"%s\" does not fit its struct",
                           origin, o->name);
    }
    return true;
}

/* The module's option rows in rows of this host's size; kept for ever, like the module. */
static const struct vz_option *translate_options(const struct vz_encoder *e, uint32_t stride)
{
    size_t n = 0;
    const char *at = (const char *)e->options;
    while (((const struct vz_option *)(at + n * stride))->name)
        n++;
    struct vz_option *rows = xcalloc(n + 1, sizeof *rows);
    size_t size = stride < sizeof *rows ? stride : sizeof *rows;
    for (size_t i = 0; i < n; i++)
        memcpy(&rows[i], at + i * stride, size);
    return rows;
}

static bool translate(const struct vz_encoder *theirs, const char *path, struct vz_encoder *ret,
                      struct vz_error *err)
{
    if (theirs->abi != VZ_ENCODER_ABI)
        return vz_fail(err, VZ_FORMAT, "module \"%s\" is made for ABI %u, this program for %d",
                       path, theirs->abi, VZ_ENCODER_ABI);
    if (theirs->struct_size < offsetof(struct vz_encoder, fingerprint) ||
        theirs->option_size < offsetof(struct vz_option, letter))
        return vz_fail(err, VZ_FORMAT, "module \"%s\": its table is too small", path);

    size_t size = theirs->struct_size < sizeof *ret ? theirs->struct_size : sizeof *ret;
    memset(ret, 0, sizeof *ret);
    memcpy(ret, theirs, size);
    if (ret->options && theirs->option_size != sizeof(struct vz_option))
        ret->options = translate_options(ret, theirs->option_size);
    return loader_check(ret, path, err);
}

bool loader_load(const char *path, const struct vz_encoder **ret, struct vz_error *err)
{
    for (struct loaded *l = all_loaded; l; l = l->next) {
        if (strcmp(l->path, path) == 0) {
            *ret = &l->encoder;
            return true;
        }
    }

    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!object)
        return vz_fail(err, VZ_CONFIG, "could not load module \"%s\": %s", path, dlerror());
    const struct vz_encoder *(*symbol)(void) = NULL;
    void *address = dlsym(object, VZ_ENCODER_SYMBOL);
    if (!address)
        return vz_fail(err, VZ_FORMAT, "\"%s\" is no vectorize module: it does not export %s", path,
                       VZ_ENCODER_SYMBOL);
    memcpy(&symbol, &address, sizeof symbol); // ISO C has no cast from object to function pointer

    const struct vz_encoder *theirs = symbol();
    if (!theirs)
        return vz_fail(err, VZ_FORMAT, "module \"%s\" gave no table", path);
    struct vz_encoder ours;
    if (!translate(theirs, path, &ours, err))
        return false;

    struct loaded *l = xcalloc(1, sizeof *l);
    *l = (struct loaded){ .next = all_loaded, .path = xstrdup(path), .encoder = ours };
    all_loaded = l;
    *ret = &l->encoder;
    return true;
}
