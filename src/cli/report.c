/* SPDX-License-Identifier: Apache-2.0
 *
 * Printing an error value for people and for programs. */
#include "cli/report.h"

#include "cli/json_out.h"

static void set_part(json_t *obj, const char *key, const char *text)
{
    if (*text)
        json_object_set_new(obj, key, json_text(text));
}

static void report_json(FILE *to, const struct vz_error *err)
{
    VZ_CLEANUP(json_decref_at) json_t *root = json_object();
    json_t *obj = json_object();
    json_object_set_new(root, "error", obj);
    set_part(obj, "kind", vz_kind_name(err->kind));
    set_part(obj, "message", err->message);
    set_part(obj, "detail", err->detail);
    set_part(obj, "hint", err->hint);
    set_part(obj, "sqlstate", err->sqlstate);
    json_dumpf(root, to, JSON_COMPACT);
    fputc('\n', to);
}

void report_error(FILE *to, const struct vz_error *err, bool json)
{
    if (json) {
        report_json(to, err);
        return;
    }
    fprintf(to, "vectorize: %s\n", err->message);
    if (*err->detail)
        fprintf(to, "%s\n", err->detail);
    if (*err->hint)
        fprintf(to, "%s\n", err->hint);
}
