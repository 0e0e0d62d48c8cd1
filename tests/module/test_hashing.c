/* SPDX-License-Identifier: Apache-2.0
 *
 * modules/hashing, loaded as a shared object: what is near, what must not be zero, its options. */
#include "tests/lib/test.h"

#include <math.h>

#include "base/str.h"
#include "encoder/encoder.h"

#define DIM_MAX 16000

static bool open_hashing(const char *reference, const char *const *options, struct encoder **ret,
                         struct vz_error *err)
{
    struct encoder_settings s = { .threads = 1, .options = options };
    return encoder_open(reference, &s, ret, err);
}

static struct encoder *opened(const char *reference)
{
    struct vz_error err = { 0 };
    struct encoder *e = NULL;
    assert_ok(open_hashing(reference, NULL, &e, &err), &err);
    return e;
}

static void encode(struct encoder *e, struct str text, float *row)
{
    struct vz_error err = { 0 };
    struct vz_text t = { "", text.p, text.len };
    assert_ok(encoder_encode(e, &t, 1, VZ_DOCUMENT, row, NULL, &err), &err);
}

static double cosine(struct encoder *e, const char *a, const char *b)
{
    static float x[DIM_MAX], y[DIM_MAX];
    double sum = 0;
    encode(e, str_of(a), x);
    encode(e, str_of(b), y);
    for (uint32_t i = 0; i < encoder_info(e)->dim; i++)
        sum += (double)x[i] * y[i];
    return sum;
}

/* A typo is nearer than another name. */
static const struct {
    const char *text, *near, *far;
} neighbours[] = {
    { "Elizabeth Bennet", "Elisabeth Bennett", "Fitzwilliam Darcy" },
    { "INV-2024-00173", "INV-2024-0017", "PO-77120" },
    { "Müller, Straße 5", "MÜLLER STRASSE 5", "Meier, Gasse 9" },
    { "postgresql-server-dev-15", "postgresql server dev 14", "libreoffice-calc" },
    { "Ёлкина Мария", "ёлкина марья", "Иванов Пётр" },
    { "東京都千代田区", "東京都千代田", "大阪府堺市" },
};

static void typos_stay_near(void **state)
{
    (void)state;
    struct encoder *e = opened("module:hashing");
    for (size_t i = 0; i < ARRAY_LEN(neighbours); i++) {
        double near = cosine(e, neighbours[i].text, neighbours[i].near);
        double far = cosine(e, neighbours[i].text, neighbours[i].far);
        if (!(near > 0.3 && near > far + 0.2)) {
            print_error("\"%s\": %.3f, %.3f\n", neighbours[i].text, near, far);
            fail();
        }
    }
    encoder_close(e);
}

static void case_order_and_punctuation_do_not_count(void **state)
{
    (void)state;
    struct encoder *e = opened("module:hashing");
    assert_float_equal(cosine(e, "Quick, brown (FOX)!", "fox brown quick"), 1, 1e-6);
    assert_float_equal(cosine(e, "ŁÓDŹ ΑΘΗΝΑ КИЕВ", "łódź αθηνα киев"), 1, 1e-6);
    encoder_close(e);
}

/* The host refuses a zero row, so encoding these is the test; and they differ. */
static void texts_without_words_have_vectors(void **state)
{
    (void)state;
    struct encoder *e = opened("module:hashing");
    float row[256];
    encode(e, STR_LIT(""), row);
    encode(e, STR_LIT("\0"), row);
    encode(e, STR_LIT("—"), row);
    assert_float_equal(cosine(e, "!!!", "!!!"), 1, 1e-6);
    assert_true(cosine(e, "!!!", "???") < 0.5);
    encoder_close(e);
    e = opened("module:hashing:8"); // so few components that features cancel out
    for (char a = 'a'; a <= 'z'; a++)
        for (char b = 'a'; b <= 'z'; b++)
            encode(e, (struct str){ (char[]){ a, ' ', b }, 3 }, row);
    encoder_close(e);
}

static void options_decide(void **state)
{
    (void)state;
    struct vz_error err = { 0 };
    struct encoder *e = opened("module:hashing:64");
    assert_int_equal(encoder_info(e)->dim, 64);
    assert_true(encoder_info(e)->unit_length);
    encoder_close(e);
    const char *wide[] = { "dim=16000", "ngram-min=8", "ngram-max=8", NULL };
    assert_ok(open_hashing("module:hashing", wide, &e, &err), &err);
    assert_true(cosine(e, "abcdef", "abcdeg") < 0.2); // only the words count, and they differ
    encoder_close(e);
    const char *crossed[] = { "ngram-min=6", NULL };
    assert_fails(open_hashing("module:hashing", crossed, &e, &err), &err, VZ_USAGE, "ngram-min");
    assert_fails(open_hashing("module:hashing:7", NULL, &e, &err), &err, VZ_USAGE, "8");
}

/* The vectors of version 1, for ever: a stored column depends on them. */
static void vectors_are_those_of_version_1(void **state)
{
    (void)state;
    struct encoder *e = opened("module:hashing:8");
    float row[8];
    encode(e, STR_LIT("vectors of version 1"), row);
    static const float want[8] = { 2, 3, 2, 0, 0, 2, 2, 1 }; // before it is scaled
    for (int i = 0; i < 8; i++)
        assert_float_equal(row[i], want[i] / sqrtf(26), 1e-6);
    encoder_close(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(typos_stay_near),
        cmocka_unit_test(case_order_and_punctuation_do_not_count),
        cmocka_unit_test(texts_without_words_have_vectors),
        cmocka_unit_test(options_decide),
        cmocka_unit_test(vectors_are_those_of_version_1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
