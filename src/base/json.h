/* SPDX-License-Identifier: Apache-2.0
 *
 * Typed look-ups over jansson, with errors that name the place. The only header that includes
 * <jansson.h>; trees come from and go to everybody through here.
 *
 *     json_t *root = NULL;
 *     if (!json_load_path("config.json", &root, err)) …
 *     int64_t hidden;
 *     if (!json_want_int(root, "hidden_size", 1, 65536, &hidden, err)) …
 *     json_decref(root);
 *
 * Errors do not name the file: the caller adds it with vz_context. Numbers are taken by value,
 * so `12.0` is an integer and `1e-12` is a number; NaN and Infinity are not JSON. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

/* The root is owned by the caller (json_decref). Depth, size and UTF-8 are checked. */
bool json_load_path(const char *path, json_t **ret, struct vz_error *err) VZ_MUST_CHECK;
bool json_load_str(struct str text, json_t **ret, struct vz_error *err) VZ_MUST_CHECK;

/* want: the key must be there with that type. opt: missing or null leaves *ret as it was.
 * Strings and containers are borrowed from the tree. VZ_FORMAT otherwise. */
bool json_want_int(const json_t *obj, const char *key, int64_t min, int64_t max, int64_t *ret,
                   struct vz_error *err) VZ_MUST_CHECK;
bool json_want_string(const json_t *obj, const char *key, const char **ret,
                      struct vz_error *err) VZ_MUST_CHECK;
bool json_want_array(const json_t *obj, const char *key, json_t **ret,
                     struct vz_error *err) VZ_MUST_CHECK;
bool json_want_object(const json_t *obj, const char *key, json_t **ret,
                      struct vz_error *err) VZ_MUST_CHECK;
bool json_opt_int(const json_t *obj, const char *key, int64_t min, int64_t max, int64_t *ret,
                  struct vz_error *err) VZ_MUST_CHECK;
bool json_opt_number(const json_t *obj, const char *key, double *ret,
                     struct vz_error *err) VZ_MUST_CHECK;
bool json_opt_bool(const json_t *obj, const char *key, bool *ret,
                   struct vz_error *err) VZ_MUST_CHECK;
bool json_opt_string(const json_t *obj, const char *key, const char **ret,
                     struct vz_error *err) VZ_MUST_CHECK;

/* For VZ_CLEANUP on a `json_t *`. */
void json_decref_at(json_t **j);

#endif
