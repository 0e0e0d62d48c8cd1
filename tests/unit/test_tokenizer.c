/* SPDX-License-Identifier: Apache-2.0
 *
 * nn/tokenizer: ids equal to the reference's for a small tokenizer in many settings
 * (golden/cases.json), and files that are refused with a reason. */
#include "tests/lib/test.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "nn/tokenizer/tokenizer.h"
#include "nn/tokenizer/trie.h"
#include "nn/tokenizer/unicode.h"

static const char *data_path(char room[4096], const char *name)
{
    const char *folder = getenv("VECTORIZE_TEST_DATA");
    snprintf(room, 4096, "%s/golden/%s", folder ? folder : "tests", name);
    return room;
}

static json_t *load_data(const char *name)
{
    struct vz_error err = { 0 };
    char path[4096];
    json_t *root = NULL;
    assert_ok(json_load_path(data_path(path, name), &root, &err), &err);
    return root;
}

static bool parse_tree(const json_t *tree, struct tokenizer **ret, struct vz_error *err)
{
    char *text = json_dumps(tree, JSON_ENCODE_ANY);
    bool ok = tokenizer_parse(str_of(text), ret, err);
    free(text);
    return ok;
}

static struct str text_of(const json_t *string)
{
    return (struct str){ json_string_value(string), json_string_length(string) };
}

/* The base with the keys of `change` in place of its own; a changed model keeps the vocabulary. */
static json_t *changed(const json_t *base, const json_t *change)
{
    json_t *tree = json_copy((json_t *)(uintptr_t)base);
    json_object_update(tree, (json_t *)(uintptr_t)change);
    json_t *model = json_object_get(tree, "model");
    if (!json_object_get(model, "vocab")) {
        json_t *vocab = json_object_get(json_object_get(base, "model"), "vocab");
        json_object_set(model, "vocab", vocab);
    }
    return tree;
}

static size_t wrong_ids(const struct tokens *out, const json_t *ids, const char *name, size_t at)
{
    bool same = out->count == json_array_size(ids);
    for (size_t i = 0; same && i < out->count; i++)
        same = out->ids[i] == json_integer_value(json_array_get(ids, i));
    if (!same)
        print_error("%s: text %zu: other ids\n", name, at);
    return !same;
}

static size_t wrong_texts(const struct tokenizer *t, const json_t *c)
{
    const char *name = json_string_value(json_object_get(c, "name"));
    struct tokens out = { 0 };
    size_t wrong = 0, at;
    json_t *row;
    json_array_foreach(json_object_get(c, "texts"), at, row)
    {
        size_t limit = (size_t)json_integer_value(json_array_get(row, 1));
        tokens_clear(&out);
        tokenizer_encode(t, text_of(json_array_get(row, 0)), limit, &out);
        wrong += wrong_ids(&out, json_array_get(row, 3), name, at);
        if ((json_int_t)out.dropped != json_integer_value(json_array_get(row, 2))) {
            print_error("%s: text %zu: %zu cut off\n", name, at, out.dropped);
            wrong++;
        }
    }
    tokens_free(&out);
    return wrong;
}

static void ids_are_the_references(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    json_t *root = load_data("cases.json"), *base = json_object_get(root, "base"), *c;
    size_t wrong = 0, at;
    json_array_foreach(json_object_get(root, "cases"), at, c)
    {
        json_t *tree = changed(base, json_object_get(c, "change"));
        struct tokenizer *t = NULL;
        if (!parse_tree(tree, &t, &err)) {
            print_error("%s: %s\n", json_string_value(json_object_get(c, "name")), err.message);
            wrong++;
        } else {
            wrong += wrong_texts(t, c);
        }
        tokenizer_close(t);
        json_decref(tree);
    }
    assert_true(at > 30);
    assert_int_equal(wrong, 0);
    json_decref(root);
}

#define MODEL                                                                                      \
    "\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\",\"continuing_subword_prefix\":"     \
    "\"##\",\"max_input_chars_per_word\":100,\"vocab\":{\"[UNK]\":0,\"a\":1,\"##b\":2}}"

