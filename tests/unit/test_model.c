/* SPDX-License-Identifier: Apache-2.0
 *
 * nn/model: whole folders. Small random BERTs in every shape of the family against vectors that
 * sentence-transformers made (golden/make_vectors.py), rows that do not depend on batch, order
 * and threads, and folders that are wrong. */
#include "tests/lib/golden.h"

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nn/kernel/kernel.h"

/* ---- small models of every shape ---- */

static struct nn_model *open_tiny(const char *name, const char *prompt_name)
{
    char *folder = path_of("tiny/%s", name);
    struct nn_model *m = open_model(folder, prompt_name);
    xfree(folder);
    return m;
}

static void assert_rows(const float *rows, const json_t *expected, size_t dim, const char *what)
{
    for (size_t i = 0; i < json_array_size(expected); i++) {
        const json_t *row = json_array_get(expected, i);
        assert_int_equal(json_array_size(row), dim);
        for (size_t d = 0; d < dim; d++) {
            double wanted = json_number_value(json_array_get(row, d));
            if (!(fabs((double)rows[i * dim + d] - wanted) <= 2e-5 * fmax(1, fabs(wanted)))) {
                print_error("%s: text %zu, component %zu: %.9g, not %.9g\n", what, i, d,
                            (double)rows[i * dim + d], wanted);
                fail();
            }
        }
    }
}

static void family_agrees_with_sentence_transformers(void **state)
{
    (void)state;
    static const char *const names[] = { "mean",    "cls",    "poolings", "dense",
                                         "sharded", "prefix", "prompts",  "bare" };
    const struct nn_kernels *tables[8];
    size_t n_tables = nn_kernels_available(tables, ARRAY_LEN(tables)), n = 0;
    json_t *list = load(path_of("tiny/texts.json"));
    struct vz_text *texts = texts_of(list, &n);
    for (size_t i = 0; i < ARRAY_LEN(names) * n_tables; i++) {
        const char *name = names[i / n_tables];
        assert_true(nn_kernels_force(tables[i % n_tables]->name));
        struct nn_model *m = open_tiny(name, NULL);
        json_t *expected = load(path_of("tiny/%s/expected.json", name));
        float *documents = encode(m, texts, n, VZ_DOCUMENT),
              *queries = encode(m, texts, n, VZ_QUERY);
        assert_rows(documents, json_object_get(expected, "document"), dim_of(m), name);
        assert_rows(queries, json_object_get(expected, "query"), dim_of(m), name);
        xfree(documents), xfree(queries);
        json_decref(expected);
        nn_model_close(m);
    }
    assert_true(nn_kernels_force(NULL));
    xfree(texts);
    json_decref(list);
}

static void a_named_prompt_serves_both_roles(void **state)
{
    (void)state;
    size_t n = 0;
    struct vz_error err = { 0 };
    struct nn_model *m = open_tiny("prompts", "odd"), *other = NULL;
    json_t *list = load(path_of("tiny/texts.json"));
    json_t *expected = load(path_of("tiny/prompts/expected.json"));
    struct vz_text *texts = texts_of(list, &n);
    float *rows = encode(m, texts, n, VZ_QUERY);
    assert_rows(rows, json_object_get(expected, "odd"), dim_of(m), "odd prompt");
    xfree(rows), xfree(texts);
    json_decref(list), json_decref(expected);
    nn_model_close(m);

    char *folder = path_of("tiny/prompts");
    const struct nn_settings s = { .threads = 1, .prompt_name = "none such" };
    assert_fails(nn_model_open(folder, &s, &other, &err), &err, VZ_CONFIG,
                 "no prompt \"none such\"");
    assert_non_null(strstr(err.hint, "\"query\""));
    xfree(folder);
}

