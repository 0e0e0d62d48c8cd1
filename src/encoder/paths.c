/* SPDX-License-Identifier: Apache-2.0
 *
 * Folders from the environment, with the defaults of the XDG base directory specification and of
 * huggingface_hub's cache (https://huggingface.co/docs/huggingface_hub/guides/manage-cache). */
#include "encoder/paths.h"

#include <stdlib.h>

#include "base/file.h"

#ifndef VECTORIZE_DATA_DIR
#define VECTORIZE_DATA_DIR "/usr/local/share/vectorize"
#endif
#ifndef VECTORIZE_LIB_DIR
#define VECTORIZE_LIB_DIR "/usr/local/lib/vectorize"
#endif

enum { MOST_FOLDERS = 32 };

/* The variable's value, or NULL when it is unset or empty. */
static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

struct list {
    const char **items;
    size_t count;
};

static void add(struct list *l, const char *item)
{
    if (item && l->count < MOST_FOLDERS)
        l->items[l->count++] = item;
}

static void add_colon_list(struct arena *arena, struct list *l, const char *colons)
{
    struct str_cut cut = { .tail = str_of(colons), .ok = true };
    while (cut.ok) {
        cut = str_cut(cut.tail, ':');
        if (cut.head.len)
            add(l, arena_strdup(arena, cut.head));
    }
}

static const char *home_folder(struct arena *arena, const char *xdg, const char *below_home,
                               const char *rest)
{
    const char *base = variable(xdg);
    if (base)
        return arena_printf(arena, "%s/%s", base, rest);
    const char *home = variable("HOME");
    return home ? arena_printf(arena, "%s/%s/%s", home, below_home, rest) : NULL;
}

static struct list new_list(struct arena *arena)
{
    return (struct list){ .items = arena_new(arena, const char *, MOST_FOLDERS + 1) };
}

const char *const *paths_models(struct arena *arena)
{
    struct list l = new_list(arena);
    const char *own = variable("VECTORIZE_MODELS");
    if (own)
        add_colon_list(arena, &l, own);
    else
        add(&l, home_folder(arena, "XDG_DATA_HOME", ".local/share", "vectorize/models"));
    add(&l, VECTORIZE_DATA_DIR "/models");
    return l.items;
}

const char *paths_cache(struct arena *arena)
{
    return home_folder(arena, "XDG_CACHE_HOME", ".cache", "vectorize");
}

const char *const *paths_modules(struct arena *arena)
{
    struct list l = new_list(arena);
    const char *own = variable("VECTORIZE_MODULE_PATH");
    if (own)
        add_colon_list(arena, &l, own);
    add(&l, home_folder(arena, "XDG_DATA_HOME", ".local/share", "vectorize/modules"));
    add(&l, VECTORIZE_LIB_DIR "/modules");
    return l.items;
}

/* The commit that `revision` points to: the content of refs/REVISION, else the name itself. */
static const char *commit_of(struct arena *arena, const char *repository, struct str revision)
{
    VZ_CLEANUP(buf_free) struct buf b = buf_make(256);
    struct vz_error ignored;
    const char *ref = arena_printf(arena, "%s/refs/%.*s", repository, STR_ARGS(revision));
    if (!file_read(ref, &b, &ignored)) // not a branch or tag, so a commit
        return arena_strdup(arena, revision);
    struct str commit = buf_str(&b);
    while (commit.len && (unsigned char)commit.p[commit.len - 1] <= ' ')
        commit.len--;
    return arena_strdup(arena, commit);
}

const char *paths_hugging_face(struct arena *arena, struct str repository, struct str revision)
{
    struct str_cut name = str_cut(repository, '/');
    const char *hub = variable("HF_HUB_CACHE");
    if (!hub && variable("HF_HOME"))
        hub = arena_printf(arena, "%s/hub", variable("HF_HOME"));
    if (!hub)
        hub = home_folder(arena, "XDG_CACHE_HOME", ".cache", "huggingface/hub");
    if (!hub || !name.ok)
        return NULL;

    const char *folder =
        arena_printf(arena, "%s/models--%.*s--%.*s", hub, STR_ARGS(name.head), STR_ARGS(name.tail));
    if (revision.len == 0)
        revision = STR_LIT("main");
    const char *snapshot =
        arena_printf(arena, "%s/snapshots/%s", folder, commit_of(arena, folder, revision));
    return file_is_folder(snapshot) ? snapshot : NULL;
}
