/* SPDX-License-Identifier: Apache-2.0
 *
 * An encoder for tests that must happen at a certain moment: with `module:gate:FOLDER` each call
 * of encode makes FOLDER/reached and then waits until FOLDER/open is there. Without a folder it
 * does not wait. Texts that start with "poison" are refused; of others the vector is a function
 * of all their bytes. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vectorize/encoder.h>

#define DIM 8
#define WAIT_MS 60000

struct options {
    const char *folder;
    int64_t delay_ms;
};

struct handle {
    const struct vz_host *host;
    int64_t delay_ms;
    char reached[512], open[512];
    bool has_gate;
};

static const struct vz_option options[] = {
    { .name = "folder",
      .type = VZ_OPTION_STRING,
      .offset = VZ_OFFSET(struct options, folder, const char *),
      .help = "folder of the gate" },
    { .name = "delay-ms",
      .type = VZ_OPTION_INT,
      .offset = VZ_OFFSET(struct options, delay_ms, int64_t),
      .min = 0,
      .max = 10000,
      .initial = "0",
      .help = "milliseconds that each call takes at least" },
    { 0 },
};

static void *gate_open(const struct vz_host *host, const void *fields)
{
    const struct options *o = fields;
    struct handle *h = calloc(1, sizeof *h);
    if (!h)
        return NULL;
    h->host = host;
    h->delay_ms = o->delay_ms;
    h->has_gate = o->folder != NULL;
    snprintf(h->reached, sizeof h->reached, "%s/reached", o->folder ? o->folder : "");
    snprintf(h->open, sizeof h->open, "%s/open", o->folder ? o->folder : "");
    return h;
}

static void gate_close(void *handle)
{
    free(handle);
}

static int gate_describe(void *handle, struct vz_encoder_info *ret)
{
    (void)handle;
    *ret = (struct vz_encoder_info){ .dim = DIM, .kind = "gate" };
    return 0;
}

/* The same for any folder: the gate is not part of the model. */
static int gate_fingerprint(void *handle, char ret[65])
{
    (void)handle;
    memset(ret, '7', 64);
    ret[64] = '\0';
    return 0;
}

static bool pass_gate(const struct handle *h)
{
    int fd = open(h->reached, O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
    if (fd >= 0)
        close(fd);
    for (int ms = 0; ms < WAIT_MS; ms += 5) {
        if (access(h->open, F_OK) == 0)
            return true;
        usleep(5000);
    }
    return false;
}

static int gate_encode(void *handle, const struct vz_text *texts, size_t count, enum vz_role role,
                       float *ret_rows, struct vz_text_info *ret_info)
{
    struct handle *h = handle;
    (void)role;
    (void)ret_info;
    if (h->delay_ms)
        usleep((useconds_t)h->delay_ms * 1000);
    if (h->has_gate && !pass_gate(h)) {
        h->host->fail(h->host, VZ_IO, "nobody opened the gate");
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (texts[i].len >= 6 && memcmp(texts[i].text, "poison", 6) == 0) {
            h->host->fail(h->host, VZ_ENCODER_FAILED, "this text is poison");
            return -1;
        }
        uint64_t x = 1469598103934665603u;
        for (size_t j = 0; j < texts[i].len; j++)
            x = (x ^ (unsigned char)texts[i].text[j]) * 1099511628211u;
        for (size_t d = 0; d < DIM; d++) {
            ret_rows[i * DIM + d] = (float)(x >> 44) / 1048576.0f + 0.01f;
            x = x * 6364136223846793005u + 1442695040888963407u;
        }
    }
    return 0;
}

static const struct vz_encoder gate = {
    VZ_ENCODER_HEAD,
    .name = "gate",
    .version = "1",
    .summary = "waits until a test lets it go on",
    .threading = VZ_PARALLEL,
    .options_size = sizeof(struct options),
    .options = options,
    .main_option = "folder",
    .open = gate_open,
    .close = gate_close,
    .describe = gate_describe,
    .encode = gate_encode,
    .fingerprint = gate_fingerprint,
};
VZ_ENCODER_EXPORT(gate)