static void info_and_peek_agree(void **state)
{
    (void)state;
    static const struct {
        const char *name, *kind;
        uint32_t dim, max_tokens;
        bool unit;
        enum vz_metric metric;
    } cases[] = {
        { "mean", "BERT, 2 layers, mean pooling", 32, 40, true, VZ_COSINE },
        { "dense", "BERT, 2 layers, mean pooling", 7, 40, false, VZ_COSINE },
        { "cls", "BERT, 2 layers, cls pooling", 32, 40, false, VZ_COSINE },
        { "prompts", "BERT, 2 layers, mean pooling", 32, 40, true, VZ_INNER_PRODUCT },
        { "bare", "BERT, 2 layers, mean pooling", 32, 48, false, VZ_COSINE },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct vz_error err = { 0 };
        struct vz_encoder_info a, b;
        char *folder = path_of("tiny/%s", cases[i].name);
        struct nn_model *m = open_model(folder, NULL);
        nn_model_info(m, &a);
        assert_true(nn_model_is_ours(folder));
        assert_ok(nn_model_peek(folder, &b, &err), &err);
        assert_memory_equal(&a, &b, sizeof a);
        assert_string_equal(a.kind, cases[i].kind);
        assert_int_equal(a.dim, cases[i].dim);
        assert_int_equal(a.max_tokens, cases[i].max_tokens);
        assert_int_equal(a.unit_length, cases[i].unit);
        assert_int_equal(a.metric, cases[i].metric);
        nn_model_close(m);
        xfree(folder);
    }
}

static void tokens_are_counted(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct vz_text_info info = { 0 };
    struct nn_model *m = open_tiny("mean", NULL);
    struct buf text = buf_make(4096);
    int32_t ids[64] = { 0 };
    size_t n = 0;
    for (int i = 0; i < 100; i++)
        buf_puts(&text, "the ");
    const struct vz_text t = { "", text.p, text.len };
    assert_ok(nn_model_tokenize(m, &t, VZ_DOCUMENT, ids, 3, &n, &info, &err), &err);
    assert_int_equal(n, 40);
    assert_int_equal(ids[0], 2);
    assert_int_equal(ids[3], 0); // no room was given for it
    assert_int_equal(info.tokens, 40);
    assert_int_equal(info.dropped, 62);
    assert_true(nn_model_flop(m, 2) > 2 * nn_model_flop(m, 1));
    buf_free(&text);
    nn_model_close(m);
}

static void vectors_do_not_depend_on_their_batch(void **state)
{
    (void)state;
    const struct nn_kernels *tables[8];
    size_t n_tables = nn_kernels_available(tables, ARRAY_LEN(tables)), n = 0;
    json_t *list = golden_texts(2000);
    struct vz_text *texts = texts_of(list, &n);
    for (size_t t = 0; t < n_tables; t++) {
        assert_true(nn_kernels_force(tables[t]->name));
        static const char *const names[] = { "poolings", "cls" };
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
            struct nn_model *m = open_tiny(names[i], NULL);
            assert_same_in_any_batch(m, texts, t == 0 ? 200 : n);
            nn_model_close(m);
        }
    }
    assert_true(nn_kernels_force(NULL));
    xfree(texts);
    json_decref(list);
}

/* Asked once a batch. */
static bool count_batches(void *arg)
{
    ++*(int *)arg;
    return false;
}

static void the_same_text_is_encoded_once(void **state)
{
    (void)state;
    static const char *const words[] = { "the cat sat", "a dog", "the cat sat on the mat" };
    struct vz_text texts[900];
    int batches = 0;
    struct vz_error err = { 0 };
    struct nn_model *m = NULL;
    struct nn_settings settings = { .threads = 1,
                                    .cancelled = count_batches,
                                    .cancelled_arg = &batches };
    char *folder = path_of("tiny/mean");
    assert_ok(nn_model_open(folder, &settings, &m, &err), &err);
    size_t dim = dim_of(m), n = ARRAY_LEN(texts), kinds = ARRAY_LEN(words);
    for (size_t i = 0; i < n; i++)
        texts[i] = (struct vz_text){ "", words[i % kinds], strlen(words[i % kinds]) };
    float *rows = encode(m, texts, n, VZ_DOCUMENT);
    assert_int_equal(batches, 1);
    for (size_t i = kinds; i < n; i++)
        assert_memory_equal(rows + i * dim, rows + i % kinds * dim, dim * sizeof *rows);
    for (size_t i = 0; i < kinds; i++) {
        float *alone = encode(m, &texts[i], 1, VZ_DOCUMENT);
        assert_memory_equal(rows + i * dim, alone, dim * sizeof *rows);
        xfree(alone);
    }
    xfree(rows), xfree(folder);
    nn_model_close(m);
}

