/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of post-processor types. Of a template only the one for single texts is read. */
#include "nn/tokenizer/template.h"

#define ID_MAX (INT32_MAX - 1)

struct template_type {
    const char *name;
    bool (*parse)(struct template *t, const json_t *j, struct vz_error *err);
};

static bool add_id(struct template *t, bool after, const json_t *id, struct vz_error *err)
{
    int32_t *ids = after ? t->after : t->before;
    size_t *count = after ? &t->after_count : &t->before_count;
    if (!json_is_integer(id) || json_integer_value(id) < 0 || json_integer_value(id) > ID_MAX)
        return vz_fail(err, VZ_FORMAT, "a special token's id is not between 0 and %d", ID_MAX);
    if (*count == TEMPLATE_IDS)
        return vz_fail(err, VZ_FORMAT, "more than %d special tokens", TEMPLATE_IDS);
    ids[(*count)++] = (int32_t)json_integer_value(id);
    return true;
}

static bool add_special(struct template *t, bool after, const json_t *piece, const json_t *specials,
                        struct vz_error *err)
{
    const char *name;
    json_t *special, *ids;
    if (!json_want_string(piece, "id", &name, err) ||
        !json_want_object(specials, name, &special, err) ||
        !json_want_array(special, "ids", &ids, err))
        return false;
    for (size_t i = 0; i < json_array_size(ids); i++)
        if (!add_id(t, after, json_array_get(ids, i), err))
            return false;
    return true;
}

static bool parse_template(struct template *t, const json_t *j, struct vz_error *err)
{
    json_t *single, *specials;
    if (!json_want_array(j, "single", &single, err) ||
        !json_want_object(j, "special_tokens", &specials, err))
        return false;
    bool after = false;
    for (size_t i = 0; i < json_array_size(single); i++) {
        const json_t *piece = json_array_get(single, i);
        const json_t *sequence = json_object_get(piece, "Sequence");
        const json_t *special = json_object_get(piece, "SpecialToken");
        if (special) {
            if (!add_special(t, after, special, specials, err))
                return false;
            continue;
        }
        const char *id;
        if (!sequence)
            return vz_fail(err, VZ_FORMAT, "a piece is neither Sequence nor SpecialToken");
        if (!json_want_string(sequence, "id", &id, err))
            return false;
        if (strcmp(id, "A") != 0 || after)
            return vz_fail(err, VZ_FORMAT, "\"single\" must hold sequence A, once");
        after = true;
    }
    return after || vz_fail(err, VZ_FORMAT, "\"single\" does not hold sequence A");
}

/* "cls": ["[CLS]", 101], the same for "sep". */
static bool parse_cls_sep(struct template *t, const json_t *j, struct vz_error *err)
{
    json_t *cls, *sep;
    return json_want_array(j, "cls", &cls, err) && json_want_array(j, "sep", &sep, err) &&
           add_id(t, false, json_array_get(cls, 1), err) &&
           add_id(t, true, json_array_get(sep, 1), err);
}

static const struct template_type types[] = {
    { "TemplateProcessing", parse_template },
    { "BertProcessing", parse_cls_sep },
    { "RobertaProcessing", parse_cls_sep }, // differs in pairs and offsets, not in a text's ids
};

bool template_parse(struct template *ret, const json_t *j, struct vz_error *err)
{
    const char *name;
    *ret = (struct template){ 0 };
    if (!j || json_is_null(j))
        return true;
    if (!json_want_string(j, "type", &name, err))
        return vz_context(err, "post_processor");
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (strcmp(types[i].name, name) != 0)
            continue;
        return types[i].parse(ret, j, err) || vz_context(err, "post_processor \"%s\"", name);
    }
    return vz_fail(err, VZ_FORMAT, "post_processor type \"%s\" is not supported", name);
}
