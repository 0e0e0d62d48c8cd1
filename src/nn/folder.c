/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading modules.json and the files around it. */
#include "nn/folder.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "nn/config.h"

/* The names of a pooling: today's, and the flag that older files set. */
static const struct {
    const char *name, *flag;
} poolings[NN_POOLINGS] = {
    [NN_POOL_CLS] = { "cls", "pooling_mode_cls_token" },
    [NN_POOL_MAX] = { "max", "pooling_mode_max_tokens" },
    [NN_POOL_MEAN] = { "mean", "pooling_mode_mean_tokens" },
    [NN_POOL_MEAN_SQRT_LEN] = { "mean_sqrt_len_tokens", "pooling_mode_mean_sqrt_len_tokens" },
    [NN_POOL_WEIGHTED_MEAN] = { "weightedmean", "pooling_mode_weightedmean_tokens" },
    [NN_POOL_LAST] = { "lasttoken", "pooling_mode_lasttoken" },
};

const char *folder_pooling_name(enum nn_pooling p)
{
    return poolings[p].name;
}

static char *join(const char *folder, const char *name)
{
    struct buf b = buf_make(LIMIT_JSON_FILE);
    buf_printf(&b, *name ? "%s/%s" : "%s", folder, name);
    return b.p;
}

/* The parsed file, or NULL when there is none. */
static bool load_optional(const char *path, json_t **ret, struct vz_error *err)
{
    *ret = NULL;
    return !file_is_regular(path) || json_load_path(path, ret, err);
}

/* ---- the modules ---- */

static bool add_pooling(struct nn_folder *f, const char *name, struct vz_error *err)
{
    for (size_t i = 0; i < NN_POOLINGS; i++) {
        if (strcmp(name, poolings[i].name) != 0)
            continue;
        if (f->n_poolings == NN_POOLINGS)
            return vz_fail(err, VZ_FORMAT, "\"pooling_mode\" has too many entries");
        f->poolings[f->n_poolings++] = (enum nn_pooling)i;
        return true;
    }
    return vz_fail(err, VZ_FORMAT, "\"pooling_mode\" \"%.64s\" is not supported", name);
}

/* "pooling_mode" as a name or a list of names; else the flags; else the mean. */
static bool read_pooling_modes(const json_t *root, struct nn_folder *f, struct vz_error *err)
{
    const json_t *mode = json_object_get(root, "pooling_mode");
    if (json_is_string(mode))
        return add_pooling(f, json_string_value(mode), err);
    for (size_t i = 0; i < json_array_size(mode); i++) {
        const char *name = json_string_value(json_array_get(mode, i));
        if (!add_pooling(f, name ? name : "", err))
            return false;
    }
    if (mode && !json_is_null(mode)) {
        if (f->n_poolings == 0)
            return vz_fail(err, VZ_FORMAT, "\"pooling_mode\" names no pooling");
        return true;
    }
    for (size_t i = 0; i < NN_POOLINGS; i++) {
        bool on = false;
        if (!json_opt_bool(root, poolings[i].flag, &on, err))
            return false;
        if (on)
            f->poolings[f->n_poolings++] = (enum nn_pooling)i;
    }
    if (f->n_poolings == 0)
        f->poolings[f->n_poolings++] = NN_POOL_MEAN;
    return true;
}

static bool read_pooling(const json_t *root, const char *path, struct nn_folder *f,
                         struct vz_error *err)
{
    int64_t width = 0;
    if (f->n_poolings)
        return vz_fail(err, VZ_FORMAT, "a second Pooling module is not supported");
    if (!json_opt_int(root, "word_embedding_dimension", 1, 1 << 20, &width, err) ||
        !json_opt_int(root, "embedding_dimension", 1, 1 << 20, &width, err) ||
        !json_opt_bool(root, "include_prompt", &f->include_prompt, err))
        return false;
    f->pooled_width = (size_t)width;
    f->pooling = xstrdup(path);
    return read_pooling_modes(root, f, err);
}

