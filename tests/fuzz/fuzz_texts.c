/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as input of encode, in both formats: every text is valid UTF-8, every line is a text
 * or the end of the run, and the lines together are the input. */
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/utf8.h"
#include "cmd/texts.h"

/* Reads all; returns how many bytes the texts had. */
static size_t read_all(const char *path, enum texts_format format, size_t *ret_count, bool *ret_ok)
{
    struct vz_error err = { 0 };
    struct texts *in = NULL;
    fuzz_check(texts_open(path, format, NULL, &in, &err));
    static struct texts_batch b;
    size_t bytes = 0;
    *ret_count = 0;
    while ((*ret_ok = texts_read(in, true, &b, &err)) && b.count) {
        for (size_t i = 0; i < b.count; i++) {
            fuzz_check(utf8_is_valid((struct str){ b.texts[i].text, b.texts[i].len }));
            bytes += b.texts[i].len;
        }
        *ret_count += b.count;
    }
    if (!*ret_ok)
        fuzz_check(err.kind == VZ_FORMAT && strstr(err.message, "line "));
    texts_batch_free(&b);
    texts_close(in);
    return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    int fd = memfd_create("texts", MFD_CLOEXEC);
    fuzz_check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);

    struct str input = { (const char *)data, size };
    size_t lines = size > 0 && data[size - 1] != '\n', count;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    bool ok;
    size_t bytes = read_all(path, TEXTS_LINES, &count, &ok);
    fuzz_check(ok == utf8_is_valid(input));
    fuzz_check(bytes <= size && count <= lines);
    if (ok)
        fuzz_check(count == lines);
    read_all(path, TEXTS_JSONL, &count, &ok);
    fuzz_check(count <= lines);
    close(fd);
    return 0;
}