/* Files that are refused, and a part of the reason. */
static const struct {
    const char *json, *reason;
} refused[] = {
    { "", "not valid JSON" },
    { "[]", "not an object" },
    { "{}", "\"model\" is missing" },
    { "{\"version\":\"2.0\"," MODEL "}", "version \"2.0\" is not supported" },
    { "{\"model\":{\"type\":\"BPE\"}}", "model: type \"BPE\" is not supported" },
    { "{\"model\":{\"type\":\"Unigram\"}}", "model: type \"Unigram\" is not supported" },
    { "{\"model\":{\"vocab\":{}}}", "model: \"type\" is missing" },
    { "{\"model\":{\"type\":\"WordPiece\"}}", "\"unk_token\" is missing" },
    { "{\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"u\",\"continuing_subword_prefix\":\"\","
      "\"max_input_chars_per_word\":1e30,\"vocab\":{}}}",
      "max_input_chars_per_word" },
    { "{\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"u\",\"continuing_subword_prefix\":\"\","
      "\"max_input_chars_per_word\":100,\"vocab\":{}}}",
      "the vocabulary is empty" },
    { "{\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"u\",\"continuing_subword_prefix\":\"\","
      "\"max_input_chars_per_word\":100,\"vocab\":{\"a\":0}}}",
      "\"unk_token\" \"u\" is not in the vocabulary" },
    { "{\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"u\",\"continuing_subword_prefix\":\"\","
      "\"max_input_chars_per_word\":100,\"vocab\":{\"u\":0,\"a\":0}}}",
      "id 0 is given to two tokens" },
    { "{\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"u\",\"continuing_subword_prefix\":\"\","
      "\"max_input_chars_per_word\":100,\"vocab\":{\"u\":-1}}}",
      "token \"u\" is not between" },
    { "{\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"u\",\"continuing_subword_prefix\":\"\","
      "\"max_input_chars_per_word\":100,\"vocab\":{\"u\":4294967296}}}",
      "token \"u\" is not between" },
    { "{\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"u\",\"continuing_subword_prefix\":\"\","
      "\"max_input_chars_per_word\":100,\"vocab\":{\"u\":2000000000}}}",
      "1 tokens but ids up to 2000000000" },
    { "{\"normalizer\":{}," MODEL "}", "normalizer: \"type\" is missing" },
    { "{\"normalizer\":{\"type\":\"Precompiled\"}," MODEL "}",
      "normalizer type \"Precompiled\" is not supported" },
    { "{\"normalizer\":{\"type\":\"BertNormalizer\",\"lowercase\":1}," MODEL "}",
      "normalizer \"BertNormalizer\": \"lowercase\"" },
    { "{\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"(\"},\"content\":\"\"}," MODEL
      "}",
      "normalizer \"Replace\": the regular expression is not valid at 1" },
    { "{\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"String\":\"\"},\"content\":\"\"}," MODEL
      "}",
      "the pattern is empty" },
    { "{\"normalizer\":{\"type\":\"Replace\",\"pattern\":{},\"content\":\"\"}," MODEL "}",
      "neither \"String\" nor \"Regex\"" },
    { "{\"pre_tokenizer\":{\"type\":\"ByteLevel\"}," MODEL "}",
      "pre_tokenizer type \"ByteLevel\" is not supported" },
    { "{\"pre_tokenizer\":{\"type\":\"Punctuation\",\"behavior\":\"x\"}," MODEL "}",
      "behavior \"x\" is not supported" },
    { "{\"post_processor\":{\"type\":\"ByteLevel\"}," MODEL "}",
      "post_processor type \"ByteLevel\" is not supported" },
    { "{\"post_processor\":{\"type\":\"BertProcessing\",\"cls\":[\"c\",7],\"sep\":[\"s\",1]}," MODEL
      "}",
      "id 7 is outside the vocabulary of 3" },
    { "{\"post_processor\":{\"type\":\"BertProcessing\",\"cls\":[],\"sep\":[\"s\",1]}," MODEL "}",
      "special token's id is not between" },
    { "{\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":"
      "\"c\"}}],\"special_tokens\":{}}," MODEL "}",
      "\"c\" is missing" },
    { "{\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[],\"special_tokens\":{}}"
      "," MODEL "}",
      "does not hold sequence A" },
    { "{\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{\"id\":"
      "\"B\"}}],\"special_tokens\":{}}," MODEL "}",
      "must hold sequence A" },
    { "{\"truncation\":{\"max_length\":5,\"direction\":\"Up\"}," MODEL "}", "direction \"Up\"" },
    { "{\"truncation\":{\"max_length\":-5}," MODEL "}", "truncation: \"max_length\" is -5" },
    { "{\"added_tokens\":{}," MODEL "}", "\"added_tokens\" is not an array" },
    { "{\"added_tokens\":[1]," MODEL "}", "added token 0" },
    { "{\"added_tokens\":[{\"id\":9,\"content\":\"a\"}]," MODEL "}",
      "added token \"a\": it has id 9, but its place in the vocabulary is 1" },
    { "{\"added_tokens\":[{\"id\":9,\"content\":\"new\"}]," MODEL "}",
      "added token \"new\": it has id 9, but its place in the vocabulary is 3" },
    { "{\"normalizer\":{\"type\":\"Lowercase\"},\"added_tokens\":[{\"id\":3,\"content\":\"X\"},"
      "{\"id\":4,\"content\":\"x\"}]," MODEL "}",
      "two added tokens are looked for as \"x\"" },
    { "{\"normalizer\":{\"type\":\"Strip\"},\"added_tokens\":[{\"id\":3,\"content\":\" \"}]," MODEL
      "}",
      "nothing is left" },
};

static void files_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        struct vz_error err = { 0 };
        struct tokenizer *t = NULL;
        assert_fails(tokenizer_parse(str_of(refused[i].json), &t, &err), &err, VZ_FORMAT,
                     refused[i].reason);
        assert_null(t);
    }
}

