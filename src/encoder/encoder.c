/* SPDX-License-Identifier: Apache-2.0
 *
 * One open encoder: resolving the reference, filling the module's options, and the checked calls.
 *
 *     reference ──resolve──▶ module + main option ──open──▶ handle ──encode──▶ checked rows
 */
#include "encoder/encoder.h"

#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/option.h"
#include "base/utf8.h"
#include "encoder/host.h"
#include "encoder/paths.h"
#include "encoder/registry.h"

struct encoder {
    struct host host;
    const struct vz_encoder *module;
    void *handle;
    struct vz_encoder_info info;
    struct arena arena; /* reference, options */
    const char *reference;
    const char *main_value;   /* what the module's main option got, or NULL */
    const char *const *given; /* "name=value", for the fingerprint */
};

/* Held around every call into a VZ_SERIAL module. One for all of them: such modules are rare, and
 * the promise they get is only made stronger. */
static pthread_mutex_t serial = PTHREAD_MUTEX_INITIALIZER;

static void enter(struct encoder *e, struct vz_error *err)
{
    host_enter(err);
    if (e->module->threading == VZ_SERIAL)
        pthread_mutex_lock(&serial);
}

static void leave(struct encoder *e)
{
    if (e->module->threading == VZ_SERIAL)
        pthread_mutex_unlock(&serial);
}

/* ---- resolving a reference ---- */

static bool resolve_module(struct encoder *e, struct str rest, struct vz_error *err)
{
    struct str_cut cut = str_cut(rest, ':');
    if (!registry_module(arena_strdup(&e->arena, cut.head), &e->module, err))
        return false;
    if (!cut.ok)
        return true;
    if (!e->module->main_option)
        return vz_fail(err, VZ_USAGE, "module \"%s\" takes nothing after its name",
                       e->module->name);
    e->main_value = arena_strdup(&e->arena, cut.tail);
    return true;
}

static bool resolve_folder(struct encoder *e, const char *folder, struct vz_error *err)
{
    struct vz_encoder_info info;
    if (!registry_folder_module(folder, &e->module, &info, err))
        return false;
    e->main_value = folder;
    return true;
}

static bool resolve_path(struct encoder *e, const char *path, struct vz_error *err)
{
    char absolute[PATH_MAX];
    if (!realpath(path, absolute))
        return vz_fail(err, VZ_IO, "could not open model \"%s\": %m", path);
    e->reference = arena_strdup(&e->arena, str_of(absolute));
    return resolve_folder(e, e->reference, err);
}

static bool resolve_hugging_face(struct encoder *e, struct str rest, struct vz_error *err)
{
    struct str_cut cut = str_cut(rest, '@');
    const char *folder = paths_hugging_face(&e->arena, cut.head, cut.tail);
    if (!folder) {
        vz_fail(err, VZ_CONFIG, "model \"hf:%.*s\" is not in the Hugging Face cache",
                STR_ARGS(rest));
        return vz_hint(err, "It is read from where other tools downloaded it; vectorize downloads "
                            "nothing by itself. A copy of its folder can be named by its path.");
    }
    return resolve_folder(e, folder, err);
}

static bool resolve(struct encoder *e, const char *reference, struct vz_error *err)
{
    struct str r = str_of(reference);
    e->reference = arena_strdup(&e->arena, r);
    if (str_starts(r, "module:"))
        return resolve_module(e, (struct str){ r.p + 7, r.len - 7 }, err);
    if (str_starts(r, "hf:"))
        return resolve_hugging_face(e, (struct str){ r.p + 3, r.len - 3 }, err);
    if (r.len == 0)
        return vz_fail(err, VZ_USAGE, "the model's name is empty");
    if (strchr(reference, '/') || reference[0] == '.')
        return resolve_path(e, reference, err);
    struct str_cut scheme = str_cut(r, ':');
    if (scheme.ok) {
        vz_fail(err, VZ_USAGE, "model \"%s\": there is no kind of model called \"%.*s\"", reference,
                STR_ARGS(scheme.head));
        return vz_hint(err, "A model is NAME, ./FOLDER, hf:OWNER/NAME or module:NAME[:ARGUMENT].");
    }
    const char *folder = NULL;
    return registry_model_folder(&e->arena, reference, &folder, err) &&
           resolve_folder(e, folder, err);
}

