/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing JSON results. */
#include "cli/json_out.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"

json_t *json_text(const char *text)
{
    struct str rest = str_of(text);
    size_t good = utf8_valid_prefix(rest);
    if (good == rest.len)
        return json_stringn(rest.p, rest.len);

    struct buf b = buf_make(rest.len * 3 + 1);
    for (;;) {
        buf_add(&b, rest.p, good);
        if (good == rest.len)
            break;
        buf_puts(&b, "\ufffd");
        rest = (struct str){ rest.p + good + 1, rest.len - good - 1 };
        good = utf8_valid_prefix(rest);
    }
    json_t *value = json_stringn(b.p, b.len);
    buf_free(&b);
    return value;
}

json_t *json_positive(double number)
{
    return number > 0 ? json_real(number) : json_null();
}

bool json_print(FILE *out, json_t *value, struct vz_error *err)
{
    // 15 digits: what every decimal survives, so that 0.1 is printed as 0.1.
    int failed = json_dumpf(value, out, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    json_decref(value);
    if (failed || fputc('\n', out) == EOF)
        return vz_fail(err, VZ_IO, "could not write to standard output: %m");
    return true;
}
