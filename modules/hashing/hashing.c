/* SPDX-License-Identifier: Apache-2.0
 *
 * Encoder "hashing": words and their character n-grams, hashed into a vector. No model, no
 * training: two texts are near when they are written alike, so names and codes are found in
 * spite of typos. Built apart from the program, from the ABI's header and the C library alone.
 *
 * A text is a set of words (letters and digits between anything else, in lower case). A word
 * "cat" has the features [cat], and for n-grams of 3 to 5 <ca cat at> <cat cat> <cat>, with marks
 * for its ends. Each feature adds 1 or -1, by a bit of its hash, to the component that the rest
 * of the hash picks; so what falls together by chance cancels out on average. The row is then
 * scaled to length 1. (Weinberger et al., Feature Hashing for Large Scale Multitask Learning;
 * Bojanowski et al., Enriching Word Vectors with Subword Information.)
 *
 * Vectors depend on every constant here: who changes one changes .version with it. */
#include <vectorize/encoder.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NGRAM_MAX 8

struct options {
    int64_t dim, ngram_min, ngram_max;
};

static const struct vz_option option_rows[] = {
    { .name = "dim",
      .type = VZ_OPTION_INT,
      .offset = VZ_OFFSET(struct options, dim, int64_t),
      .min = 8,
      .max = 16000,
      .initial = "256",
      .value = "N",
      .help = "components of a vector" },
    { .name = "ngram-min",
      .type = VZ_OPTION_INT,
      .offset = VZ_OFFSET(struct options, ngram_min, int64_t),
      .min = 1,
      .max = NGRAM_MAX,
      .initial = "3",
      .value = "N",
      .help = "characters of the shortest n-grams, ends of the word included" },
    { .name = "ngram-max",
      .type = VZ_OPTION_INT,
      .offset = VZ_OFFSET(struct options, ngram_max, int64_t),
      .min = 1,
      .max = NGRAM_MAX,
      .initial = "5",
      .value = "N",
      .help = "characters of the longest n-grams" },
    { 0 },
};

struct handle {
    const struct vz_host *host;
    struct options options;
};

static void *hashing_open(const struct vz_host *host, const void *options)
{
    const struct options *o = options;
    if (o->ngram_min > o->ngram_max) {
        host->fail(host, VZ_USAGE, "encoder \"hashing\": ngram-min is larger than ngram-max");
        return NULL;
    }
    struct handle *h = malloc(sizeof *h);
    if (!h) {
        host->fail(host, VZ_RETRY, "encoder \"hashing\": out of memory");
        return NULL;
    }
    *h = (struct handle){ host, *o };
    return h;
}

static void hashing_close(void *handle)
{
    free(handle);
}

static int hashing_describe(void *handle, struct vz_encoder_info *ret)
{
    const struct options *o = &((const struct handle *)handle)->options;
    ret->dim = (uint32_t)o->dim;
    ret->unit_length = true;
    ret->metric = VZ_COSINE;
    snprintf(ret->kind, sizeof ret->kind, "words and n-grams of %d to %d characters",
             (int)o->ngram_min, (int)o->ngram_max);
    return 0;
}

/* One code point of valid UTF-8. */
static uint32_t next_char(const unsigned char **at)
{
    const unsigned char *p = *at;
    int more = p[0] < 0x80 ? 0 : p[0] < 0xE0 ? 1 : p[0] < 0xF0 ? 2 : 3;
    uint32_t code = more ? p[0] & (0x3Fu >> more) : p[0];
    for (int i = 1; i <= more; i++)
        code = code << 6 | (p[i] & 0x3F);
    *at += 1 + more;
    return code;
}

/* Ranges whose every `step`th character becomes small by adding `distance`: the scripts of
 * Europe. Others have no case, or keep it. */
static const struct {
    uint32_t first, last, step, distance;
} capitals[] = {
    { 'A', 'Z', 1, 32 },      { 0xC0, 0xD6, 1, 32 },     { 0xD8, 0xDE, 1, 32 },
    { 0x100, 0x12E, 2, 1 },   { 0x132, 0x136, 2, 1 },    { 0x139, 0x147, 2, 1 },
    { 0x14A, 0x176, 2, 1 },   { 0x179, 0x17D, 2, 1 },    { 0x391, 0x3A9, 1, 32 },
    { 0x400, 0x40F, 1, 80 },  { 0x410, 0x42F, 1, 32 },   { 0x1E00, 0x1E94, 2, 1 },
    { 0x1EA0, 0x1EFE, 2, 1 }, { 0xFF21, 0xFF3A, 1, 32 },
};

static uint32_t to_small(uint32_t code)
{
    for (size_t i = 0; i < sizeof capitals / sizeof capitals[0]; i++)
        if (code >= capitals[i].first && code <= capitals[i].last)
            return (code - capitals[i].first) % capitals[i].step ? code
                                                                 : code + capitals[i].distance;
    return code;
}

/* What stands between words: past ASCII, blocks of spaces and punctuation. */
static bool is_between(uint32_t code)
{
    if (code < 0x80)
        return !((code >= '0' && code <= '9') || (code >= 'a' && code <= 'z') ||
                 (code >= 'A' && code <= 'Z'));
    return (code <= 0xBF && code != 0xAA && code != 0xB5 && code != 0xBA) || code == 0xD7 ||
           code == 0xF7 || (code >= 0x2000 && code <= 0x206F) ||
           (code >= 0x3000 && code <= 0x303F && code != 0x3005) || code == 0xFEFF ||
           (code >= 0xFF01 && code <= 0xFF0F) || (code >= 0xFF1A && code <= 0xFF20);
}

