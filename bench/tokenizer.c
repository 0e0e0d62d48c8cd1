/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens a second of one core: opens a tokenizer.json, encodes every line of a file again and
 * again for some seconds of CPU time, and prints the median over the rounds as CSV.
 *
 *     bench_tokenizer model/tokenizer.json texts.txt [SECONDS]
 *
 * Lines that are JSON strings (tests/golden/texts.jsonl) are taken as such. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "nn/tokenizer/tokenizer.h"
#include "bench/bench.h"

#define ROUNDS_MAX 1000

struct texts {
    struct str *at;
    size_t count, bytes;
};

/* A line as a text: itself, or the string that it spells in JSON. */
static struct str text_of(struct str line)
{
    struct vz_error err = { 0 };
    json_t *j = NULL;
    if (!str_starts(line, "\"") || !json_load_str(line, &j, &err))
        return line;
    struct str text = { NULL, json_string_length(j) };
    char *copy = xcalloc(text.len + 1, 1); // for the life of the program
    if (text.len)
        memcpy(copy, json_string_value(j), text.len);
    json_decref(j);
    text.p = copy;
    return text;
}

static struct texts read_texts(struct str all)
{
    struct texts t = { 0 };
    size_t room = 0;
    while (all.len > 0) {
        struct str_cut cut = str_cut(all, '\n');
        all = cut.tail;
        if (t.count == room) {
            room = room ? room * 2 : 1024;
            t.at = xrealloc(t.at, room, sizeof *t.at);
        }
        struct str text = text_of(cut.head);
        if (!utf8_is_valid(text))
            continue;
        t.at[t.count++] = text;
        t.bytes += text.len;
    }
    return t;
}

/* Seconds of one round; the ids of all texts are counted. */
static double encode_all(const struct tokenizer *t, const struct texts *texts, struct tokens *out,
                         size_t *ret_tokens)
{
    double start = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
    size_t tokens = 0;
    for (size_t i = 0; i < texts->count; i++) {
        tokens_clear(out);
        tokenizer_encode(t, texts->at[i], 0, out);
        tokens += out->count;
    }
    *ret_tokens = tokens;
    return cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - start;
}

static void measure(const struct tokenizer *t, const struct texts *texts, double seconds)
{
    static double rounds[ROUNDS_MAX];
    struct tokens out = { 0 };
    size_t tokens = 0, n = 0;
    encode_all(t, texts, &out, &tokens);
    for (double left = seconds; n < ROUNDS_MAX && left > 0; n++) {
        rounds[n] = encode_all(t, texts, &out, &tokens);
        left -= rounds[n];
    }
    tokens_free(&out);
    qsort(rounds, n, sizeof *rounds, by_value);
    double median = rounds[n / 2];
    printf("texts,bytes,tokens,seconds,tokens_per_second,megabytes_per_second\n");
    printf("%zu,%zu,%zu,%.6f,%.0f,%.1f\n", texts->count, texts->bytes, tokens, median,
           (double)tokens / median, (double)texts->bytes / median * 1e-6);
}

static bool run(const char *model, const char *file, double seconds, struct vz_error *err)
{
    struct tokenizer *t = NULL;
    struct buf all = buf_make(GIB);
    double start = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
    if (!tokenizer_open(model, &t, err) || !file_read(file, &all, err))
        return false;
    fprintf(stderr, "opened in %.0f ms\n", (cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - start) * 1e3);
    struct texts texts = read_texts(buf_str(&all));
    if (texts.count == 0)
        return vz_fail(err, VZ_USAGE, "\"%s\" holds no text", file);
    measure(t, &texts, seconds);
    xfree(texts.at);
    buf_free(&all);
    tokenizer_close(t);
    return true;
}

int main(int argc, char **argv)
{
    struct vz_error err = { 0 };
    if (argc < 3) {
        fprintf(stderr, "usage: %s TOKENIZER_JSON TEXTS [SECONDS]\n", argv[0]);
        return (int)VZ_EXIT_USAGE;
    }
    if (!run(argv[1], argv[2], argc > 3 ? strtod(argv[3], NULL) : 2.0, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return (int)vz_exit_code(&err);
    }
    return VZ_EXIT_DONE;
}