static bool read_dense_act(const json_t *root, enum nn_act *ret, struct vz_error *err)
{
    static const struct {
        const char *name;
        enum nn_act act;
    } acts[] = {
        { "Identity", NN_IDENTITY }, { "Tanh", NN_TANH },       { "ReLU", NN_RELU },
        { "GELU", NN_GELU },         { "Sigmoid", NN_SIGMOID },
    };
    const char *name = "torch.nn.modules.activation.Tanh";
    if (!json_opt_string(root, "activation_function", &name, err))
        return false;
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
        if (strcmp(dot ? dot + 1 : name, acts[i].name) == 0 &&
            (!dot || strncmp(name, "torch.nn.", 9) == 0)) {
            *ret = acts[i].act;
            return true;
        }
    }
    return vz_fail(err, VZ_FORMAT, "\"activation_function\" \"%.64s\" is not supported", name);
}

static struct nn_stage *add_stage(struct nn_folder *f, struct vz_error *err)
{
    if (f->n_stages == FOLDER_MAX_STAGES) {
        vz_fail(err, VZ_FORMAT, "more than %d modules after the pooling", FOLDER_MAX_STAGES);
        return NULL;
    }
    return &f->stages[f->n_stages++];
}

static bool read_dense(const json_t *root, const char *path, struct nn_folder *f,
                       struct vz_error *err)
{
    struct nn_stage *s = add_stage(f, err);
    int64_t in = 0, out = 0;
    bool residual = false;
    const char *input = "sentence_embedding", *output = "sentence_embedding";
    if (!s)
        return false;
    *s = (struct nn_stage){ .type = NN_STAGE_DENSE, .has_bias = true, .folder = xstrdup(path) };
    if (!json_want_int(root, "in_features", 1, LIMIT_DIM * 16, &in, err) ||
        !json_want_int(root, "out_features", 1, LIMIT_DIM, &out, err) ||
        !json_opt_bool(root, "bias", &s->has_bias, err) ||
        !json_opt_bool(root, "use_residual", &residual, err) ||
        !json_opt_string(root, "module_input_name", &input, err) ||
        !json_opt_string(root, "module_output_name", &output, err) ||
        !read_dense_act(root, &s->act, err))
        return false;
    if (residual)
        return vz_fail(err, VZ_FORMAT, "\"use_residual\" is not supported");
    if (strcmp(input, "sentence_embedding") != 0 || strcmp(output, "sentence_embedding") != 0)
        return vz_fail(err, VZ_FORMAT, "a Dense module over \"%.64s\" is not supported",
                       strcmp(input, "sentence_embedding") != 0 ? input : output);
    s->in = (size_t)in;
    s->out = (size_t)out;
    return true;
}

static bool read_normalise(const json_t *root, const char *path, struct nn_folder *f,
                           struct vz_error *err)
{
    (void)root;
    (void)path;
    struct nn_stage *s = add_stage(f, err);
    if (s)
        *s = (struct nn_stage){ .type = NN_STAGE_NORMALISE };
    return s != NULL;
}

/* Only active in training. */
static bool read_dropout(const json_t *root, const char *path, struct nn_folder *f,
                         struct vz_error *err)
{
    (void)root;
    (void)path;
    (void)f;
    (void)err;
    return true;
}

static const struct {
    const char *type; /* the last part of its Python name */
    bool wants_config;
    bool (*read)(const json_t *root, const char *path, struct nn_folder *f, struct vz_error *err);
} modules[] = {
    { "Pooling", true, read_pooling },
    { "Dense", true, read_dense },
    { "Normalize", false, read_normalise },
    { "Dropout", false, read_dropout },
};

/* One module after the first; `path` is its folder. */
static bool read_module(const char *type, const char *path, struct nn_folder *f,
                        struct vz_error *err)
{
    const char *dot = strrchr(type, '.');
    for (size_t i = 0; i < ARRAY_LEN(modules); i++) {
        if (strncmp(type, "sentence_transformers.", 22) != 0 ||
            strcmp(dot + 1, modules[i].type) != 0)
            continue;
        if (modules[i].read != read_pooling && f->n_poolings == 0)
            return vz_fail(err, VZ_FORMAT, "a %s module before the Pooling is not supported",
                           modules[i].type);
        VZ_CLEANUP(json_decref_at) json_t *root = NULL;
        VZ_CLEANUP(free_at) char *config = join(path, "config.json");
        if (modules[i].wants_config && !json_load_path(config, &root, err))
            return false;
        return modules[i].read(root, path, f, err) ||
               (modules[i].wants_config && vz_context(err, "\"%s\"", config));
    }
    return vz_fail(err, VZ_FORMAT, "module \"%.100s\" is not supported", type);
}

