/* SPDX-License-Identifier: Apache-2.0
 *
 * Typed look-ups over jansson. */
#include "base/json.h"

#include <math.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"

void json_decref_at(json_t **j)
{
    json_decref(*j);
}

bool json_load_str(struct str text, json_t **ret, struct vz_error *err)
{
    json_error_t e;
    // JSON_ALLOW_NUL: \u0000 is legal in JSON; readers that cannot hold it refuse it themselves.
    json_t *root = json_loadb(text.p, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &e);
    // Tokenizers write "no limit" as 10³⁰: where an integer does not fit, all numbers are reals.
    if (!root && json_error_code(&e) == json_error_numeric_overflow)
        root = json_loadb(text.p, text.len,
                          JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &e);
    if (!root)
        return vz_fail(err, VZ_FORMAT, "not valid JSON: line %d, column %d: %s", e.line, e.column,
                       e.text);
    *ret = root;
    return true;
}

bool json_load_path(const char *path, json_t **ret, struct vz_error *err)
{
    VZ_CLEANUP(buf_free) struct buf b = buf_make(LIMIT_JSON_FILE);
    if (!file_read(path, &b, err))
        return false;
    if (!json_load_str(buf_str(&b), ret, err))
        return vz_context(err, "\"%s\"", path);
    return true;
}

static const char *type_name(const json_t *v)
{
    static const char *const names[] = { "an object", "an array", "a string", "a number",
                                         "a number",  "true",     "false",    "null" };
    return v ? names[json_typeof(v)] : "missing";
}

static bool mismatch(const json_t *v, const char *key, const char *wanted, struct vz_error *err)
{
    if (!v)
        return vz_fail(err, VZ_FORMAT, "\"%s\" is missing", key);
    return vz_fail(err, VZ_FORMAT, "\"%s\" is %s, not %s", key, type_name(v), wanted);
}

static bool as_int(const json_t *v, const char *key, int64_t min, int64_t max, int64_t *ret,
                   struct vz_error *err)
{
    if (!json_is_number(v))
        return mismatch(v, key, "an integer", err);
    double d = json_number_value(v);
    if (!json_is_integer(v) && (d != floor(d) || fabs(d) > 9007199254740992.0))
        return vz_fail(err, VZ_FORMAT, "\"%s\" is %g, not an integer", key, d);
    int64_t n = json_is_integer(v) ? (int64_t)json_integer_value(v) : (int64_t)d;
    if (n < min || n > max)
        return vz_fail(err, VZ_FORMAT, "\"%s\" is %lld, not between %lld and %lld", key,
                       (long long)n, (long long)min, (long long)max);
    *ret = n;
    return true;
}

bool json_want_int(const json_t *obj, const char *key, int64_t min, int64_t max, int64_t *ret,
                   struct vz_error *err)
{
    return as_int(json_object_get(obj, key), key, min, max, ret, err);
}

bool json_want_string(const json_t *obj, const char *key, const char **ret, struct vz_error *err)
{
    const json_t *v = json_object_get(obj, key);
    if (!json_is_string(v))
        return mismatch(v, key, "a string", err);
    *ret = json_string_value(v);
    return true;
}

bool json_want_array(const json_t *obj, const char *key, json_t **ret, struct vz_error *err)
{
    json_t *v = json_object_get(obj, key);
    if (!json_is_array(v))
        return mismatch(v, key, "an array", err);
    *ret = v;
    return true;
}

bool json_want_object(const json_t *obj, const char *key, json_t **ret, struct vz_error *err)
{
    json_t *v = json_object_get(obj, key);
    if (!json_is_object(v))
        return mismatch(v, key, "an object", err);
    *ret = v;
    return true;
}

/* The value at `key`, or NULL when it is missing or null. */
static const json_t *present(const json_t *obj, const char *key)
{
    const json_t *v = json_object_get(obj, key);
    return json_is_null(v) ? NULL : v;
}

bool json_opt_int(const json_t *obj, const char *key, int64_t min, int64_t max, int64_t *ret,
                  struct vz_error *err)
{
    const json_t *v = present(obj, key);
    return !v || as_int(v, key, min, max, ret, err);
}

bool json_opt_number(const json_t *obj, const char *key, double *ret, struct vz_error *err)
{
    const json_t *v = present(obj, key);
    if (!v)
        return true;
    if (!json_is_number(v))
        return mismatch(v, key, "a number", err);
    *ret = json_number_value(v);
    return true;
}

bool json_opt_bool(const json_t *obj, const char *key, bool *ret, struct vz_error *err)
{
    const json_t *v = present(obj, key);
    if (!v)
        return true;
    if (!json_is_boolean(v))
        return mismatch(v, key, "true or false", err);
    *ret = json_is_true(v);
    return true;
}

bool json_opt_string(const json_t *obj, const char *key, const char **ret, struct vz_error *err)
{
    const json_t *v = present(obj, key);
    return !v || json_want_string(obj, key, ret, err);
}
