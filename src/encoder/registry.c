/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking through model directories and module folders. */
#include "encoder/registry.h"

#include <dirent.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/option.h"
#include "encoder/builtin.h"
#include "encoder/host.h"
#include "encoder/loader.h"
#include "encoder/paths.h"

enum { MOST_ENTRIES = 4096 }; // in all model directories together

struct listing {
    struct arena *arena;
    struct model_entry *entries;
    size_t count;
};

static bool is_listed(const struct listing *l, const char *reference)
{
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->entries[i].reference, reference) == 0)
            return true;
    return false;
}

static void list_entry(struct listing *l, struct model_entry e)
{
    // The first folder in the order of search wins, as it does when the name is used.
    if (l->count < MOST_ENTRIES && !is_listed(l, e.reference))
        l->entries[l->count++] = e;
}

bool registry_folder_module(const char *folder, const struct vz_encoder **ret,
                            struct vz_encoder_info *ret_info, struct vz_error *err)
{
    for (const struct vz_encoder *const *m = builtin_encoders; *m; m++) {
        if (!(*m)->peek)
            continue;
        struct host host;
        host_init(&host, (*m)->name, 1, NULL);
        host_enter(err);
        memset(ret_info, 0, sizeof *ret_info);
        int mine = (*m)->peek(&host.vz, folder, ret_info);
        if (mine == 0) {
            *ret = *m;
            return true;
        }
        if (mine < 0)
            return host_failed(&host, err);
    }
    vz_fail(err, VZ_FORMAT, "\"%s\" is not a model folder that any encoder can read", folder);
    return vz_hint(err,
                   "An ordinary one holds config.json, model.safetensors and tokenizer.json, as "
                   "sentence-transformers saves them.");
}

static void list_model(struct listing *l, const char *folder, const char *name)
{
    struct vz_error err = { 0 };
    struct vz_encoder_info info = { 0 };
    const struct vz_encoder *module = NULL;
    struct model_entry e = { .reference = name, .path = folder, .module = "", .kind = "" };
    if (registry_folder_module(folder, &module, &info, &err)) {
        e.module = module->name;
        e.kind = arena_strdup(l->arena, str_of(info.kind));
        e.dim = info.dim;
        e.max_tokens = info.max_tokens;
    } else {
        e.problem = arena_strdup(l->arena, str_of(err.message));
    }
    list_entry(l, e);
}

static void list_models_in(struct listing *l, const char *folder)
{
    DIR *d = opendir(folder);
    if (!d)
        return; // a model directory that does not exist has no models
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        if (e->d_name[0] == '.')
            continue;
        const char *path = arena_printf(l->arena, "%s/%s", folder, e->d_name);
        if (file_is_folder(path))
            list_model(l, path, arena_strdup(l->arena, str_of(e->d_name)));
    }
    closedir(d);
}

static void list_module(struct listing *l, const struct vz_encoder *m, const char *path)
{
    if (m->peek)
        return; // named by its models' folders
    list_entry(l, (struct model_entry){
                      .reference = arena_printf(l->arena, "module:%s", m->name),
                      .module = m->name,
                      .kind = m->summary,
                      .path = path,
                  });
}

/* A module in a folder is found by its file's name, so it must call itself the same. */
static bool load_named(const char *path, struct str name, const struct vz_encoder **ret,
                       struct vz_error *err)
{
    if (!loader_load(path, ret, err))
        return false;
    if (!str_is(name, (*ret)->name))
        return vz_fail(err, VZ_FORMAT, "module \"%s\" calls itself \"%s\", unlike its file", path,
                       (*ret)->name);
    return true;
}

