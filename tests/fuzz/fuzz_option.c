/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as the value of an option of each type: a value inside the row's range, or a message
 * for the user. The first byte picks the row, the rest is the text. */
#include "fuzz.h"

#include <math.h>
#include <string.h>

#include "base/compiler.h"
#include "base/option.h"

struct fields {
    bool flag;
    int64_t count;
    double ratio;
    const char *name;
    int kind;
};

static const char *const kinds[] = { "one", "two", NULL };

static const struct vz_option rows[] = {
    { .name = "flag", .type = VZ_OPTION_FLAG, .offset = VZ_OFFSET(struct fields, flag, bool) },
    { .name = "count",
      .type = VZ_OPTION_INT,
      .offset = VZ_OFFSET(struct fields, count, int64_t),
      .min = 1,
      .max = 1000,
      .initial = "7" },
    { .name = "ratio",
      .type = VZ_OPTION_NUMBER,
      .offset = VZ_OFFSET(struct fields, ratio, double) },
    { .name = "name",
      .type = VZ_OPTION_STRING,
      .offset = VZ_OFFSET(struct fields, name, const char *) },
    { .name = "kind",
      .type = VZ_OPTION_CHOICE,
      .offset = VZ_OFFSET(struct fields, kind, int),
      .choices = kinds },
    { 0 },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vz_error err = { 0 };
    struct fields f;
    fuzz_check(option_defaults(rows, &f, &err));
    fuzz_check(f.count == 7 && !f.name);
    if (size == 0)
        return 0;

    char text[4096];
    size_t len = size - 1 < sizeof(text) ? size - 1 : sizeof(text) - 1;
    memcpy(text, data + 1, len);
    text[len] = '\0';
    if (!option_set(&rows[data[0] % (ARRAY_LEN(rows) - 1)], &f, text, &err))
        fuzz_check(err.kind == VZ_USAGE && err.message[0]);
    fuzz_check(f.count >= 1 && f.count <= 1000);
    fuzz_check(isfinite(f.ratio));
    fuzz_check(f.kind == 0 || f.kind == 1);

    const char *names[] = { "flag", "count", "ratio" };
    const char *nearest = option_nearest(names, ARRAY_LEN(names), text);
    fuzz_check(!nearest || strlen(nearest) > 3);
    return 0;
}
