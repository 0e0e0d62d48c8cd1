/* SPDX-License-Identifier: Apache-2.0
 *
 * The same list of demands on every encoder: `conformance REFERENCE…` checks each. For a module's
 * author this is the whole acceptance test. TAP on standard output. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "encoder/encoder.h"

enum { N_TEXTS = 9, THREADS = 4, ROUNDS = 5 };

static char huge[200000];
static const struct vz_text texts[N_TEXTS] = {
    { "(1)", "the quick brown fox jumps over the lazy dog", 43 },
    { "(2)", "x", 1 },
    { "(3)",
      "Stra\xc3\x9f"
      "e, na\xc3\xafve caf\xc3\xa9",
      22 },
    { "(4)", "\xe6\x9d\xb1\xe4\xba\xac \xf0\x9f\x98\x80", 11 },
    { "(5)", "nul \0 inside", 12 },
    { "(6)", ".", 1 },
    { "(7)", huge, sizeof huge },
    { "(8)", "the quick brown fox jumps over the lazy dog", 43 },
    { "(9)", "\xe2\x80\x8b\x01", 4 },
};

struct subject {
    const char *reference;
    struct encoder *e;
    uint32_t dim;
    float *expected; /* [N_TEXTS, dim], encoded one by one */
};

/* Largest difference over the length: 1e-6 is what encoder.h allows for another batch. */
static double distance(const float *a, const float *b, uint32_t dim)
{
    double d = 0, n = 0;
    for (uint32_t i = 0; i < dim; i++) {
        d = fmax(d, fabs((double)a[i] - b[i]));
        n += (double)a[i] * a[i];
    }
    return d / sqrt(n);
}

static bool open_subject(struct subject *s, struct vz_error *err)
{
    struct encoder_settings settings = { .threads = THREADS };
    if (!encoder_open(s->reference, &settings, &s->e, err))
        return false;
    s->dim = encoder_info(s->e)->dim;
    return true;
}

static bool check_describe(struct subject *s, struct vz_error *err)
{
    struct vz_encoder_info again = { 0 };
    if (encoder_module(s->e)->name == NULL || s->dim == 0)
        return vz_fail(err, VZ_BUG, "no name or no dimension");
    struct subject second = { .reference = s->reference };
    if (!open_subject(&second, err))
        return false;
    again = *encoder_info(second.e);
    encoder_close(second.e);
    if (again.dim != s->dim || again.max_tokens != encoder_info(s->e)->max_tokens)
        return vz_fail(err, VZ_BUG, "describe differs from one opening to the next");
    return true;
}

static bool check_single(struct subject *s, struct vz_error *err)
{
    s->expected = xcalloc((size_t)N_TEXTS * s->dim, sizeof *s->expected);
    for (int i = 0; i < N_TEXTS; i++)
        if (!encoder_encode(s->e, &texts[i], 1, VZ_DOCUMENT, s->expected + (size_t)i * s->dim, NULL,
                            err))
            return false;
    if (memcmp(s->expected, s->expected + 7 * (size_t)s->dim, s->dim * sizeof(float)) != 0)
        return vz_fail(err, VZ_BUG, "the same text twice gives two vectors");
    return true;
}

static bool compare(const struct subject *s, const float *rows, const char *how,
                    struct vz_error *err)
{
    for (int i = 0; i < N_TEXTS; i++) {
        size_t at = (size_t)i * s->dim;
        double d = distance(s->expected + at, rows + at, s->dim);
        if (!(d <= 1e-6))
            return vz_fail(err, VZ_BUG, "text %d %s differs by %g", i, how, d);
    }
    return true;
}

static bool check_batch(struct subject *s, struct vz_error *err)
{
    float *rows = xcalloc((size_t)N_TEXTS * s->dim, sizeof *rows);
    struct vz_text_info info[N_TEXTS];
    bool ok = encoder_encode(s->e, texts, N_TEXTS, VZ_DOCUMENT, rows, info, err) &&
              compare(s, rows, "in a batch", err);
    uint32_t limit = encoder_info(s->e)->max_tokens;
    for (int i = 0; ok && limit && i < N_TEXTS; i++)
        if (info[i].tokens > limit)
            ok = vz_fail(err, VZ_BUG, "text %d: more tokens than the limit", i);
    if (ok && limit && limit < sizeof huge / 4 && info[6].dropped == 0)
        ok = vz_fail(err, VZ_BUG, "a text of %zu bytes was cut and nothing said so", sizeof huge);
    xfree(rows);
    return ok;
}

static bool check_unit_length(struct subject *s, struct vz_error *err)
{
    for (int i = 0; encoder_info(s->e)->unit_length && i < N_TEXTS; i++) {
        double n = 0;
        for (uint32_t d = 0; d < s->dim; d++)
            n += pow(s->expected[(size_t)i * s->dim + d], 2);
        if (fabs(sqrt(n) - 1) > 1e-5)
            return vz_fail(err, VZ_BUG, "text %d: length %g, said to be 1", i, sqrt(n));
    }
    return true;
}