/* ---- folders that are wrong ---- */

static char folder[64];

static void write_file(const char *name, const char *content)
{
    struct buf path = buf_make(4096);
    buf_printf(&path, "%s/%s", folder, name);
    FILE *f = fopen(path.p, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(content, 1, strlen(content), f), strlen(content));
    assert_int_equal(fclose(f), 0);
    buf_free(&path);
}

static const char *const parts[] = { "config.json",
                                     "model.safetensors",
                                     "tokenizer.json",
                                     "modules.json",
                                     "1_Pooling/config.json",
                                     "sentence_bert_config.json",
                                     "config_sentence_transformers.json",
                                     "tokenizer_config.json" };

/* Links to the files of tiny/mean. */
static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/test_model.XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    char sub[100], to[160];
    snprintf(sub, sizeof sub, "%s/1_Pooling", folder);
    mkdir(sub, 0700);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        char *from = path_of("tiny/mean/%s", parts[i]);
        snprintf(to, sizeof to, "%s/%s", folder, parts[i]);
        if (file_is_regular(from))
            assert_int_equal(symlink(from, to), 0);
        xfree(from);
    }
    return 0;
}

static void unlink_part(const char *name)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    unlink(path);
}

static int remove_folder(void **state)
{
    (void)state;
    char sub[100];
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        unlink_part(parts[i]);
    snprintf(sub, sizeof sub, "%s/1_Pooling", folder);
    rmdir(sub);
    return rmdir(folder);
}

#define MODULE(path, type)                                                                         \
    "{\"path\":\"" path "\",\"type\":\"sentence_transformers.models." type "\"}"

