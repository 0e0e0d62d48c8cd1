/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as tokenizer.json, and what it then makes of a text. The input is the file, a NUL,
 * and the text; without a NUL, a text of our own. Ids stay inside the vocabulary, the same call
 * gives the same ids, and a limit drops exactly what it says. */
#include "fuzz.h"

#include <string.h>

#include "base/utf8.h"
#include "nn/tokenizer/tokenizer.h"

#define LIMIT 16

static void check_ids(const struct tokenizer *t, const struct tokens *out)
{
    for (size_t i = 0; i < out->count; i++)
        fuzz_check(out->ids[i] >= 0 && (size_t)out->ids[i] < tokenizer_vocab_size(t));
}

static void encode(const struct tokenizer *t, struct str text)
{
    struct tokens whole = { 0 }, again = { 0 }, cut = { 0 };
    tokenizer_encode(t, text, 0, &whole);
    tokenizer_encode(t, text, 0, &again);
    tokenizer_encode(t, text, LIMIT, &cut);
    check_ids(t, &whole);
    check_ids(t, &cut);
    fuzz_check(whole.dropped == 0 && whole.count == again.count);
    if (whole.count)
        fuzz_check(memcmp(whole.ids, again.ids, whole.count * sizeof *whole.ids) == 0);
    fuzz_check(cut.count + cut.dropped == whole.count);
    tokens_free(&whole);
    tokens_free(&again);
    tokens_free(&cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vz_error err = { 0 };
    struct tokenizer *t = NULL;
    struct str_cut input = str_cut((struct str){ (const char *)data, size }, '\0');
    struct str text = input.ok ? input.tail : str_of("Héllo, wörld! 日本語 unaffable [SEP]");
    if (!tokenizer_parse(input.head, &t, &err)) {
        fuzz_check(err.kind != VZ_OK && err.message[0] && !t);
        return 0;
    }
    if (utf8_is_valid(text))
        encode(t, text);
    tokenizer_close(t);
    return 0;
}
