/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts from a file through threads: what a text is, in which order results come, and what has
 * been given when something fails. */
#include "cmd/stream.h"
#include "tests/lib/test.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"

/* What came out of a run, a line each. */
struct sink {
    struct buf out;
    const char *poison;     /* text that work fails on, or NULL */
    const char *emit_limit; /* text after which emit fails, or NULL */
    atomic_bool *cancel;    /* set by the first emit, or NULL */
    size_t batches;
};

static bool work(void *arg, size_t worker, const struct texts_batch *in, struct stream_result *ret,
                 struct vz_error *err)
{
    const struct sink *s = arg;
    // Later batches overtake earlier ones.
    clock_sleep_ms(worker == 0 ? 2 : 0);
    for (; ret->texts < in->count; ret->texts++) {
        struct str text = { in->texts[ret->texts].text, in->texts[ret->texts].len };
        if (s->poison && str_is(text, s->poison))
            return vz_fail(err, VZ_ENCODER_FAILED, "poison on %s", in->texts[ret->texts].key);
        buf_printf(&ret->out, "%.*s\n", STR_ARGS(text));
    }
    return true;
}

static bool emit(void *arg, const struct stream_result *r, struct vz_error *err)
{
    struct sink *s = arg;
    buf_add(&s->out, r->out.p, r->out.len);
    s->batches++;
    if (s->cancel)
        atomic_store(s->cancel, true);
    if (s->emit_limit && strstr(s->out.p, s->emit_limit))
        return vz_fail(err, VZ_IO, "no more room");
    return true;
}

static bool idle(void *arg, struct vz_error *err)
{
    (void)arg, (void)err;
    return true;
}

static bool run(struct str input, enum texts_format format, size_t threads, struct sink *s,
                struct vz_error *err)
{
    char path[] = "/tmp/test_stream.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, input.p, input.len), (ssize_t)input.len);
    close(fd);
    struct texts *in = NULL;
    assert_ok(texts_open(path, format, s->cancel, &in, err), err);
    unlink(path);
    s->out = buf_make(1 << 26);
    struct stream_job job = {
        .threads = threads, .arg = s, .work = work, .emit = emit, .idle = idle
    };
    bool ok = stream_run(in, &job, err);
    texts_close(in);
    return ok;
}

/* "1\n2\n…count\n" */
static struct buf numbers(int count)
{
    struct buf b = buf_make(1 << 26);
    for (int i = 1; i <= count; i++)
        buf_printf(&b, "%d\n", i);
    return b;
}

static void assert_out(struct sink *s, const char *expected)
{
    assert_string_equal(s->out.p ? s->out.p : "", expected);
    buf_free(&s->out);
}

static void order_is_kept_by_any_number_of_threads(void **state)
{
    (void)state;
    VZ_CLEANUP(buf_free) struct buf in = numbers(20000);
    for (size_t threads = 1; threads <= 7; threads += 3) {
        struct sink s = { 0 };
        struct vz_error err;
        assert_ok(run(buf_str(&in), TEXTS_LINES, threads, &s, &err), &err);
        assert_true(s.batches >= 20000 / TEXTS_MOST);
        assert_out(&s, in.p);
    }
}

static void every_line_is_a_text(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        { "", "" },
        { "\n", "\n" },
        { "a", "a\n" },
        { "a\n", "a\n" },
        { "a\n\n\nb\n", "a\n\n\nb\n" },
        { "a\r\nb\r\n\r\n", "a\nb\n\n" },
        { "a\rb\n", "a\rb\n" },
        { "last\r", "last\r\n" },
        { " \t x \n", " \t x \n" },
        { "\xef\xbb\xbfgr\xc3\xbc\xc3\x9f\n", "\xef\xbb\xbfgr\xc3\xbc\xc3\x9f\n" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct sink s = { 0 };
        struct vz_error err;
        assert_ok(run(str_of(cases[i].in), TEXTS_LINES, 2, &s, &err), &err);
        assert_out(&s, cases[i].out);
    }
}

static void long_lines_go_through_whole(void **state)
{
    (void)state;
    VZ_CLEANUP(buf_free) struct buf in = buf_make(1 << 26);
    for (int line = 0; line < 5; line++) {
        for (int i = 0; i < 400000; i++)
            buf_putc(&in, (char)('a' + (i + line) % 26));
        buf_puts(&in, "\nshort\n");
    }
    struct sink s = { 0 };
    struct vz_error err;
    assert_ok(run(buf_str(&in), TEXTS_LINES, 3, &s, &err), &err);
    assert_out(&s, in.p);
}

