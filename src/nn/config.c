/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading config.json. */
#include "nn/config.h"

#include <math.h>
#include <string.h>

#include "base/limits.h"

#define MAX_WIDTH 65536
#define MAX_LAYERS 1024
#define MAX_POSITIONS (1 << 20)
#define MAX_VOCAB (1 << 26)

static const struct {
    const char *name;
    enum nn_act act;
} acts[] = {
    { "gelu", NN_GELU },          { "gelu_python", NN_GELU },
    { "gelu_new", NN_GELU_TANH }, { "gelu_pytorch_tanh", NN_GELU_TANH },
    { "relu", NN_RELU },
};

bool config_act(const char *name, enum nn_act *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
        if (strcmp(name, acts[i].name) == 0) {
            *ret = acts[i].act;
            return true;
        }
    }
    return false;
}

static bool want_size(const json_t *root, const char *key, int64_t max, size_t *ret,
                      struct vz_error *err)
{
    int64_t n = 0;
    if (!json_want_int(root, key, 1, max, &n, err))
        return false;
    *ret = (size_t)n;
    return true;
}

/* Settings that change the computation and are not computed here. */
static bool refuse_other_models(const json_t *root, struct vz_error *err)
{
    const char *type = NULL, *positions = "absolute";
    bool decoder = false, cross = false;
    if (!json_want_string(root, "model_type", &type, err))
        return false;
    if (strcmp(type, "bert") != 0)
        return vz_fail(err, VZ_FORMAT, "\"model_type\" \"%.64s\" is not supported, only \"bert\"",
                       type);
    if (!json_opt_string(root, "position_embedding_type", &positions, err) ||
        !json_opt_bool(root, "is_decoder", &decoder, err) ||
        !json_opt_bool(root, "add_cross_attention", &cross, err))
        return false;
    if (strcmp(positions, "absolute") != 0)
        return vz_fail(err, VZ_FORMAT,
                       "\"position_embedding_type\" \"%.64s\" is not supported, only \"absolute\"",
                       positions);
    if (decoder || cross)
        return vz_fail(err, VZ_FORMAT, "a decoder (\"%s\") is not supported",
                       decoder ? "is_decoder" : "add_cross_attention");
    return true;
}

static bool read_act(const json_t *root, enum nn_act *ret, struct vz_error *err)
{
    const char *name = "gelu";
    if (!json_opt_string(root, "hidden_act", &name, err))
        return false;
    if (!config_act(name, ret))
        return vz_fail(err, VZ_FORMAT, "\"hidden_act\" \"%.64s\" is not supported", name);
    return true;
}

static bool read_eps(const json_t *root, float *ret, struct vz_error *err)
{
    double eps = 1e-12;
    if (!json_opt_number(root, "layer_norm_eps", &eps, err))
        return false;
    if (!((float)eps > 0 && eps < 1)) // 1e-60 is none as a float
        return vz_fail(err, VZ_FORMAT, "\"layer_norm_eps\" is %g, not between 0 and 1", eps);
    *ret = (float)eps;
    return true;
}

bool config_read(const json_t *root, struct nn_config *ret, struct vz_error *err)
{
    struct nn_config c = { 0 };
    int64_t types = 2;
    if (!json_is_object(root))
        return vz_fail(err, VZ_FORMAT, "not a JSON object");
    if (!refuse_other_models(root, err) ||
        !want_size(root, "vocab_size", MAX_VOCAB, &c.vocab, err) ||
        !want_size(root, "hidden_size", MAX_WIDTH, &c.hidden, err) ||
        !want_size(root, "num_hidden_layers", MAX_LAYERS, &c.layers, err) ||
        !want_size(root, "num_attention_heads", MAX_WIDTH, &c.heads, err) ||
        !want_size(root, "intermediate_size", 4 * MAX_WIDTH, &c.intermediate, err) ||
        !want_size(root, "max_position_embeddings", MAX_POSITIONS, &c.positions, err) ||
        !json_opt_int(root, "type_vocab_size", 1, 1024, &types, err) ||
        !read_act(root, &c.act, err) || !read_eps(root, &c.eps, err))
        return false;
    c.types = (size_t)types;
    if (c.hidden % c.heads != 0)
        return vz_fail(err, VZ_FORMAT,
                       "\"hidden_size\" %zu is not a multiple of \"num_attention_heads\" %zu",
                       c.hidden, c.heads);
    *ret = c;
    return true;
}

bool config_parse(struct str json, struct nn_config *ret, struct vz_error *err)
{
    VZ_CLEANUP(json_decref_at) json_t *root = NULL;
    return json_load_str(json, &root, err) && config_read(root, ret, err);
}