/* A module's folder lies inside the model's. */
static bool module_path(const json_t *entry, const char *folder, char **ret, struct vz_error *err)
{
    const char *path = NULL;
    if (!json_want_string(entry, "path", &path, err))
        return false;
    if (path[0] == '/' || strstr(path, ".."))
        return vz_fail(err, VZ_FORMAT, "\"path\" \"%.100s\" leads out of the folder", path);
    *ret = join(folder, path);
    return true;
}

static bool is_transformer(const char *type)
{
    const char *dot = strrchr(type, '.');
    return strncmp(type, "sentence_transformers.", 22) == 0 && strcmp(dot, ".Transformer") == 0;
}

static bool read_entry(const json_t *entry, size_t place, const char *folder, struct nn_folder *f,
                       struct vz_error *err)
{
    VZ_CLEANUP(free_at) char *path = NULL;
    const char *type = NULL;
    if (!json_want_string(entry, "type", &type, err) || !module_path(entry, folder, &path, err))
        return false;
    if (place > 0)
        return read_module(type, path, f, err);
    if (!is_transformer(type))
        return vz_fail(err, VZ_FORMAT,
                       "the first module is \"%.100s\", only a Transformer is supported", type);
    f->transformer = path;
    path = NULL;
    return true;
}

static bool read_modules(const json_t *root, const char *folder, struct nn_folder *f,
                         struct vz_error *err)
{
    size_t n = json_array_size(root);
    if (n == 0)
        return vz_fail(err, VZ_FORMAT, "not a list of modules");
    for (size_t i = 0; i < n; i++)
        if (!read_entry(json_array_get(root, i), i, folder, f, err))
            return false;
    if (f->n_poolings == 0)
        return vz_fail(err, VZ_FORMAT, "there is no Pooling module");
    return true;
}

/* ---- the settings of the transformer ---- */

/* sentence_bert_config.json; older folders name it after their model. */
static bool read_length(const char *transformer, struct nn_folder *f, struct vz_error *err)
{
    VZ_CLEANUP(json_decref_at) json_t *root = NULL;
    VZ_CLEANUP(free_at) char *path = join(transformer, "sentence_bert_config.json");
    int64_t max = 0;
    if (!load_optional(path, &root, err))
        return false;
    if (!json_opt_int(root, "max_seq_length", 1, 1 << 24, &max, err))
        return vz_context(err, "\"%s\"", path);
    f->max_tokens = (size_t)max;
    return true;
}

/* The tokenizer's own limit, where sentence_bert_config.json has none. Files without one say
 * "very many", a number past all integers. */
static bool read_tokenizer_length(const char *transformer, struct nn_folder *f,
                                  struct vz_error *err)
{
    VZ_CLEANUP(json_decref_at) json_t *root = NULL;
    VZ_CLEANUP(free_at) char *path = join(transformer, "tokenizer_config.json");
    double max = 0;
    if (f->max_tokens)
        return true;
    if (!load_optional(path, &root, err))
        return false;
    if (!json_opt_number(root, "model_max_length", &max, err))
        return vz_context(err, "\"%s\"", path);
    if (max >= 1 && max <= 1 << 24)
        f->max_tokens = (size_t)max;
    return true;
}

/* True when the normalizer of tokenizer.json lowers the case somewhere. */
static bool lowers_case(const json_t *normalizer)
{
    const char *type = json_string_value(json_object_get(normalizer, "type"));
    if (!type)
        return false;
    if (strcmp(type, "Lowercase") == 0)
        return true;
    if (strcmp(type, "BertNormalizer") == 0)
        return json_is_true(json_object_get(normalizer, "lowercase"));
    const json_t *parts = json_object_get(normalizer, "normalizers");
    for (size_t i = 0; i < json_array_size(parts); i++)
        if (lowers_case(json_array_get(parts, i)))
            return true;
    return false;
}

