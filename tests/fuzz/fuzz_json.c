/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a JSON file: a tree or an error that says something, and look-ups that never step
 * outside what they promise. */
#include "fuzz.h"

#include "base/json.h"

static void look_up(const json_t *root)
{
    struct vz_error err = { 0 };
    int64_t n = 0;
    double number = 0;
    bool flag = false;
    const char *text = NULL;
    json_t *tree = NULL;
    if (json_want_int(root, "n", -5, 5, &n, &err))
        fuzz_check(n >= -5 && n <= 5);
    if (json_want_string(root, "s", &text, &err))
        fuzz_check(text);
    if (json_want_array(root, "a", &tree, &err))
        fuzz_check(json_is_array(tree));
    if (json_want_object(root, "o", &tree, &err))
        fuzz_check(json_is_object(tree));
    if (!json_opt_number(root, "f", &number, &err) || !json_opt_bool(root, "b", &flag, &err))
        fuzz_check(err.message[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vz_error err = { 0 };
    json_t *root = NULL;
    if (!json_load_str((struct str){ (const char *)data, size }, &root, &err)) {
        fuzz_check(err.kind != VZ_OK && err.message[0] && !root);
        return 0;
    }
    look_up(root);
    json_decref(root);
    return 0;
}