/* Ends of a word; past Unicode, so that no text contains them. */
#define WORD_BEGIN 0x110000
#define WORD_END 0x110001

/* Where a hash of a whole word starts; n-grams of n characters start at n. */
#define WORD_SEED 100
#define TEXT_SEED 200

static uint64_t hash_step(uint64_t h, uint32_t code)
{
    h = (h ^ code) * 0x9E3779B97F4A7C15u;
    return h ^ h >> 32;
}

/* The finaliser of MurmurHash3: every bit of the result depends on every bit of `h`. */
static uint64_t hash_end(uint64_t h)
{
    h = (h ^ h >> 33) * 0xFF51AFD7ED558CCDu;
    h = (h ^ h >> 33) * 0xC4CEB9FE1A85EC53u;
    return h ^ h >> 33;
}

static void add_feature(float *row, uint32_t dim, uint64_t h)
{
    h = hash_end(h);
    row[(h >> 32) * dim >> 32] += h & 1 ? 1.0F : -1.0F;
}

/* A word as it is read: its last characters and the hash of all of them. */
struct word {
    uint32_t last[NGRAM_MAX]; /* a ring: character i is at i % NGRAM_MAX */
    size_t count;             /* characters so far, ends included */
    uint64_t hash;
};

/* The n-grams that end with this character. */
static void add_char(struct word *w, uint32_t code, const struct options *o, float *row)
{
    w->last[w->count++ % NGRAM_MAX] = code;
    for (size_t n = (size_t)o->ngram_min; n <= (size_t)o->ngram_max && n <= w->count; n++) {
        uint64_t h = n;
        for (size_t i = w->count - n; i < w->count; i++)
            h = hash_step(h, w->last[i % NGRAM_MAX]);
        add_feature(row, (uint32_t)o->dim, h);
    }
}

static void end_word(struct word *w, const struct options *o, float *row)
{
    if (w->count == 0)
        return;
    add_char(w, WORD_END, o, row);
    add_feature(row, (uint32_t)o->dim, w->hash);
    w->count = 0;
}

static void add_words(const struct vz_text *text, const struct options *o, float *row)
{
    struct word w = { .count = 0 };
    const unsigned char *at = (const unsigned char *)text->text, *end = at + text->len;
    while (at < end) {
        uint32_t code = next_char(&at);
        if (is_between(code)) {
            end_word(&w, o, row);
            continue;
        }
        if (w.count == 0) {
            w.hash = WORD_SEED;
            add_char(&w, WORD_BEGIN, o, row);
        }
        code = to_small(code);
        w.hash = hash_step(w.hash, code);
        add_char(&w, code, o, row);
    }
    end_word(&w, o, row);
}

/* For a text without a word, or whose features cancel out: its bytes as one feature. */
static void add_bytes(const struct vz_text *text, uint32_t dim, float *row)
{
    uint64_t h = TEXT_SEED;
    for (size_t i = 0; i < text->len; i++)
        h = hash_step(h, (unsigned char)text->text[i]);
    add_feature(row, dim, h);
}

static double square_length(const float *row, uint32_t dim)
{
    double sum = 0;
    for (uint32_t i = 0; i < dim; i++)
        sum += (double)row[i] * row[i];
    return sum;
}

static void encode_text(const struct vz_text *text, const struct options *o, float *row)
{
    uint32_t dim = (uint32_t)o->dim;
    memset(row, 0, dim * sizeof *row);
    if (text->len > 0)
        add_words(text, o, row);
    double sum = square_length(row, dim);
    if (sum == 0) {
        add_bytes(text, dim, row);
        sum = 1;
    }
    double scale = 1 / sqrt(sum);
    for (uint32_t i = 0; i < dim; i++)
        row[i] = (float)(row[i] * scale);
}

static int hashing_encode(void *handle, const struct vz_text *texts, size_t count,
                          enum vz_role role, float *ret_rows, struct vz_text_info *ret_info)
{
    const struct handle *h = handle;
    (void)role; // no prompts: a query is a text like any other
    for (size_t i = 0; i < count; i++) {
        if (h->host->cancelled(h->host)) {
            h->host->fail(h->host, VZ_CANCELLED, "interrupted");
            return -1;
        }
        encode_text(&texts[i], &h->options, ret_rows + i * (size_t)h->options.dim);
        if (ret_info)
            ret_info[i] = (struct vz_text_info){ 0 };
    }
    return 0;
}

static const struct vz_encoder hashing = {
    VZ_ENCODER_HEAD,
    .name = "hashing",
    .version = "1",
    .summary = "words and character n-grams, hashed; finds names and codes in spite of typos",
    .threading = VZ_PARALLEL,
    .options_size = sizeof(struct options),
    .options = option_rows,
    .main_option = "dim",
    .open = hashing_open,
    .close = hashing_close,
    .describe = hashing_describe,
    .encode = hashing_encode,
};
VZ_ENCODER_EXPORT(hashing)