/* ---- the module's options ---- */

static bool set_option(const struct vz_encoder *m, void *fields, struct str name, const char *value,
                       struct vz_error *err)
{
    const struct vz_option *row = option_find(m->options, name);
    if (!row)
        return vz_fail(err, VZ_USAGE, "encoder \"%s\" has no option \"%.*s\"", m->name,
                       STR_ARGS(name));
    return option_set(row, fields, value, err);
}

static bool fill_options(struct encoder *e, void *fields, struct vz_error *err)
{
    const struct vz_encoder *m = e->module;
    if (!option_defaults(m->options, fields, err))
        return false;
    if (e->main_value && !set_option(m, fields, str_of(m->main_option), e->main_value, err))
        return false;
    for (const char *const *o = e->given; o && *o; o++) {
        struct str_cut cut = str_cut(str_of(*o), '=');
        if (!cut.ok)
            return vz_fail(err, VZ_USAGE, "option \"%s\" of the encoder is not NAME=VALUE", *o);
        if (!set_option(m, fields, cut.head, cut.tail.p, err))
            return false;
    }
    return true;
}

/* The precision first: what the user says among the options counts for more. */
static const char *const *copy_options(struct arena *arena, const char *const *options,
                                       const char *precision)
{
    size_t n = 0, at = 0;
    while (options && options[n])
        n++;
    const char **copy = arena_new(arena, const char *, n + 2);
    if (precision)
        copy[at++] = arena_printf(arena, "precision=%s", precision);
    for (size_t i = 0; i < n; i++)
        copy[at++] = arena_strdup(arena, str_of(options[i]));
    return copy;
}

/* ---- opening ---- */

static bool open_handle(struct encoder *e, struct vz_error *err)
{
    void *fields = arena_alloc(&e->arena, e->module->options_size, 16, 1);
    if (!fill_options(e, fields, err))
        return false;
    enter(e, err);
    e->handle = e->module->open(&e->host.vz, fields);
    leave(e);
    return e->handle || host_failed(&e->host, err);
}

static bool describe(struct encoder *e, struct vz_error *err)
{
    enter(e, err);
    int r = e->module->describe(e->handle, &e->info);
    leave(e);
    if (r != 0)
        return host_failed(&e->host, err);
    if (e->info.dim == 0 || e->info.dim > LIMIT_DIM)
        return vz_fail(err, VZ_FORMAT, "encoder \"%s\" gives vectors of %u components; 1 to %d fit",
                       e->module->name, e->info.dim, LIMIT_DIM);
    return true;
}

static uint32_t core_count(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 && n < 4096 ? (uint32_t)n : 1;
}

bool encoder_open(const char *reference, const struct encoder_settings *settings,
                  struct encoder **ret, struct vz_error *err)
{
    struct encoder *e = xcalloc(1, sizeof *e);
    e->arena = arena_open(LIMIT_JOB_ARENA);
    e->given = copy_options(&e->arena, settings->options, settings->precision);
    uint32_t threads = settings->threads ? settings->threads : core_count();
    bool ok = resolve(e, reference, err);
    if (ok) {
        host_init(&e->host, e->module->name, threads, settings->cancel);
        e->host.vz.cache_folder = paths_cache(&e->arena);
        ok = open_handle(e, err) && describe(e, err);
    }
    if (!ok) {
        encoder_close(e);
        return false;
    }
    *ret = e;
    return true;
}

void encoder_close(struct encoder *e)
{
    if (!e)
        return;
    if (e->handle)
        e->module->close(e->handle);
    arena_close(&e->arena);
    xfree(e);
}

const struct vz_encoder_info *encoder_info(const struct encoder *e)
{
    return &e->info;
}

const struct vz_encoder *encoder_module(const struct encoder *e)
{
    return e->module;
}

const char *encoder_reference(const struct encoder *e)
{
    return e->reference;
}

uint32_t encoder_threads(const struct encoder *e)
{
    return e->host.vz.threads;
}

const char *encoder_precision(struct encoder *e)
{
    struct vz_error ignored;
    if (!e->module->precision)
        return "";
    enter(e, &ignored);
    const char *precision = e->module->precision(e->handle);
    leave(e);
    return precision;
}