static bool check_query_role(struct subject *s, struct vz_error *err)
{
    float *row = xcalloc(s->dim, sizeof *row);
    bool ok = encoder_encode(s->e, texts, 1, VZ_QUERY, row, NULL, err);
    const struct vz_encoder_info *info = encoder_info(s->e);
    bool same_prompt = strcmp(info->query_prompt, info->document_prompt) == 0;
    if (ok && same_prompt && !(distance(s->expected, row, s->dim) <= 1e-6))
        ok = vz_fail(err, VZ_BUG, "the roles have one prompt and two vectors");
    xfree(row);
    return ok;
}

static void *encode_rounds(void *arg)
{
    struct subject *s = arg;
    struct vz_error *err = xcalloc(1, sizeof *err);
    float *rows = xcalloc((size_t)N_TEXTS * s->dim, sizeof *rows);
    bool ok = true;
    for (int r = 0; ok && r < ROUNDS; r++)
        ok = encoder_encode(s->e, texts, N_TEXTS, VZ_DOCUMENT, rows, NULL, err) &&
             compare(s, rows, "from another thread", err);
    xfree(rows);
    if (!ok)
        return err;
    xfree(err);
    return NULL;
}

static bool check_threads(struct subject *s, struct vz_error *err)
{
    pthread_t threads[THREADS];
    bool ok = true;
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, encode_rounds, s) != 0)
            return vz_fail(err, VZ_IO, "could not start a thread");
    for (int i = 0; i < THREADS; i++) {
        void *failure = NULL;
        pthread_join(threads[i], &failure);
        if (failure) {
            *err = *(struct vz_error *)failure;
            xfree(failure);
            ok = false;
        }
    }
    return ok;
}

static bool check_fingerprint(struct subject *s, struct vz_error *err)
{
    char a[65], b[65];
    struct subject second = { .reference = s->reference };
    if (!encoder_fingerprint(s->e, a, err) || !open_subject(&second, err))
        return false;
    bool ok = encoder_fingerprint(second.e, b, err);
    encoder_close(second.e);
    if (ok && strcmp(a, b) != 0)
        return vz_fail(err, VZ_BUG, "the fingerprint differs from one opening to the next");
    return ok;
}

static bool check_tokenize(struct subject *s, struct vz_error *err)
{
    if (!encoder_module(s->e)->tokenize)
        return true;
    int32_t few[2], many[4096];
    size_t n_few = 0, n_many = 0;
    if (!encoder_tokenize(s->e, &texts[0], VZ_DOCUMENT, few, 2, &n_few, NULL, err) ||
        !encoder_tokenize(s->e, &texts[0], VZ_DOCUMENT, many, 4096, &n_many, NULL, err))
        return false;
    if (n_few != n_many || n_many < 2 || few[0] != many[0] || few[1] != many[1])
        return vz_fail(err, VZ_BUG, "tokenize with little room gives other ids");
    return true;
}

static bool check_reopen(struct subject *s, struct vz_error *err)
{
    for (int i = 0; i < 20; i++) {
        struct subject again = { .reference = s->reference };
        if (!open_subject(&again, err))
            return false;
        encoder_close(again.e);
    }
    return true;
}

static bool check_cancelled(struct subject *s, struct vz_error *err)
{
    // Cancelled before it starts: it may finish or say so, but nothing else.
    atomic_bool cancel = true;
    struct encoder_settings settings = { .threads = 1, .cancel = &cancel };
    struct encoder *e = NULL;
    if (!encoder_open(s->reference, &settings, &e, err))
        return err->kind == VZ_CANCELLED;
    float *rows = xcalloc((size_t)N_TEXTS * s->dim, sizeof *rows);
    bool ok = encoder_encode(e, texts, N_TEXTS, VZ_DOCUMENT, rows, NULL, err) ||
              err->kind == VZ_CANCELLED;
    xfree(rows);
    encoder_close(e);
    return ok;
}

static const struct {
    const char *name;
    bool (*check)(struct subject *s, struct vz_error *err);
} checks[] = {
    { "opens", open_subject },
    { "describes itself the same each time", check_describe },
    { "encodes each text alone, the same text twice to one vector", check_single },
    { "gives the same rows in a batch, and says what it cut", check_batch },
    { "has unit length if it says so", check_unit_length },
    { "takes the query role", check_query_role },
    { "gives the same rows from four threads", check_threads },
    { "has a stable fingerprint", check_fingerprint },
    { "tokenizes whatever room there is", check_tokenize },
    { "opens and closes again and again", check_reopen },
    { "stops when told to", check_cancelled },
};

int main(int argc, char **argv)
{
    memset(huge, 'a', sizeof huge);
    for (size_t i = 7; i < sizeof huge; i += 8)
        huge[i] = ' ';

    int failed = 0, n = 0;
    printf("1..%zu\n", (size_t)(argc - 1) * ARRAY_LEN(checks));
    for (int a = 1; a < argc; a++) {
        struct subject s = { .reference = argv[a] };
        for (size_t c = 0; c < ARRAY_LEN(checks); c++) {
            struct vz_error err = { 0 };
            bool ok = (c == 0 || s.e) && checks[c].check(&s, &err);
            printf("%s %d - %s %s\n", ok ? "ok" : "not ok", ++n, argv[a], checks[c].name);
            if (!ok)
                printf("# %s\n", err.message);
            failed += !ok;
        }
        xfree(s.expected);
        encoder_close(s.e);
    }
    return failed != 0;
}