static void nesting_is_refused(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct tokenizer *t = NULL;
    struct buf b = buf_make(MIB);
    buf_puts(&b, "{" MODEL ",\"normalizer\":");
    for (int i = 0; i < 100; i++)
        buf_puts(&b, "{\"type\":\"Sequence\",\"normalizers\":[");
    buf_puts(&b, "{\"type\":\"NFC\"}");
    for (int i = 0; i < 100; i++)
        buf_puts(&b, "]}");
    buf_puts(&b, "}");
    assert_fails(tokenizer_parse(buf_str(&b), &t, &err), &err, VZ_FORMAT, "nested too deeply");
    buf_free(&b);
}

/* Thirty steps that each double a text. */
static void growth_is_refused(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct tokenizer *t = NULL;
    struct buf b = buf_make(MIB);
    buf_puts(&b, "{" MODEL ",\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[");
    for (int i = 0; i < 30; i++)
        buf_printf(&b, "%s{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"aa\"}",
                   i ? "," : "");
    buf_puts(&b, "]}}");
    assert_fails(tokenizer_parse(buf_str(&b), &t, &err), &err, VZ_FORMAT, "times as long");
    buf_free(&b);
}

/* A text of 40 MB of words, spaces that an added token takes, and marks; then a short one. */
static void long_texts_give_their_memory_back(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct tokenizer *t = NULL;
    assert_ok(tokenizer_parse(STR_LIT("{\"normalizer\":{\"type\":\"NFC\"},\"pre_tokenizer\":{"
                                      "\"type\":\"WhitespaceSplit\"},\"added_tokens\":[{\"id\":3,"
                                      "\"content\":\"  \",\"rstrip\":true}]," MODEL "}"),
                              &t, &err),
              &err);
    size_t len = 40 * MIB;
    char *long_text = xcalloc(len, 1);
    memset(long_text, ' ', len);
    for (size_t i = 0; i < len / 2; i += 2)
        long_text[i] = 'a';
    memcpy(long_text, "\xcc\x81", 2);
    struct tokens out = { 0 };
    tokenizer_encode(t, (struct str){ long_text, len }, 0, &out);
    assert_true(out.count > 10 * MIB);
    tokens_clear(&out);
    assert_true(out.room < MIB);
    tokenizer_encode(t, STR_LIT("a"), 0, &out);
    assert_int_equal(out.count, 1);
    tokens_free(&out);
    xfree(long_text);
    tokenizer_close(t);
}