/* "do_lower_case" asks for a step that tokenizer.json nearly always has already. */
static bool check_lower_case(const char *transformer, struct vz_error *err)
{
    VZ_CLEANUP(json_decref_at) json_t *root = NULL;
    VZ_CLEANUP(json_decref_at) json_t *tokenizer = NULL;
    VZ_CLEANUP(free_at) char *path = join(transformer, "sentence_bert_config.json");
    VZ_CLEANUP(free_at) char *tokenizer_path = join(transformer, "tokenizer.json");
    bool lower = false;
    if (!load_optional(path, &root, err))
        return false;
    if (!json_opt_bool(root, "do_lower_case", &lower, err))
        return vz_context(err, "\"%s\"", path);
    if (!lower)
        return true;
    if (!json_load_path(tokenizer_path, &tokenizer, err))
        return false;
    if (!lowers_case(json_object_get(tokenizer, "normalizer")))
        return vz_fail(err, VZ_FORMAT,
                       "\"%s\": \"do_lower_case\" with a tokenizer that keeps the case is not "
                       "supported",
                       path);
    return true;
}

static bool read_metric(const json_t *root, enum vz_metric *ret, struct vz_error *err)
{
    static const struct {
        const char *name;
        enum vz_metric metric;
    } metrics[] = {
        { "cosine", VZ_COSINE },
        { "dot", VZ_INNER_PRODUCT },
        { "dot_product", VZ_INNER_PRODUCT },
        { "euclidean", VZ_L2 },
    };
    const char *name = "cosine";
    if (!json_opt_string(root, "similarity_fn_name", &name, err))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(metrics); i++) {
        if (strcmp(name, metrics[i].name) == 0) {
            *ret = metrics[i].metric;
            return true;
        }
    }
    return vz_fail(err, VZ_FORMAT, "\"similarity_fn_name\" \"%.64s\" is not supported", name);
}

static bool read_prompts(const json_t *root, struct nn_folder *f, struct vz_error *err)
{
    const char *name;
    json_t *text, *prompts = json_object_get(root, "prompts");
    if (prompts && !json_is_null(prompts) && !json_is_object(prompts))
        return vz_fail(err, VZ_FORMAT, "\"prompts\" is not an object");
    json_object_foreach(prompts, name, text)
    {
        size_t room = sizeof((struct vz_encoder_info *)NULL)->query_prompt;
        if (json_is_null(text))
            continue;
        if (!json_is_string(text) || json_string_length(text) != strlen(json_string_value(text)))
            return vz_fail(err, VZ_FORMAT, "the prompt \"%.64s\" is not a text", name);
        if (json_string_length(text) >= room)
            return vz_fail(err, VZ_FORMAT, "the prompt \"%.64s\" is longer than %zu bytes", name,
                           room - 1);
    }
    const char *initial = NULL;
    if (!json_opt_string(root, "default_prompt_name", &initial, err))
        return false;
    if (initial && !json_object_get(prompts, initial))
        return vz_fail(err, VZ_FORMAT,
                       "\"default_prompt_name\" \"%.64s\" is not among the \"prompts\"", initial);
    f->default_prompt = initial;
    return true;
}

static bool read_search_settings(const char *folder, struct nn_folder *f, struct vz_error *err)
{
    VZ_CLEANUP(json_decref_at) json_t *root = NULL;
    VZ_CLEANUP(free_at) char *path = join(folder, "config_sentence_transformers.json");
    if (!load_optional(path, &root, err))
        return false;
    f->prompts = json_incref(root); // owns default_prompt as well
    if (!read_metric(root, &f->metric, err) || !read_prompts(root, f, err))
        return vz_context(err, "\"%s\"", path);
    return true;
}

/* ---- the whole folder ---- */