/* ---- encoding ---- */

/* Never a wrong vector: whatever a module gives is looked at before anybody gets it. */
static bool check_row(const struct encoder *e, const struct vz_text *text, const float *row,
                      struct vz_error *err)
{
    float largest = 0;
    float poison = 0; // stays 0 unless a component is NaN or infinite
    for (uint32_t i = 0; i < e->info.dim; i++) {
        poison += row[i] * 0.0f;
        largest = fmaxf(largest, fabsf(row[i]));
    }
    if (poison != 0.0f || isnan(poison))
        return vz_fail(err, VZ_ENCODER_FAILED,
                       "encoder \"%s\" gave a vector that is not finite%s%s", e->module->name,
                       *text->key ? " for row " : "", text->key);
    if (largest == 0.0f)
        return vz_fail(err, VZ_ENCODER_FAILED, "encoder \"%s\" gave a vector of zeros%s%s",
                       e->module->name, *text->key ? " for row " : "", text->key);
    return true;
}

bool encoder_encode(struct encoder *e, const struct vz_text *texts, size_t count, enum vz_role role,
                    float *ret_rows, struct vz_text_info *ret_info, struct vz_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!utf8_is_valid((struct str){ texts[i].text, texts[i].len }))
            return vz_fail(err, VZ_BUG, "a text that is not UTF-8 reached the encoder");
    if (count == 0)
        return true;
    if (ret_info)
        memset(ret_info, 0, count * sizeof *ret_info);

    enter(e, err);
    int r = e->module->encode(e->handle, texts, count, role, ret_rows, ret_info);
    leave(e);
    if (r != 0)
        return host_failed(&e->host, err);
    for (size_t i = 0; i < count; i++)
        if (!check_row(e, &texts[i], ret_rows + i * e->info.dim, err))
            return false;
    return true;
}

bool encoder_tokenize(struct encoder *e, const struct vz_text *text, enum vz_role role,
                      int32_t *ret_ids, size_t cap, size_t *ret_count,
                      struct vz_text_info *ret_info, struct vz_error *err)
{
    if (!e->module->tokenize)
        return vz_fail(err, VZ_USAGE, "encoder \"%s\" has no tokenizer", e->module->name);
    enter(e, err);
    int r = e->module->tokenize(e->handle, text, role, ret_ids, cap, ret_count, ret_info);
    leave(e);
    return r == 0 || host_failed(&e->host, err);
}

/* ---- what is asked now and then ---- */

static void default_fingerprint(const struct encoder *e, char ret[65])
{
    struct hash *h = hash_new();
    const char *const parts[] = { e->module->name, e->module->version,
                                  e->main_value ? e->main_value : "" };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        hash_add(h, parts[i], strlen(parts[i]) + 1);
    for (const char *const *o = e->given; o && *o; o++)
        hash_add(h, *o, strlen(*o) + 1);
    hash_finish(h, ret);
}

bool encoder_fingerprint(struct encoder *e, char ret[65], struct vz_error *err)
{
    if (!e->module->fingerprint) {
        default_fingerprint(e, ret);
        return true;
    }
    enter(e, err);
    int r = e->module->fingerprint(e->handle, ret);
    leave(e);
    if (r != 0)
        return host_failed(&e->host, err);
    if (strnlen(ret, 65) != 64 || strspn(ret, "0123456789abcdef") != 64)
        return vz_fail(err, VZ_FORMAT,
                       "encoder \"%s\" gave a fingerprint that is not 64 "
                       "hexadecimal digits",
                       e->module->name);
    return true;
}

double encoder_flop(struct encoder *e, uint32_t tokens)
{
    struct vz_error ignored;
    double flop = 0;
    if (!e->module->cost)
        return 0;
    enter(e, &ignored);
    int r = e->module->cost(e->handle, tokens, &flop);
    leave(e);
    return r == 0 ? flop : 0;
}

double encoder_ceiling_gflops(struct encoder *e, uint32_t threads)
{
    struct vz_error ignored;
    double gflops = 0;
    if (!e->module->ceiling)
        return 0;
    enter(e, &ignored);
    int r = e->module->ceiling(e->handle, threads, &gflops);
    leave(e);
    return r == 0 ? gflops : 0;
}
