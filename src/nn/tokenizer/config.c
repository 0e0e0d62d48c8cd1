/* SPDX-License-Identifier: Apache-2.0
 *
 * Only what the file says outright is compared; a key that is missing or null says nothing. */
#include "nn/tokenizer/config.h"

static bool same(const json_t *config, const char *key, bool ours, const char *our_name,
                 struct vz_error *err)
{
    bool theirs = ours;
    if (!json_opt_bool(config, key, &theirs, err))
        return false;
    if (theirs == ours)
        return true;
    return vz_fail(err, VZ_FORMAT,
                   "\"%s\" is %s, but the normalizer of tokenizer.json has \"%s\" %s", key,
                   theirs ? "true" : "false", our_name, ours ? "true" : "false");
}

static bool bert_agrees(const json_t *config, const struct normalizer_step *step,
                        struct vz_error *err)
{
    return same(config, "do_lower_case", step->bert.lower, "lowercase", err) &&
           same(config, "tokenize_chinese_chars", step->bert.cjk, "handle_chinese_chars", err) &&
           same(config, "strip_accents", step->bert.strip, "strip_accents", err);
}

/* These classes take everything from tokenizer.json. */
static bool is_generic(const char *class)
{
    return strcmp(class, "PreTrainedTokenizerFast") == 0 || strcmp(class, "TokenizersBackend") == 0;
}

bool config_agrees(const json_t *config, const struct normalizer *n, bool cut_left,
                   struct vz_error *err)
{
    const char *class = "", *side = cut_left ? "left" : "right";
    const char *ours = side;
    if (!json_opt_string(config, "tokenizer_class", &class, err) ||
        !json_opt_string(config, "truncation_side", &side, err))
        return false;
    if (strcmp(side, ours) != 0)
        return vz_fail(err, VZ_FORMAT,
                       "\"truncation_side\" is \"%.16s\", in tokenizer.json it is %s", side, ours);
    if (is_generic(class) || n->count != 1 || n->steps[0].type != &normalizer_bert)
        return true;
    return bert_agrees(config, &n->steps[0], err);
}
