/* SPDX-License-Identifier: Apache-2.0
 *
 * Encoding allocates nothing once its buffers have grown: neither by itself nor in the libraries
 * under it, in any script. This program's own malloc counts the calls. Needs all-MiniLM-L6-v2 as
 * $VECTORIZE_TEST_MODEL. */
#include "tests/lib/test.h"

#include <dlfcn.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "nn/tokenizer/tokenizer.h"
#include "tests/lib/real_tokenizer.h"

static size_t calls;

/* The C library's own, that this program's stands in front of. */
static void *next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

void *malloc(size_t size)
{
    static void *(*real)(size_t);
    if (!real)
        *(void **)&real = next("malloc");
    calls++;
    return real(size);
}

void *realloc(void *p, size_t size)
{
    static void *(*real)(void *, size_t);
    if (!real)
        *(void **)&real = next("realloc");
    calls++;
    return real(p, size);
}

void *calloc(size_t count, size_t size)
{
    static void *(*real)(size_t, size_t);
    if (!real)
        *(void **)&real = next("calloc");
    calls++;
    return real(count, size);
}

/* All lines of one file, each as a text; how many calls there were. */
static size_t calls_for(const struct tokenizer *t, struct str lines, struct tokens *out)
{
    size_t before = calls;
    while (lines.len > 0) {
        struct str_cut cut = str_cut(lines, '\n');
        tokens_clear(out);
        tokenizer_encode(t, cut.head, 256, out);
        assert_true(out->count >= 2);
        lines = cut.tail;
    }
    return calls - before;
}

static void allocates_nothing_on(const struct tokenizer *t, const char *name)
{
    struct vz_error err = { 0 };
    struct buf texts = buf_make(LIMIT_JSON_FILE), path = buf_make(4096);
    struct tokens out = { 0 };
    const char *folder = getenv("VECTORIZE_TEST_DATA");
    buf_printf(&path, "%s/%s", folder ? folder : "tests", name);
    assert_ok(file_read(path.p, &texts, &err), &err);
    assert_true(calls_for(t, buf_str(&texts), &out) > 0); // the counter counts
    assert_int_equal(calls_for(t, buf_str(&texts), &out), 0);
    tokens_free(&out);
    buf_free(&texts);
    buf_free(&path);
}

static void encoding_allocates_nothing(void **state)
{
    static const char *const files[] = {
        "golden/texts.jsonl",         "golden/scripts/accents.txt", "golden/scripts/arabic.txt",
        "golden/scripts/chinese.txt", "golden/scripts/emoji.txt",   "golden/scripts/greek.txt",
        "golden/scripts/hebrew.txt",  "golden/scripts/hindi.txt",   "golden/scripts/japanese.txt",
        "golden/scripts/korean.txt",  "golden/scripts/mixed.txt",   "golden/scripts/russian.txt",
        "golden/scripts/thai.txt",
    };
    const char *path = *state;
    struct vz_error err = { 0 };
    struct tokenizer *t = NULL;
    assert_ok(tokenizer_open(path, &t, &err), &err);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        allocates_nothing_on(t, files[i]);
    tokenizer_close(t);
}

int main(void)
{
    char path[4096];
    if (!find_real_tokenizer(path, sizeof path))
        return 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(encoding_allocates_nothing, path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
