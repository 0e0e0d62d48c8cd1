/* SPDX-License-Identifier: Apache-2.0
 *
 * Any text through tokenizers of each kind of part. The first byte picks the tokenizer, the rest
 * is the text. Ids stay inside the vocabulary; a used scratch gives what a fresh one gives; a
 * limit keeps the ids that it would without one, and counts the others. */
#include "fuzz.h"

#include <string.h>

#include "base/compiler.h"
#include "base/utf8.h"
#include "nn/tokenizer/tokenizer.h"

#define MODEL                                                                                      \
    ",\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\",\"continuing_subword_prefix\":"    \
    "\"##\",\"max_input_chars_per_word\":20,\"vocab\":{\"[UNK]\":0,\"[CLS]\":1,\"a\":2,\"##a\":3," \
    "\"##ab\":4,\"\\u00e9\":5,\"##\\u0301\":6,\"\\u4e2d\":7,\".\":8,\"b\":9,\"##b\":10,\"e\":11,"  \
    "\"1\":12,\"##1\":13,\"\\u1112\":14,\"##\\u1161\":15,\" \":16,\"## \":17}}}"
#define CLS_SEP                                                                                    \
    ",\"post_processor\":{\"type\":\"BertProcessing\",\"cls\":[\"\",1],\"sep\":[\"\",0]}"
#define ADDED                                                                                      \
    ",\"added_tokens\":["                                                                          \
    "{\"id\":1,\"content\":\"[CLS]\",\"normalized\":false},"                                       \
    "{\"id\":18,\"content\":\"<l>\",\"lstrip\":true,\"normalized\":false},"                        \
    "{\"id\":19,\"content\":\"<r>\",\"rstrip\":true,\"normalized\":false},"                        \
    "{\"id\":20,\"content\":\"  \",\"rstrip\":true,\"normalized\":false},"                         \
    "{\"id\":21,\"content\":\"\\u00c9a\",\"single_word\":true,\"lstrip\":true,\"rstrip\":true}]"
#define NORMALIZERS(list) "\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[" list "]}"
#define SPLITTERS(list) ",\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[" list "]}"
#define BERT SPLITTERS("{\"type\":\"BertPreTokenizer\"}")

static const char *const files[] = {
    "{" NORMALIZERS("{\"type\":\"BertNormalizer\"}") BERT CLS_SEP ADDED MODEL,
    "{" NORMALIZERS("{\"type\":\"BertNormalizer\",\"lowercase\":false,\"clean_text\":false,"
                    "\"strip_accents\":true}") BERT MODEL,
    "{" NORMALIZERS("{\"type\":\"NFC\"},{\"type\":\"Lowercase\"}")
        SPLITTERS("{\"type\":\"Whitespace\"}") ADDED MODEL,
    "{" NORMALIZERS("{\"type\":\"NFKC\"},{\"type\":\"Strip\"}")
        SPLITTERS("{\"type\":\"WhitespaceSplit\"},{\"type\":\"Digits\"}") CLS_SEP MODEL,
    "{" NORMALIZERS("{\"type\":\"NFKD\"},{\"type\":\"StripAccents\"}")
        SPLITTERS("{\"type\":\"Punctuation\",\"behavior\":\"MergedWithPrevious\"}") MODEL,
    "{" NORMALIZERS("{\"type\":\"NFD\"},{\"type\":\"Prepend\",\"prepend\":\"a\"}")
        SPLITTERS("{\"type\":\"Punctuation\",\"behavior\":\"MergedWithNext\"},{\"type\":\"Digits\","
                  "\"individual_digits\":true}") ADDED MODEL,
    "{" NORMALIZERS("{\"type\":\"Replace\",\"pattern\":{\"String\":\"ab\"},\"content\":\"b \"},"
                    "{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"\\\\s*\"},\"content\":\"a\"}")
        SPLITTERS(
            "{\"type\":\"Punctuation\",\"behavior\":\"Contiguous\"},{\"type\":\"Punctuation\","
            "\"behavior\":\"Removed\"}") MODEL,
    "{\"truncation\":{\"max_length\":9,\"direction\":\"Left\"}" ADDED CLS_SEP MODEL,
};

static struct tokenizer *tokenizer_at(size_t i)
{
    static struct tokenizer *open[ARRAY_LEN(files)]; // for the life of the program
    struct vz_error err = { 0 };
    if (!open[i] && !tokenizer_parse(str_of(files[i]), &open[i], &err)) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
    return open[i];
}

/* `count` ids from there on are the same in both. */
static bool same_ids(const struct tokens *a, size_t a_from, const struct tokens *b, size_t b_from,
                     size_t count)
{
    return count == 0 || memcmp(a->ids + a_from, b->ids + b_from, count * sizeof *a->ids) == 0;
}

static void check_limits(const struct tokenizer *t, struct str text, const struct tokens *whole,
                         bool left)
{
    struct tokens none = { 0 }, cut = { 0 };
    tokenizer_encode(t, STR_LIT(""), 0, &none); // special tokens alone: one before, one after
    size_t before = none.count / 2, content = whole->count - none.count;
    for (size_t limit = 1; limit < 12; limit++) {
        tokens_clear(&cut);
        tokenizer_encode(t, text, limit, &cut);
        size_t kept = cut.count - none.count;
        fuzz_check(cut.count <= (limit > none.count ? limit : none.count));
        fuzz_check(cut.dropped == content - kept);
        size_t skipped = left ? cut.dropped : 0;
        fuzz_check(same_ids(&cut, before, whole, before + skipped, kept));
    }
    tokens_free(&none);
    tokens_free(&cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tokens used; // of many texts, as in a run
    if (size == 0)
        return 0;
    size_t which = data[0] % ARRAY_LEN(files);
    const struct tokenizer *t = tokenizer_at(which);
    struct str text = { (const char *)data + 1, size - 1 };
    text.len = utf8_valid_prefix(text);
    struct tokens fresh = { 0 };
    tokens_clear(&used);
    tokenizer_encode(t, text, 0, &used);
    tokenizer_encode(t, text, 0, &fresh);
    fuzz_check(used.count == fresh.count && same_ids(&used, 0, &fresh, 0, fresh.count));
    for (size_t i = 0; i < fresh.count; i++)
        fuzz_check(fresh.ids[i] >= 0 && (size_t)fresh.ids[i] < tokenizer_vocab_size(t));
    check_limits(t, text, &fresh, which == ARRAY_LEN(files) - 1);
    tokens_free(&fresh);
    return 0;
}
