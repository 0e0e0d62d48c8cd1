/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a column's comment. A stamp that is put in is found again, and taking it
 * away leaves the user's part as it was. */
#include "fuzz.h"

#include <string.h>

#include "db/stamp.h"

static const struct stamp ours = {
    .version = STAMP_VERSION,
    .model = "m\"o\\d\n\xc3\xa9l",
    .module = "transformer",
    .fingerprint = "f00d",
    .dimension = 384,
    .metric = VZ_COSINE,
    .input = "body",
    .document_prompt = "passage: ",
    .query_prompt = "query: ",
    .text = "as-is",
    .tool = "1",
};

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static void check_comment(struct arena *arena, const char *comment)
{
    struct stamp found = { 0 };
    bool had_one = stamp_find(arena, comment, &found);
    if (had_one)
        fuzz_check(found.model && found.fingerprint);

    const char *merged = stamp_merge(arena, comment, &ours), *why = NULL;
    fuzz_check(stamp_find(arena, merged, &found));
    fuzz_check(stamp_same(arena, &found, &ours, &why));
    fuzz_check(same_text(found.model, ours.model) && same_text(found.query_prompt, "query: "));
    fuzz_check(same_text(stamp_merge(arena, merged, &ours), merged));

    const char *without = stamp_remove(arena, merged);
    if (!had_one) {
        fuzz_check(!stamp_find(arena, without, &found));
        fuzz_check(same_text(without, comment[0] ? comment : NULL));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    if (!arena.base)
        arena = arena_open(64 * 1024 * 1024);
    struct arena scratch = arena;
    char *comment = arena_strdup(&scratch, (struct str){ (const char *)data, size });
    check_comment(&scratch, comment);
    return 0;
}