static struct tokenizer *small_tokenizer(void)
{
    struct vz_error err = { 0 };
    struct tokenizer *t = NULL;
    assert_ok(tokenizer_parse(STR_LIT("{\"normalizer\":{\"type\":\"BertNormalizer\"},"
                                      "\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"},"
                                      "\"post_processor\":{\"type\":\"BertProcessing\",\"cls\":"
                                      "[\"a\",1],\"sep\":[\"a\",2]}," MODEL "}"),
                              &t, &err),
              &err);
    return t;
}

static const struct {
    const char *config, *reason; /* NULL: it agrees */
} configs[] = {
    { "{}", NULL },
    { "{\"do_lower_case\":true,\"strip_accents\":null,\"truncation_side\":\"right\"}", NULL },
    { "{\"do_lower_case\":false}", "\"do_lower_case\" is false, but" },
    { "{\"strip_accents\":false}", "\"strip_accents\" is false, but" },
    { "{\"tokenize_chinese_chars\":false}", "\"handle_chinese_chars\" true" },
    { "{\"truncation_side\":\"left\"}", "in tokenizer.json it is right" },
    { "{\"do_lower_case\":\"no\"}", "\"do_lower_case\" is a string" },
    { "{\"do_lower_case\":false,\"tokenizer_class\":\"PreTrainedTokenizerFast\"}", NULL },
};

static void configs_must_agree(void **state)
{
    (void)state;
    struct tokenizer *t = small_tokenizer();
    char path[] = "/tmp/vectorize-test-XXXXXX";
    close(mkstemp(path));
    for (size_t i = 0; i < ARRAY_LEN(configs); i++) {
        struct vz_error err = { 0 };
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        fputs(configs[i].config, f);
        fclose(f);
        if (configs[i].reason)
            assert_fails(tokenizer_check_config(t, path, &err), &err, VZ_FORMAT, configs[i].reason);
        else
            assert_ok(tokenizer_check_config(t, path, &err), &err);
    }
    unlink(path);
    struct vz_error err = { 0 };
    assert_ok(tokenizer_check_config(t, path, &err), &err); // not there
    tokenizer_close(t);
}

static void encode_appends(void **state)
{
    (void)state;
    struct tokenizer *t = small_tokenizer();
    struct tokens out = { 0 };
    tokenizer_encode(t, STR_LIT("ab"), 0, &out);
    tokenizer_encode(t, STR_LIT("A a a"), 3, &out);
    const int32_t want[] = { 1, 1, 2, 2, 1, 1, 2 };
    assert_int_equal(out.count, ARRAY_LEN(want));
    assert_memory_equal(out.ids, want, sizeof want);
    assert_int_equal(out.dropped, 2);
    tokens_free(&out);
    tokenizer_close(t);
}

static void special_tokens_stay_whatever_the_limit(void **state)
{
    (void)state;
    struct tokenizer *t = small_tokenizer();
    struct tokens out = { 0 };
    for (size_t limit = 1; limit <= 2; limit++) {
        tokens_clear(&out);
        tokenizer_encode(t, STR_LIT("a b c"), limit, &out);
        assert_int_equal(out.count, 2);
        assert_int_equal(out.dropped, 3);
    }
    tokens_free(&out);
    tokenizer_close(t);
}