static void list_modules_in(struct listing *l, const char *folder)
{
    DIR *d = opendir(folder);
    if (!d)
        return;
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        struct str name = str_of(e->d_name);
        if (!str_ends(name, ".so"))
            continue;
        name.len -= 3;
        const char *path = arena_printf(l->arena, "%s/%s", folder, e->d_name);
        const struct vz_encoder *m = NULL;
        struct vz_error err = { 0 };
        if (load_named(path, name, &m, &err))
            list_module(l, m, path);
        else
            list_entry(l, (struct model_entry){
                              .reference = arena_printf(l->arena, "module:%.*s", STR_ARGS(name)),
                              .module = "",
                              .kind = "",
                              .path = path,
                              .problem = arena_strdup(l->arena, str_of(err.message)),
                          });
    }
    closedir(d);
}

static int by_reference(const void *a, const void *b)
{
    return strcmp(((const struct model_entry *)a)->reference,
                  ((const struct model_entry *)b)->reference);
}

bool registry_list(struct arena *arena, struct model_entry **ret, size_t *ret_count,
                   struct vz_error *err)
{
    struct listing l = { .arena = arena,
                         .entries = arena_new(arena, struct model_entry, MOST_ENTRIES) };
    for (const char *const *f = paths_models(arena); *f; f++)
        list_models_in(&l, *f);
    for (const struct vz_encoder *const *m = builtin_encoders; *m; m++)
        list_module(&l, *m, "");
    for (const char *const *f = paths_modules(arena); *f; f++)
        list_modules_in(&l, *f);
    if (l.count == MOST_ENTRIES)
        return vz_fail(err, VZ_CONFIG, "more than %d models are installed", MOST_ENTRIES);
    qsort(l.entries, l.count, sizeof *l.entries, by_reference);
    *ret = l.entries;
    *ret_count = l.count;
    return true;
}

bool registry_module(const char *name, const struct vz_encoder **ret, struct vz_error *err)
{
    if (strchr(name, '/') || strchr(name, '.'))
        return loader_load(name, ret, err);
    if (!loader_is_name(name))
        return vz_fail(err, VZ_USAGE, "\"%s\" is no module name", name);
    for (const struct vz_encoder *const *m = builtin_encoders; *m; m++) {
        if (strcmp((*m)->name, name) == 0) {
            *ret = *m;
            return loader_check(*m, name, err);
        }
    }
    struct arena scratch = arena_open(1 << 20);
    bool found = false, ok = false;
    for (const char *const *f = paths_modules(&scratch); *f && !found; f++) {
        const char *path = arena_printf(&scratch, "%s/%s.so", *f, name);
        found = file_is_regular(path);
        ok = found && load_named(path, str_of(name), ret, err);
    }
    arena_close(&scratch);
    if (!found) {
        vz_fail(err, VZ_CONFIG, "there is no module \"%s\"", name);
        return vz_hint(err, "Modules are files called NAME.so in the folders of "
                            "VECTORIZE_MODULE_PATH; \"vectorize model list\" shows what is found.");
    }
    return ok;
}

/* The installed names, for a suggestion. */
static const char *nearest_model(struct arena *arena, const char *name)
{
    struct model_entry *entries = NULL;
    size_t count = 0;
    struct vz_error ignored;
    if (!registry_list(arena, &entries, &count, &ignored))
        return NULL; // the suggestion is a courtesy
    const char **names = arena_new(arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++)
        names[i] = entries[i].reference;
    return option_nearest(names, count, name);
}

bool registry_model_folder(struct arena *arena, const char *name, const char **ret,
                           struct vz_error *err)
{
    const char *const *folders = paths_models(arena);
    for (const char *const *f = folders; *f; f++) {
        const char *path = arena_printf(arena, "%s/%s", *f, name);
        if (file_is_folder(path)) {
            *ret = path;
            return true;
        }
    }
    vz_fail(err, VZ_CONFIG, "there is no model \"%s\"", name);
    const char *near = nearest_model(arena, name);
    if (near)
        return vz_hint(err,
                       "Did you mean \"%s\"? \"vectorize model list\" shows what is installed.",
                       near);
    return vz_hint(err,
                   "Put its folder into \"%s\", or name a folder by its path (./my-model). "
                   "\"vectorize model list\" shows what is installed.",
                   folders[0] ? folders[0] : "VECTORIZE_MODELS");
}
