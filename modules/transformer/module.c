/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine behind the module ABI: each callback is one call of nn/model.h, its error handed to
 * the host. */
#include "modules/transformer/transformer.h"

#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "nn/model.h"

struct options {
    const char *model;
    const char *prompt_name;
    int precision;
};

/* In the order of enum nn_precision, then auto. */
static const char *const precisions[] = { "fp32", "bf16", "int8", "auto", NULL };

static const struct vz_option option_rows[] = {
    { .name = "model",
      .type = VZ_OPTION_STRING,
      .value = "FOLDER",
      .offset = VZ_OFFSET(struct options, model, const char *),
      .help = "a sentence-transformers folder" },
    { .name = "prompt-name",
      .type = VZ_OPTION_STRING,
      .value = "NAME",
      .offset = VZ_OFFSET(struct options, prompt_name, const char *),
      .help = "use this prompt of the model for documents and queries alike" },
    { .name = "precision",
      .type = VZ_OPTION_CHOICE,
      .choices = precisions,
      .initial = "fp32",
      .value = "PRECISION",
      .offset = VZ_OFFSET(struct options, precision, int),
      .help = "of the linear layers; auto: bf16 where the CPU has it, else fp32" },
    { 0 },
};

struct handle {
    const struct vz_host *host;
    struct nn_model *model;
    enum nn_precision precision;
};

/* Says why to the host; -1 for the callback to return. */
static int failed(const struct vz_host *host, const struct vz_error *err)
{
    if (err->hint[0])
        host->fail(host, err->kind, "%s (%s)", err->message, err->hint);
    else
        host->fail(host, err->kind, "%s", err->message);
    return -1;
}

static bool cancelled(void *arg)
{
    const struct vz_host *host = arg;
    return host->cancelled(host);
}

/* Fields that hosts of this ABI got later. */
static const char *cache_folder(const struct vz_host *host)
{
    size_t end = offsetof(struct vz_host, cache_folder) + sizeof host->cache_folder;
    return host->struct_size >= end ? host->cache_folder : NULL;
}

static void *transformer_open(const struct vz_host *host, const void *options)
{
    const struct options *o = options;
    struct vz_error err = { 0 };
    if (!o->model || !*o->model) {
        host->fail(host, VZ_USAGE, "encoder \"transformer\" needs a model folder (option model)");
        return NULL;
    }
    struct handle *h = xcalloc(1, sizeof *h);
    h->host = host;
    h->precision =
        o->precision < NN_PRECISIONS ? (enum nn_precision)o->precision : nn_model_auto_precision();
    const struct nn_settings settings = {
        .threads = host->threads,
        .precision = h->precision,
        .prompt_name = o->prompt_name,
        .cancelled = cancelled,
        .cancelled_arg = (void *)host,
        .cache_folder = cache_folder(host),
    };
    if (!nn_model_open(o->model, &settings, &h->model, &err)) {
        failed(host, &err);
        xfree(h);
        return NULL;
    }
    return h;
}

static void transformer_close(void *handle)
{
    struct handle *h = handle;
    nn_model_close(h->model);
    xfree(h);
}

static int transformer_describe(void *handle, struct vz_encoder_info *ret)
{
    const struct handle *h = handle;
    nn_model_info(h->model, ret);
    return 0;
}

static int transformer_encode(void *handle, const struct vz_text *texts, size_t count,
                              enum vz_role role, float *ret_rows, struct vz_text_info *ret_info)
{
    const struct handle *h = handle;
    struct vz_error err = { 0 };
    return nn_model_encode(h->model, texts, count, role, ret_rows, ret_info, &err)
               ? 0
               : failed(h->host, &err);
}

static int transformer_fingerprint(void *handle, char ret[65])
{
    const struct handle *h = handle;
    struct vz_error err = { 0 };
    return nn_model_fingerprint(h->model, ret, &err) ? 0 : failed(h->host, &err);
}

static int transformer_tokenize(void *handle, const struct vz_text *text, enum vz_role role,
                                int32_t *ret_ids, size_t cap, size_t *ret_count,
                                struct vz_text_info *ret_info)
{
    const struct handle *h = handle;
    struct vz_error err = { 0 };
    return nn_model_tokenize(h->model, text, role, ret_ids, cap, ret_count, ret_info, &err)
               ? 0
               : failed(h->host, &err);
}

static int transformer_cost(void *handle, uint32_t tokens, double *ret_flop)
{
    const struct handle *h = handle;
    *ret_flop = nn_model_flop(h->model, tokens);
    return 0;
}

static int transformer_ceiling(void *handle, uint32_t threads, double *ret_gflops)
{
    const struct handle *h = handle;
    *ret_gflops = nn_model_ceiling_gflops(h->model, threads);
    return 0;
}

static const char *transformer_precision(void *handle)
{
    const struct handle *h = handle;
    return nn_precision_name(h->precision);
}

static int transformer_peek(const struct vz_host *host, const char *folder,
                            struct vz_encoder_info *ret)
{
    struct vz_error err = { 0 };
    if (!nn_model_is_ours(folder))
        return 1;
    return nn_model_peek(folder, ret, &err) ? 0 : failed(host, &err);
}

const struct vz_encoder transformer_encoder = {
    VZ_ENCODER_HEAD,
    .name = "transformer",
    .version = "1",
    .summary = "sentence-transformers models of the BERT family, on the CPU",
    .threading = VZ_PARALLEL,
    .options_size = sizeof(struct options),
    .options = option_rows,
    .main_option = "model",
    .open = transformer_open,
    .close = transformer_close,
    .describe = transformer_describe,
    .encode = transformer_encode,
    .fingerprint = transformer_fingerprint,
    .tokenize = transformer_tokenize,
    .cost = transformer_cost,
    .ceiling = transformer_ceiling,
    .peek = transformer_peek,
    .precision = transformer_precision,
};
