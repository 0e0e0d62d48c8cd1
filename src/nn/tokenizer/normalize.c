/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of normaliser types, and the chain. Sequences are flattened when they are read. */
#include "nn/tokenizer/normalize.h"

#define SEQUENCE_DEPTH 8

static const struct normalizer_type *const types[] = {
    &normalizer_bert,    &normalizer_lowercase, &normalizer_strip_accents, &normalizer_nfc,
    &normalizer_nfd,     &normalizer_nfkc,      &normalizer_nfkd,          &normalizer_strip,
    &normalizer_prepend, &normalizer_replace,
};

static const struct normalizer_type *find_type(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (strcmp(types[i]->name, name) == 0)
            return types[i];
    return NULL;
}

static bool add(struct normalizer *n, const json_t *j, int depth, struct vz_error *err);

static bool add_sequence(struct normalizer *n, const json_t *j, int depth, struct vz_error *err)
{
    json_t *list;
    if (depth == SEQUENCE_DEPTH)
        return vz_fail(err, VZ_FORMAT, "normalizer sequences are nested too deeply");
    if (!json_want_array(j, "normalizers", &list, err))
        return vz_context(err, "normalizer \"Sequence\"");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!add(n, json_array_get(list, i), depth + 1, err))
            return false;
    return true;
}

static bool add(struct normalizer *n, const json_t *j, int depth, struct vz_error *err)
{
    const char *name;
    if (!json_want_string(j, "type", &name, err))
        return vz_context(err, "normalizer");
    if (strcmp(name, "Sequence") == 0)
        return add_sequence(n, j, depth, err);
    const struct normalizer_type *type = find_type(name);
    if (!type)
        return vz_fail(err, VZ_FORMAT, "normalizer type \"%s\" is not supported", name);
    if (n->count == NORMALIZER_STEPS)
        return vz_fail(err, VZ_FORMAT, "more than %d normalizers", NORMALIZER_STEPS);
    struct normalizer_step *step = &n->steps[n->count];
    step->type = type;
    step->growth = type->growth;
    if (type->parse && !type->parse(step, j, err))
        return vz_context(err, "normalizer \"%s\"", name);
    n->count++;
    // A few steps that double a text each would fill any memory.
    n->growth = step->growth > NORMALIZER_GROWTH ? SIZE_MAX : n->growth * step->growth;
    if (n->growth > NORMALIZER_GROWTH)
        return vz_fail(err, VZ_FORMAT, "normalizers could make a text more than %d times as long",
                       NORMALIZER_GROWTH);
    return true;
}

bool normalizer_parse(struct normalizer *ret, const json_t *j, struct vz_error *err)
{
    *ret = (struct normalizer){ 0 };
    if (!j || json_is_null(j))
        return true;
    ret->growth = 1;
    ret->steps = xcalloc(NORMALIZER_STEPS, sizeof *ret->steps);
    if (add(ret, j, 0, err))
        return true;
    normalizer_done(ret);
    return false;
}

void normalizer_done(struct normalizer *n)
{
    for (size_t i = 0; i < n->count; i++)
        if (n->steps[i].type->done)
            n->steps[i].type->done(&n->steps[i]);
    xfree(n->steps);
    *n = (struct normalizer){ 0 };
}

struct str normalizer_apply(const struct normalizer *n, struct str in,
                            struct tokenizer_scratch *scratch)
{
    for (size_t i = 0; i < n->count; i++) {
        struct text *out = &scratch->text[i % 2]; // never the one that `in` lies in
        out->len = 0;
        text_reserve(out, in.len + 1);
        n->steps[i].type->apply(&n->steps[i], in, out, scratch);
        in = text_str(out);
    }
    return in;
}
