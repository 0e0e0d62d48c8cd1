/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a fuzz target over every file of the folders it is given, as TAP: what was found once
 * stays a test. The file goes in as a heap block of its exact size, so that a sanitizer sees a
 * read past its end. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

static uint8_t *read_all(const char *path, size_t *ret_size)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    uint8_t *data = NULL;
    if (fseek(f, 0, SEEK_END) == 0) {
        long size = ftell(f);
        rewind(f);
        *ret_size = size > 0 ? (size_t)size : 0;
        data = malloc(*ret_size ? *ret_size : 1);
        if (data && fread(data, 1, *ret_size, f) != *ret_size) {
            free(data);
            data = NULL;
        }
    }
    fclose(f);
    return data;
}

static size_t replay_folder(const char *folder, size_t number)
{
    struct dirent **entries;
    int n = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char path[4096];
        snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.') {
            size_t size = 0;
            uint8_t *data = read_all(path, &size);
            bool ok = data && LLVMFuzzerTestOneInput(data, size) == 0;
            printf("%sok %zu - %s\n", ok ? "" : "not ", ++number, entries[i]->d_name);
            fflush(stdout); // a crash is then known to be in the next file
            free(data);
        }
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    return number;
}

int main(int argc, char **argv)
{
    size_t number = 0;
    for (int i = 1; i < argc; i++)
        number = replay_folder(argv[i], number);
    if (number == 0)
        printf("not ok 1 - the corpus is empty\n");
    printf("1..%zu\n", number ? number : 1);
    return number ? 0 : 1;
}
