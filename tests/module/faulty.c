/* SPDX-License-Identifier: Apache-2.0
 *
 * A module that is wrong in one way, chosen by FAULT (and NAME) when it is built: what the host
 * must notice. FAULT_NONE is right and is the base that the others differ from. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vectorize/encoder.h>

enum {
    FAULT_NONE,
    FAULT_NAN,
    FAULT_ZEROS,
    FAULT_SILENT,
    FAULT_NO_ENCODE,
    FAULT_ABI,
    FAULT_SMALL,
    FAULT_NAME,
    FAULT_DIM,
    FAULT_FINGERPRINT,
    FAULT_OPEN,
    FAULT_OLD
};

struct options {
    int64_t dim;
};

struct handle {
    const struct vz_host *host;
    uint32_t dim;
};

static const struct vz_option options[] = {
    { .name = "dim",
      .type = VZ_OPTION_INT,
      .offset = VZ_OFFSET(struct options, dim, int64_t),
      .min = 1,
      .max = 64,
      .initial = "4",
      .help = "components of a vector" },
    { 0 },
};

static void *faulty_open(const struct vz_host *host, const void *fields)
{
    const struct options *o = fields;
    if (FAULT == FAULT_OPEN) {
        host->fail(host, VZ_CONFIG, "the weather is bad");
        return NULL;
    }
    struct handle *h = malloc(sizeof *h);
    if (h)
        *h = (struct handle){ host, (uint32_t)o->dim };
    return h;
}

static void faulty_close(void *handle)
{
    free(handle);
}

static int faulty_describe(void *handle, struct vz_encoder_info *ret)
{
    struct handle *h = handle;
    *ret = (struct vz_encoder_info){ .dim = FAULT == FAULT_DIM ? 0 : h->dim,
                                     .query_prompt = "query: " };
    return 0;
}

static int faulty_encode(void *handle, const struct vz_text *texts, size_t count, enum vz_role role,
                         float *ret_rows, struct vz_text_info *ret_info)
{
    struct handle *h = handle;
    (void)ret_info;
    for (size_t i = 0; i < count; i++) {
        if (texts[i].len >= 6 && memcmp(texts[i].text, "poison", 6) == 0) {
            h->host->fail(h->host, VZ_ENCODER_FAILED, "row %s is poison", texts[i].key);
            return -1;
        }
        for (uint32_t d = 0; d < h->dim; d++)
            ret_rows[i * h->dim + d] = (float)(texts[i].len + d + 1 + (role == VZ_QUERY ? 7 : 0));
    }
    if (FAULT == FAULT_NAN)
        ret_rows[count * h->dim - 1] = NAN;
    if (FAULT == FAULT_ZEROS)
        memset(ret_rows, 0, h->dim * sizeof *ret_rows);
    return FAULT == FAULT_SILENT ? -1 : 0;
}

static int faulty_fingerprint(void *handle, char ret[65])
{
    (void)handle;
    memset(ret, 'x', 64);
    ret[64] = '\0';
    return 0;
}

static const struct vz_encoder faulty = {
    /* An old module's table ends before the optional callbacks; a small one before the
     * required. */
    .struct_size = FAULT == FAULT_OLD     ? offsetof(struct vz_encoder, fingerprint)
                   : FAULT == FAULT_SMALL ? 16
                                          : sizeof(struct vz_encoder),
    .abi = FAULT == FAULT_ABI ? VZ_ENCODER_ABI + 1 : VZ_ENCODER_ABI,
    .option_size = sizeof(struct vz_option),
    .name = FAULT == FAULT_NAME ? "Bad Name" : NAME,
    .version = "1",
    .summary = "wrong in one way",
    .threading = VZ_SERIAL,
    .options_size = sizeof(struct options),
    .options = options,
    .main_option = "dim",
    .open = faulty_open,
    .close = faulty_close,
    .describe = faulty_describe,
    .encode = FAULT == FAULT_NO_ENCODE ? NULL : faulty_encode,
    .fingerprint = FAULT == FAULT_NONE ? NULL : faulty_fingerprint,
};
VZ_ENCODER_EXPORT(faulty)