/* A megabyte of marks of falling classes: quadratic ordering would take minutes. */
static void long_runs_of_marks_are_ordered(void **state)
{
    (void)state;
    struct tokenizer *t = small_tokenizer();
    struct buf b = buf_make(4 * MIB);
    for (int i = 0; i < 100000; i++)
        buf_puts(&b, "\xf0\x9d\x85\xa5\xe1\xad\x84"); // U+1D165 (216) and U+1B44 (9), both kept
    struct tokens out = { 0 };
    tokenizer_encode(t, buf_str(&b), 0, &out);
    assert_int_equal(out.count, 3); // one word, too long
    tokens_free(&out);
    buf_free(&b);
    tokenizer_close(t);
}

static void trie_finds_the_longest(void **state)
{
    (void)state;
    struct trie_entry entries[300];
    char keys[300][4];
    size_t n = 0;
    for (int c = 1; c < 256; c++, n++) { // more children than are searched one by one
        int len = snprintf(keys[n], sizeof keys[n], "x%c", c);
        entries[n] = (struct trie_entry){ { keys[n], (size_t)len }, c };
    }
    entries[n++] = (struct trie_entry){ STR_LIT("xab"), 900 };
    entries[n++] = (struct trie_entry){ STR_LIT("x"), 901 };
    struct trie t;
    struct str twice;
    assert_true(trie_build(&t, entries, n, &twice));
    size_t len = 0;
    for (int c = 1; c < 256; c++) {
        char text[3] = { 'x', (char)c, 'z' };
        assert_int_equal(trie_longest(&t, TRIE_ROOT, (struct str){ text, 3 }, &len), c);
        assert_int_equal(len, 2);
    }
    assert_int_equal(trie_longest(&t, TRIE_ROOT, STR_LIT("xabc"), &len), 900);
    assert_int_equal(len, 3);
    assert_int_equal(trie_longest(&t, TRIE_ROOT, STR_LIT("x"), &len), 901);
    assert_int_equal(trie_longest(&t, TRIE_ROOT, STR_LIT("y"), &len), -1);
    assert_int_equal(trie_find(&t, STR_LIT("xab")), 900);
    assert_int_equal(trie_find(&t, STR_LIT("xabc")), -1);
    trie_done(&t);
    entries[0].key = entries[1].key = STR_LIT("twin");
    assert_false(trie_build(&t, entries, n, &twice));
    assert_true(str_is(twice, "twin"));
}

static void unicode_is_the_references(void **state)
{
    (void)state;
    uint32_t to[UNICODE_DECOMPOSED_MAX];
    unicode_init();
    assert_int_equal(unicode_class('a') & (UNICODE_WORD | UNICODE_PUNCT), UNICODE_WORD);
    assert_true(unicode_class(0x10FFFD) & UNICODE_DROP);
    assert_int_equal(unicode_lower(0x130, to), 2);
    assert_int_equal(to[1], 0x307);
    assert_int_equal(unicode_lower(0x3A3, to), 1);
    assert_int_equal(to[0], 0x3C3); // never the final form
    assert_int_equal(unicode_decompose(0x1EAD, false, to), 3);
    // Newer than the reference's tables: neither taken apart nor put together.
    assert_int_equal(unicode_decompose(0x11938, false, to), 1);
    assert_int_equal(unicode_compose(0x11935, 0x11930), 0);
    assert_int_equal(unicode_compose('e', 0x301), 0xE9);
    assert_int_equal(unicode_compose(0x1112, 0x1161), 0xD558);
    assert_int_equal(unicode_compose(0x915, 0x93C), 0); // excluded from composition
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_the_references),
        cmocka_unit_test(files_are_refused),
        cmocka_unit_test(nesting_is_refused),
        cmocka_unit_test(growth_is_refused),
        cmocka_unit_test(long_texts_give_their_memory_back),
        cmocka_unit_test(configs_must_agree),
        cmocka_unit_test(encode_appends),
        cmocka_unit_test(special_tokens_stay_whatever_the_limit),
        cmocka_unit_test(long_runs_of_marks_are_ordered),
        cmocka_unit_test(trie_finds_the_longest),
        cmocka_unit_test(unicode_is_the_references),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
