/* SPDX-License-Identifier: Apache-2.0
 *
 * Token ids of a real model for 2,000 texts, as sentence-transformers gives them
 * (golden/texts.jsonl, golden/ids.bin). Needs all-MiniLM-L6-v2 as $VECTORIZE_TEST_MODEL. */
#include "tests/lib/test.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "nn/tokenizer/tokenizer.h"
#include "tests/lib/real_tokenizer.h"

static const char *data_path(char room[4096], const char *name)
{
    const char *folder = getenv("VECTORIZE_TEST_DATA");
    snprintf(room, 4096, "%s/golden/%s", folder ? folder : "tests", name);
    return room;
}

/* The next line of a file in memory; false at its end. */
static bool next_line(struct str *rest, struct str *ret)
{
    if (rest->len == 0)
        return false;
    struct str_cut cut = str_cut(*rest, '\n');
    *ret = cut.head;
    *rest = cut.tail;
    return true;
}

static size_t compare_golden(const struct tokenizer *t, struct str lines, struct str golden,
                             size_t *ret_texts)
{
    const unsigned char *ids = (const unsigned char *)golden.p, *end = ids + golden.len;
    struct tokens out = { 0 };
    struct str line;
    size_t wrong = 0, texts = 0;
    for (; next_line(&lines, &line); texts++) {
        struct vz_error err = { 0 };
        json_t *string = NULL;
        assert_ok(json_load_str(line, &string, &err), &err);
        tokens_clear(&out);
        tokenizer_encode(t, (struct str){ json_string_value(string), json_string_length(string) },
                         256, &out);
        assert_true(end - ids >= 2);
        size_t count = (size_t)(ids[0] | ids[1] << 8);
        assert_true((size_t)(end - ids) >= 2 + 2 * count);
        bool same = out.count == count;
        for (size_t i = 0; same && i < count; i++)
            same = out.ids[i] == (ids[2 + 2 * i] | ids[3 + 2 * i] << 8);
        if (!same)
            print_error("texts.jsonl, line %zu: other ids\n", texts + 1);
        wrong += !same;
        ids += 2 + 2 * count;
        json_decref(string);
    }
    tokens_free(&out);
    assert_true(ids == end);
    *ret_texts = texts;
    return wrong;
}

static void ids_of_a_real_model(void **state)
{
    const char *path = *state;
    char data[4096];
    struct vz_error err = { 0 };
    struct tokenizer *t = NULL;
    struct buf texts = buf_make(LIMIT_JSON_FILE), ids = buf_make(LIMIT_JSON_FILE);
    assert_ok(tokenizer_open(path, &t, &err), &err);
    assert_int_equal(tokenizer_vocab_size(t), 30522);
    assert_int_equal(tokenizer_own_limit(t), 128);
    assert_ok(file_read(data_path(data, "texts.jsonl"), &texts, &err), &err);
    assert_ok(file_read(data_path(data, "ids.bin"), &ids, &err), &err);
    size_t count = 0;
    size_t wrong = compare_golden(t, buf_str(&texts), buf_str(&ids), &count);
    assert_int_equal(wrong, 0);
    assert_int_equal(count, 2000);
    buf_free(&texts);
    buf_free(&ids);
    tokenizer_close(t);
}

int main(void)
{
    char path[4096];
    if (!find_real_tokenizer(path, sizeof path))
        return 0;
    const struct CMUnitTest tests[] = { cmocka_unit_test_prestate(ids_of_a_real_model, path) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
