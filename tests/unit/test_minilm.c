/* SPDX-License-Identifier: Apache-2.0
 *
 * The real all-MiniLM-L6-v2 against the vectors that sentence-transformers made of 2,000 texts
 * (golden/make_vectors.py). VECTORIZE_TEST_MODEL names its folder; without it there is no test. */
#include "tests/lib/golden.h"

#include <math.h>

static const char *folder;

static double cosine(const float *a, const int16_t *b, size_t n)
{
    double ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < n; i++) {
        ab += (double)a[i] * b[i];
        aa += (double)a[i] * (double)a[i];
        bb += (double)b[i] * b[i];
    }
    return ab / sqrt(aa * bb);
}

static void minilm_agrees_with_sentence_transformers(void **state)
{
    (void)state;
    enum { DIM = 384, RECORD = 4 + 2 * DIM };
    struct vz_error err = { 0 };
    struct file_map map = { 0 };
    size_t n = 0;
    struct nn_model *m = open_model(folder, NULL);
    char *path = path_of("minilm.vec");
    json_t *list = golden_texts(SIZE_MAX);
    struct vz_text *texts = texts_of(list, &n);
    assert_ok(file_map(path, &map, &err), &err);
    assert_int_equal(n, 2000);
    assert_int_equal(map.len, n * RECORD);
    assert_int_equal(dim_of(m), DIM);
    float *rows = encode(m, texts, n, VZ_DOCUMENT);
    for (size_t i = 0; i < n; i++) {
        float scale;
        int16_t wanted[DIM];
        memcpy(&scale, map.p + i * RECORD, sizeof scale);
        memcpy(wanted, map.p + i * RECORD + sizeof scale, sizeof wanted);
        double c = cosine(rows + i * DIM, wanted, DIM);
        if (!(c >= 0.99999)) {
            print_error("text %zu: cosine %.8f\n", i, c);
            fail();
        }
        double first = (double)scale * wanted[0];
        assert_true(fabs((double)rows[i * DIM] - first) < 1e-4);
    }
    xfree(rows), xfree(texts), xfree(path);
    json_decref(list);
    file_unmap(&map);
    nn_model_close(m);
}

static void minilm_does_not_depend_on_the_batch(void **state)
{
    (void)state;
    size_t n = 0;
    struct nn_model *m = open_model(folder, NULL);
    json_t *list = golden_texts(150);
    struct vz_text *texts = texts_of(list, &n);
    assert_same_in_any_batch(m, texts, n);
    xfree(texts);
    json_decref(list);
    nn_model_close(m);
}

/* What the documents promise of each precision, on texts that are meant to be difficult. */
static void reduced_precisions_stay_near(void **state)
{
    (void)state;
    static const struct {
        double worst, mean;
    } promised[NN_PRECISIONS] = { [NN_BF16] = { 0.9995, 0.9999 }, [NN_INT8] = { 0.993, 0.996 } };
    size_t n = 0;
    json_t *list = golden_texts(200);
    struct vz_text *texts = texts_of(list, &n);
    struct nn_model *m = open_model(folder, NULL);
    size_t dim = dim_of(m);
    float *exact = encode(m, texts, n, VZ_DOCUMENT);
    nn_model_close(m);
    for (int p = NN_BF16; p <= NN_INT8; p++) {
        double worst = 2, mean = 0;
        m = open_model_in((enum nn_precision)p, folder, NULL);
        float *rows = encode(m, texts, n, VZ_DOCUMENT);
        for (size_t i = 0; i < n; i++) {
            double c = cosine_of_rows(rows + i * dim, exact + i * dim, dim);
            worst = c < worst ? c : worst;
            mean += c / (double)n;
        }
        printf("# %s: cosine against fp32 %.6f at worst, %.6f on average\n",
               nn_precision_name((enum nn_precision)p), worst, mean);
        assert_true(worst >= promised[p].worst && mean >= promised[p].mean);
        assert_true(worst < 1.0); // and it is another precision
        assert_same_in_any_batch(m, texts, 100);
        xfree(rows);
        nn_model_close(m);
    }
    xfree(exact), xfree(texts);
    json_decref(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(minilm_agrees_with_sentence_transformers),
        cmocka_unit_test(minilm_does_not_depend_on_the_batch),
        cmocka_unit_test(reduced_precisions_stay_near),
    };
    folder = getenv("VECTORIZE_TEST_MODEL");
    if (!folder || !file_is_folder(folder)) {
        printf("1..0 # SKIP VECTORIZE_TEST_MODEL names no all-MiniLM-L6-v2 folder\n");
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