static void json_lines_are_strings_or_objects(void **state)
{
    (void)state;
    struct sink s = { 0 };
    struct vz_error err;
    const char *in = "\"a\\tb\"\n{\"id\": 3, \"text\": \"\\u00e9\"}\r\n  \"\"  \n{\"text\":\"z\"}";
    assert_ok(run(str_of(in), TEXTS_JSONL, 2, &s, &err), &err);
    assert_out(&s, "a\tb\n\xc3\xa9\n\nz\n");

    static const char *const wrong[] = {
        "3", "null",        "[\"a\"]",          "{}",          "{\"text\":1}", "\"a", "",
        "a", "\"a\" \"b\"", "{\"Text\":\"a\"}", "\"\\ud800\"", "\"\xff\""
    };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        VZ_CLEANUP(buf_free) struct buf lines = buf_make(1000);
        buf_printf(&lines, "\"good\"\n%s\n\"not reached\"\n", wrong[i]);
        struct sink t = { 0 };
        assert_fails(run(buf_str(&lines), TEXTS_JSONL, 2, &t, &err), &err, VZ_FORMAT, "line 2 of");
        assert_out(&t, "good\n");
    }
}

static void a_bad_line_comes_after_all_before_it(void **state)
{
    (void)state;
    VZ_CLEANUP(buf_free) struct buf in = numbers(3000);
    struct sink s = { 0 };
    struct vz_error err;
    size_t good = in.len;
    buf_puts(&in, "ok \xc3(\nnot reached\n");
    assert_fails(run(buf_str(&in), TEXTS_LINES, 3, &s, &err), &err, VZ_FORMAT, "line 3001 of");
    assert_non_null(strstr(err.message, "not valid UTF-8 at byte 4"));
    assert_int_equal(s.out.len, good);
    buf_free(&s.out);
}

static void a_failing_text_comes_after_all_before_it(void **state)
{
    (void)state;
    VZ_CLEANUP(buf_free) struct buf in = numbers(3000);
    struct sink s = { .poison = "2500" };
    struct vz_error err;
    assert_fails(run(buf_str(&in), TEXTS_LINES, 3, &s, &err), &err, VZ_ENCODER_FAILED,
                 "poison on line 2500");
    VZ_CLEANUP(buf_free) struct buf expected = numbers(2499);
    assert_out(&s, expected.p);
}

static void nothing_goes_out_after_a_failed_write(void **state)
{
    (void)state;
    VZ_CLEANUP(buf_free) struct buf in = numbers(100000);
    struct sink s = { .emit_limit = "\n1000\n" };
    struct vz_error err;
    assert_fails(run(buf_str(&in), TEXTS_LINES, 3, &s, &err), &err, VZ_IO, "no more room");
    assert_null(strstr(s.out.p, "\n2000\n"));
    buf_free(&s.out);
}

static void cancelling_ends_the_run(void **state)
{
    (void)state;
    VZ_CLEANUP(buf_free) struct buf in = numbers(1000000);
    atomic_bool cancel = false;
    struct sink s = { .cancel = &cancel };
    struct vz_error err;
    assert_fails(run(buf_str(&in), TEXTS_LINES, 2, &s, &err), &err, VZ_CANCELLED, "interrupted");
    assert_true(s.out.len < in.len);
    assert_memory_equal(s.out.p, in.p, s.out.len);
    buf_free(&s.out);
}

static void a_missing_file_is_named(void **state)
{
    (void)state;
    struct texts *in = NULL;
    struct vz_error err;
    assert_fails(texts_open("/no/such/file", TEXTS_LINES, NULL, &in, &err), &err, VZ_IO,
                 "could not open \"/no/such/file\": No such file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_kept_by_any_number_of_threads),
        cmocka_unit_test(every_line_is_a_text),
        cmocka_unit_test(long_lines_go_through_whole),
        cmocka_unit_test(json_lines_are_strings_or_objects),
        cmocka_unit_test(a_bad_line_comes_after_all_before_it),
        cmocka_unit_test(a_failing_text_comes_after_all_before_it),
        cmocka_unit_test(nothing_goes_out_after_a_failed_write),
        cmocka_unit_test(cancelling_ends_the_run),
        cmocka_unit_test(a_missing_file_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
