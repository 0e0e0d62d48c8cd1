/* SPDX-License-Identifier: Apache-2.0
 *
 * An encoder that costs nearly nothing, so that what is measured with it is the database and the
 * way to it: `module:trivial:384` gives vectors of 384 components. They depend on the text, and
 * their numbers are as long as real ones. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vectorize/encoder.h>

struct options {
    int64_t dim;
};

static const struct vz_option options[] = {
    { .name = "dim",
      .type = VZ_OPTION_INT,
      .offset = VZ_OFFSET(struct options, dim, int64_t),
      .min = 1,
      .max = 16000,
      .initial = "384",
      .value = "N",
      .help = "components of a vector" },
    { 0 },
};

static void *trivial_open(const struct vz_host *host, const void *fields)
{
    struct options *o = malloc(sizeof *o);
    if (o)
        memcpy(o, fields, sizeof *o);
    else
        host->fail(host, VZ_RETRY, "out of memory");
    return o;
}

static int trivial_describe(void *handle, struct vz_encoder_info *ret)
{
    const struct options *o = handle;
    *ret = (struct vz_encoder_info){ .dim = (uint32_t)o->dim, .kind = "trivial" };
    return 0;
}

static int trivial_fingerprint(void *handle, char ret[65])
{
    const struct options *o = handle;
    snprintf(ret, 65, "%064llx", (unsigned long long)o->dim);
    return 0;
}

static int trivial_encode(void *handle, const struct vz_text *texts, size_t count,
                          enum vz_role role, float *ret_rows, struct vz_text_info *ret_info)
{
    const struct options *o = handle;
    (void)role, (void)ret_info;
    float scale = 1 / sqrtf((float)o->dim);
    for (size_t i = 0; i < count; i++) {
        uint64_t x = 1469598103934665603u;
        for (size_t j = 0; j < texts[i].len; j++)
            x = (x ^ (unsigned char)texts[i].text[j]) * 1099511628211u;
        for (int64_t d = 0; d < o->dim; d++) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            *ret_rows++ = ((float)(x >> 40) / 8388608.0f - 1) * scale;
        }
    }
    return 0;
}

static const struct vz_encoder trivial = {
    VZ_ENCODER_HEAD,
    .name = "trivial",
    .version = "1",
    .summary = "costs nothing, means nothing: to measure everything else",
    .threading = VZ_PARALLEL,
    .options_size = sizeof(struct options),
    .options = options,
    .main_option = "dim",
    .open = trivial_open,
    .close = free,
    .describe = trivial_describe,
    .encode = trivial_encode,
    .fingerprint = trivial_fingerprint,
};
VZ_ENCODER_EXPORT(trivial)