static bool read_all(const char *folder, struct nn_folder *f, struct vz_error *err)
{
    VZ_CLEANUP(json_decref_at) json_t *root = NULL;
    VZ_CLEANUP(free_at) char *path = join(folder, "modules.json");
    if (!file_is_folder(folder))
        return vz_fail(err, VZ_IO, "\"%s\" is not a folder", folder);
    if (!load_optional(path, &root, err))
        return false;
    if (root && !read_modules(root, folder, f, err))
        return vz_context(err, "\"%s\"", path);
    if (!root) {
        f->transformer = xstrdup(folder);
        f->poolings[f->n_poolings++] = NN_POOL_MEAN;
    }
    return read_length(f->transformer, f, err) && read_tokenizer_length(f->transformer, f, err) &&
           check_lower_case(f->transformer, err) && read_search_settings(folder, f, err);
}

bool folder_read(const char *folder, struct nn_folder *ret, struct vz_error *err)
{
    struct nn_folder f = { .include_prompt = true };
    if (!read_all(folder, &f, err)) {
        folder_free(&f);
        return false;
    }
    *ret = f;
    return true;
}

void folder_free(struct nn_folder *f)
{
    for (size_t i = 0; i < f->n_stages; i++)
        xfree(f->stages[i].folder);
    xfree(f->transformer);
    xfree(f->pooling);
    json_decref(f->prompts);
    *f = (struct nn_folder){ 0 };
}

static const char *prompt_named(const struct nn_folder *f, const char *name)
{
    return json_string_value(json_object_get(json_object_get(f->prompts, "prompts"), name));
}

/* The names that a role's prompt goes by, the strongest first. The default prompt serves a role
 * that has none of its own, unless its name is the other role's. */
static const char *role_prompt(const struct nn_folder *f, enum vz_role role)
{
    static const char *const names[2][4] = {
        [VZ_DOCUMENT] = { "document", "passage", "corpus" },
        [VZ_QUERY] = { "query" },
    };
    const char *text = NULL;
    for (size_t i = 0; names[role][i] && !text; i++)
        text = prompt_named(f, names[role][i]);
    if (text || !f->default_prompt)
        return text;
    for (size_t i = 0; names[!role][i]; i++)
        if (strcmp(f->default_prompt, names[!role][i]) == 0)
            return NULL;
    return prompt_named(f, f->default_prompt);
}

bool folder_prompt(const struct nn_folder *f, enum vz_role role, const char *name, const char **ret,
                   struct vz_error *err)
{
    const char *text = name ? prompt_named(f, name) : role_prompt(f, role);
    if (name && !text) {
        vz_fail(err, VZ_CONFIG, "the model has no prompt \"%.64s\"", name);
        char known[sizeof err->hint] = "";
        const char *other;
        json_t *value;
        size_t at = 0;
        json_object_foreach(json_object_get(f->prompts, "prompts"), other,
                            value) if (json_is_string(value) && at < sizeof known) at +=
            (size_t)snprintf(known + at, sizeof known - at, "%s\"%s\"", at ? ", " : "", other);
        return vz_hint(err, at ? "It has: %.400s." : "It has none.%s", known);
    }
    *ret = text ? text : "";
    return true;
}

bool folder_is_transformer(const char *folder)
{
    VZ_CLEANUP(json_decref_at) json_t *root = NULL;
    VZ_CLEANUP(free_at) char *list = join(folder, "modules.json");
    VZ_CLEANUP(free_at) char *config = join(folder, "config.json");
    struct vz_error unused;
    if (!file_is_regular(list))
        return file_is_regular(config);
    if (!json_load_path(list, &root, &unused))
        return true; // a damaged one: opening it says what is wrong
    const char *type = json_string_value(json_object_get(json_array_get(root, 0), "type"));
    return !type || is_transformer(type);
}

size_t folder_dim(const struct nn_folder *f, size_t hidden)
{
    size_t dim = f->n_poolings * hidden;
    for (size_t i = 0; i < f->n_stages; i++)
        if (f->stages[i].type == NN_STAGE_DENSE)
            dim = f->stages[i].out;
    return dim;
}

size_t folder_max_tokens(const struct nn_folder *f, size_t positions)
{
    return f->max_tokens && f->max_tokens < positions ? f->max_tokens : positions;
}

bool folder_is_unit(const struct nn_folder *f)
{
    return f->n_stages > 0 && f->stages[f->n_stages - 1].type == NN_STAGE_NORMALISE;
}
