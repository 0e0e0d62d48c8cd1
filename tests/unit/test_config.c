/* SPDX-License-Identifier: Apache-2.0
 *
 * nn/config: what a BERT's config.json must say, and what is refused. */
#include "tests/lib/test.h"

#include "nn/config.h"

#define SIZES                                                                                      \
    "\"vocab_size\":10,\"hidden_size\":8,\"num_hidden_layers\":2,\"num_attention_heads\":2,"       \
    "\"intermediate_size\":16,\"max_position_embeddings\":12"

static void a_bert_is_read(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct nn_config c = { 0 };
    assert_ok(config_parse(STR_LIT("{\"model_type\":\"bert\"," SIZES "}"), &c, &err), &err);
    assert_int_equal(c.vocab, 10);
    assert_int_equal(c.hidden, 8);
    assert_int_equal(c.layers, 2);
    assert_int_equal(c.heads, 2);
    assert_int_equal(c.intermediate, 16);
    assert_int_equal(c.positions, 12);
    assert_int_equal(c.types, 2);
    assert_int_equal(c.act, NN_GELU);
    assert_true(c.eps == 1e-12f);
}

static void settings_are_kept(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct nn_config c = { 0 };
    assert_ok(config_parse(STR_LIT("{\"model_type\":\"bert\"," SIZES
                                   ",\"hidden_act\":\"gelu_new\",\"layer_norm_eps\":1e-5,"
                                   "\"type_vocab_size\":1,\"is_decoder\":false,"
                                   "\"position_embedding_type\":\"absolute\"}"),
                           &c, &err),
              &err);
    assert_int_equal(c.act, NN_GELU_TANH);
    assert_int_equal(c.types, 1);
    assert_true(c.eps == 1e-5f);
}

static void others_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *json, *part;
    } cases[] = {
        { "[]", "not a JSON object" },
        { "{", "not valid JSON" },
        { "{" SIZES "}", "\"model_type\" is missing" },
        { "{\"model_type\":\"roberta\"," SIZES "}", "\"roberta\" is not supported" },
        { "{\"model_type\":\"bert\"}", "\"vocab_size\" is missing" },
        { "{\"model_type\":\"bert\",\"hidden_act\":\"mish\"," SIZES "}", "\"mish\"" },
        { "{\"model_type\":\"bert\",\"position_embedding_type\":\"relative_key\"," SIZES "}",
          "\"relative_key\" is not supported" },
        { "{\"model_type\":\"bert\",\"is_decoder\":true," SIZES "}", "is_decoder" },
        { "{\"model_type\":\"bert\",\"add_cross_attention\":true," SIZES "}", "cross_attention" },
        { "{\"model_type\":\"bert\",\"layer_norm_eps\":0," SIZES "}", "layer_norm_eps" },
        { "{\"model_type\":\"bert\",\"layer_norm_eps\":\"x\"," SIZES "}", "layer_norm_eps" },
        { "{\"model_type\":\"bert\",\"type_vocab_size\":0," SIZES "}", "type_vocab_size" },
        { "{\"model_type\":\"bert\",\"vocab_size\":0,\"hidden_size\":8}", "vocab_size" },
        { "{\"model_type\":\"bert\",\"vocab_size\":99999999999}", "vocab_size" },
        { "{\"model_type\":\"bert\",\"vocab_size\":1,\"hidden_size\":1e300}", "hidden_size" },
        { "{\"model_type\":\"bert\",\"vocab_size\":1,\"hidden_size\":8,\"num_hidden_layers\":1,"
          "\"num_attention_heads\":3,\"intermediate_size\":1,\"max_position_embeddings\":1}",
          "not a multiple" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct vz_error err = { 0 };
        struct nn_config c = { 0 };
        assert_fails(config_parse(str_of(cases[i].json), &c, &err), &err, VZ_FORMAT, cases[i].part);
    }
}

static void activations_have_their_names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum nn_act act;
    } cases[] = { { "gelu", NN_GELU },
                  { "gelu_python", NN_GELU },
                  { "gelu_new", NN_GELU_TANH },
                  { "gelu_pytorch_tanh", NN_GELU_TANH },
                  { "relu", NN_RELU } };
    enum nn_act act = NN_IDENTITY;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_true(config_act(cases[i].name, &act));
        assert_int_equal(act, cases[i].act);
    }
    assert_false(config_act("silu", &act));
    assert_false(config_act("", &act));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bert_is_read),
        cmocka_unit_test(settings_are_kept),
        cmocka_unit_test(others_are_refused),
        cmocka_unit_test(activations_have_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