static void wrong_folders_are_refused(void **state)
{
    static const struct {
        const char *file, *content; /* NULL: no such file */
        const char *part;
    } cases[] = {
        { "config.json", NULL, "config.json" },
        { "config.json", "{", "not valid JSON" },
        { "config.json", "{\"model_type\":\"roberta\"}",
          "config.json\": \"model_type\" \"roberta\"" },
        { "config.json",
          "{\"model_type\":\"bert\",\"vocab_size\":92,\"hidden_size\":64,\"num_hidden_layers\":2,"
          "\"num_attention_heads\":4,\"intermediate_size\":48,\"max_position_embeddings\":48}",
          "model.safetensors\": tensor \"embeddings.word_embeddings.weight\"" },
        { "config.json",
          "{\"model_type\":\"bert\",\"vocab_size\":94,\"hidden_size\":32,\"num_hidden_layers\":2,"
          "\"num_attention_heads\":4,\"intermediate_size\":262144,"
          "\"max_position_embeddings\":48}",
          "is 48 x 32, its config says 262144 x 32" },
        { "config.json",
          "{\"model_type\":\"bert\",\"vocab_size\":94,\"hidden_size\":32,\"num_hidden_layers\":3,"
          "\"num_attention_heads\":4,\"intermediate_size\":48,"
          "\"max_position_embeddings\":48}",
          "tensor \"encoder.layer.2.attention.self.query.weight\" is missing" },
        { "model.safetensors", NULL, "model.safetensors" },
        { "model.safetensors", "not weights at all", "model.safetensors" },
        { "tokenizer.json", NULL, "tokenizer.json" },
        { "tokenizer.json", "{}", "tokenizer.json" },
        { "modules.json", "{}", "modules.json\": not a list" },
        { "modules.json", "[]", "not a list" },
        { "modules.json", "[1]", "\"type\"" },
        { "modules.json", "[" MODULE("", "Transformer") "]", "no Pooling" },
        { "modules.json", "[" MODULE("", "StaticEmbedding") "]", "only a Transformer" },
        { "modules.json", "[" MODULE("../x", "Transformer") "]", "out of the folder" },
        { "modules.json", "[" MODULE("/x", "Transformer") "]", "out of the folder" },
        { "modules.json", "[" MODULE("", "Transformer") "," MODULE("x", "LSTM") "]",
          "LSTM\" is not supported" },
        { "modules.json", "[" MODULE("", "Transformer") "," MODULE("x", "Normalize") "]",
          "before the Pooling" },
        { "modules.json",
          "[" MODULE("", "Transformer") "," MODULE("1_Pooling",
                                                   "Pooling") "," MODULE("1_Pooling",
                                                                         "Pooling") "]",
          "second Pooling" },
        { "modules.json",
          "[" MODULE("", "Transformer") "," MODULE("1_Pooling",
                                                   "Pooling") ",{\"path\":\"x\","
                                                              "\"type\":\"evil.Code\"}]",
          "evil.Code" },
        { "modules.json",
          "[" MODULE("", "Transformer") "," MODULE("1_Pooling", "Pooling") "," MODULE("1_Pooling",
                                                                                      "Dense") "]",
          "\"in_features\" is missing" },
        { "1_Pooling/config.json", NULL, "1_Pooling/config.json" },
        { "1_Pooling/config.json", "{\"pooling_mode\":\"median\"}", "\"median\"" },
        { "1_Pooling/config.json", "{\"pooling_mode\":[]}", "names no pooling" },
        { "1_Pooling/config.json", "{\"word_embedding_dimension\":31}", "31 components" },
        { "sentence_bert_config.json", "{\"max_seq_length\":0}", "max_seq_length" },
        { "sentence_bert_config.json", "{\"max_seq_length\":\"x\"}", "max_seq_length" },
        { "config_sentence_transformers.json", "{\"prompts\":[]}", "\"prompts\"" },
        { "config_sentence_transformers.json", "{\"prompts\":{\"a\":1}}", "not a text" },
        { "config_sentence_transformers.json", "{\"default_prompt_name\":\"a\"}", "not among" },
        { "config_sentence_transformers.json", "{\"similarity_fn_name\":\"manhattan\"}",
          "manhattan" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct vz_error err = { 0 };
        struct nn_model *m = NULL;
        assert_int_equal(make_folder(state), 0);
        unlink_part(cases[i].file);
        if (cases[i].content)
            write_file(cases[i].file, cases[i].content);
        assert_false(nn_model_open(folder, &(struct nn_settings){ .threads = 1 }, &m, &err));
        if (!strstr(err.message, cases[i].part)) {
            print_error("case %zu: \"%s\" does not contain \"%s\"\n", i, err.message,
                        cases[i].part);
            fail();
        }
        assert_true(err.kind == VZ_FORMAT || err.kind == VZ_IO);
        assert_int_equal(remove_folder(state), 0);
    }
}

/* "do_lower_case" is a step that the tokenizer has, or an error. */
static void lower_case_is_not_forgotten(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct nn_model *m = NULL;
    unlink_part("sentence_bert_config.json");
    write_file("sentence_bert_config.json", "{\"max_seq_length\":40,\"do_lower_case\":true}");
    nn_model_close(open_model(folder, NULL));
    unlink_part("tokenizer.json");
    write_file("tokenizer.json", "{\"normalizer\":null}");
    assert_fails(nn_model_open(folder, &(struct nn_settings){ .threads = 1 }, &m, &err), &err,
                 VZ_FORMAT, "do_lower_case");
}

/* Folders without a limit of their own say so with a number past all integers. */
static void no_limit_is_the_positions(void **state)
{
    (void)state;
    struct vz_encoder_info info;
    unlink_part("sentence_bert_config.json");
    unlink_part("tokenizer_config.json");
    write_file("tokenizer_config.json", "{\"model_max_length\": 1000000000000000019884624838656}");
    struct nn_model *m = open_model(folder, NULL);
    nn_model_info(m, &info);
    assert_int_equal(info.max_tokens, 48);
    nn_model_close(m);
}

/* ---- the fingerprint ---- */

static void fingerprint_in(enum nn_precision precision, const char *cache, char ret[65])
{
    struct vz_error err = { 0 };
    struct nn_model *m = NULL;
    const struct nn_settings s = { .threads = 1, .precision = precision, .cache_folder = cache };
    assert_ok(nn_model_open(folder, &s, &m, &err), &err);
    assert_ok(nn_model_fingerprint(m, ret, &err), &err);
    nn_model_close(m);
}

static void fingerprint_of(const char *cache, char ret[65])
{
    fingerprint_in(NN_FP32, cache, ret);
}

static void fingerprints_follow_the_files(void **state)
{
    (void)state;
    char first[65], again[65], other[65], cache[100], sub[140], command[300];
    snprintf(cache, sizeof cache, "%s/cache", folder);
    snprintf(sub, sizeof sub, "%s/fingerprints", cache);
    fingerprint_of(NULL, first);
    assert_int_equal(strlen(first), 64);
    fingerprint_of(cache, again); // makes the cache
    assert_string_equal(first, again);
    assert_true(file_is_folder(sub));
    fingerprint_of(cache, again); // reads it
    assert_string_equal(first, again);
    // The cache holds the files' part alone: a precision goes in after it.
    char in[NN_PRECISIONS][65];
    for (int p = NN_FP32; p < NN_PRECISIONS; p++) {
        fingerprint_in((enum nn_precision)p, cache, in[p]);
        fingerprint_in((enum nn_precision)p, NULL, again);
        assert_string_equal(in[p], again);
    }
    assert_string_equal(in[NN_FP32], first);
    assert_string_not_equal(in[NN_BF16], first);
    assert_string_not_equal(in[NN_INT8], first);
    assert_string_not_equal(in[NN_INT8], in[NN_BF16]);
    unlink_part("1_Pooling/config.json");
    write_file("1_Pooling/config.json", "{\"pooling_mode\":\"cls\"}");
    fingerprint_of(cache, other);
    assert_string_not_equal(first, other);
    snprintf(command, sizeof command, "rm -r '%s'", cache);
    assert_int_equal(system(command), 0);
}

/* Small random models in every precision: near to fp32, the same in any batch. */
static void precisions_serve_the_family(void **state)
{
    (void)state;
    static const char *const names[] = { "mean", "cls", "dense", "prompts" };
    size_t n = 0;
    json_t *list = load(path_of("tiny/texts.json"));
    struct vz_text *texts = texts_of(list, &n);
    for (size_t i = 0; i < ARRAY_LEN(names) * NN_PRECISIONS; i++) {
        char *path = path_of("tiny/%s", names[i / NN_PRECISIONS]);
        enum nn_precision precision = (enum nn_precision)(i % NN_PRECISIONS);
        struct nn_model *m = open_model_in(precision, path, NULL), *exact = open_model(path, NULL);
        float *rows = encode(m, texts, n, VZ_DOCUMENT),
              *wanted = encode(exact, texts, n, VZ_DOCUMENT);
        size_t dim = dim_of(m);
        for (size_t t = 0; t < n; t++) {
            double cosine = cosine_of_rows(rows + t * dim, wanted + t * dim, dim);
            assert_true(cosine > (precision == NN_INT8 ? 0.99 : 0.999));
        }
        assert_int_equal(memcmp(rows, wanted, n * dim * sizeof *rows) == 0, precision == NN_FP32);
        xfree(rows), xfree(wanted), xfree(path);
        nn_model_close(m);
        nn_model_close(exact);
    }
    xfree(texts);
    json_decref(list);
}

static bool yes(void *arg)
{
    (void)arg;
    return true;
}

static void a_call_can_be_cancelled(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct nn_model *m = NULL;
    float row[32];
    const struct nn_settings s = { .threads = 1, .cancelled = yes };
    const struct vz_text t = { "", "a", 1 };
    assert_ok(nn_model_open(folder, &s, &m, &err), &err);
    assert_fails(nn_model_encode(m, &t, 1, VZ_DOCUMENT, row, NULL, &err), &err, VZ_CANCELLED,
                 "interrupted");
    nn_model_close(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(family_agrees_with_sentence_transformers),
        cmocka_unit_test(a_named_prompt_serves_both_roles),
        cmocka_unit_test(info_and_peek_agree),
        cmocka_unit_test(tokens_are_counted),
        cmocka_unit_test(vectors_do_not_depend_on_their_batch),
        cmocka_unit_test(the_same_text_is_encoded_once),
        cmocka_unit_test(precisions_serve_the_family),
        cmocka_unit_test(wrong_folders_are_refused),
        cmocka_unit_test_setup_teardown(lower_case_is_not_forgotten, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(no_limit_is_the_positions, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(fingerprints_follow_the_files, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_call_can_be_cancelled, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
