/* SPDX-License-Identifier: Apache-2.0
 *
 * The module ABI: how an encoder plugs into vectorize. The only installed header.
 *
 * A module is one constant `struct vz_encoder`. Built-in and loaded modules are the same struct;
 * a loaded one is a shared object that exports a single symbol, made by VZ_ENCODER_EXPORT:
 *
 *     static int zero_encode(void *handle, const struct vz_text *texts, size_t count,
 *                            enum vz_role role, float *ret_rows, struct vz_text_info *ret_info)
 *     { … fill count rows of dim floats … return 0; }
 *
 *     static const struct vz_encoder zero = {
 *         VZ_ENCODER_HEAD,
 *         .name = "zero", .version = "1", .summary = "all components zero",
 *         .threading = VZ_PARALLEL,
 *         .open = zero_open, .close = zero_close, .describe = zero_describe, .encode = zero_encode,
 *     };
 *     VZ_ENCODER_EXPORT(zero)
 *
 * Life of a module:
 *
 *     open ─→ describe (any number) ─→ encode, tokenize, fingerprint (any number) ─→ close
 *
 * Rules. Texts and keys are borrowed for the call. Rows go into the host's buffer: nothing that
 * one side allocates is freed by the other. Keys are for messages only. A failing callback calls
 * host->fail once and returns -1 (open: NULL). A row must be finite, of the length that describe
 * gave, and the same whatever batch the text came in. Texts are UTF-8; the host has checked.
 * Modules never print, never exit, never install signal handlers. */
#ifndef VECTORIZE_ENCODER_H
#define VECTORIZE_ENCODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VZ_ENCODER_ABI 1

/* Kinds of failure, shared by modules and the host (see vectorize(1), EXIT STATUS). */
enum vz_kind {
    VZ_OK,
    VZ_USAGE,          /* the user asked for something that cannot be */
    VZ_CONFIG,         /* settings or environment */
    VZ_IO,             /* a file, a pipe, a socket */
    VZ_FORMAT,         /* a file or reply that is not what it claims to be */
    VZ_DB,             /* the database said no */
    VZ_RETRY,          /* a passing fault: the same call may succeed later */
    VZ_ENCODER_FAILED, /* this batch cannot be encoded; a smaller one may be */
    VZ_CANCELLED,
    VZ_BUG,
};

/* What the host may do with one handle. The host holds the locks. */
enum vz_threading {
    VZ_SERIAL,   /* one call at a time over all handles of the module */
    VZ_PARALLEL, /* encode and tokenize of one handle from many threads at once */
};

/* What a text is for; models with prompts treat the two differently. */
enum vz_role { VZ_DOCUMENT, VZ_QUERY };

/* How vectors of this model are compared. */
enum vz_metric { VZ_COSINE, VZ_INNER_PRODUCT, VZ_L2 };

struct vz_text {
    const char *key;  /* NUL-terminated, for messages; may be "" */
    const char *text; /* UTF-8, not NUL-terminated */
    size_t len;       /* bytes */
};

/* What became of one text. */
struct vz_text_info {
    uint32_t tokens;  /* tokens that were encoded, special ones included; 0: not counted */
    uint32_t dropped; /* tokens cut off by the model's limit */
};

struct vz_encoder_info {
    uint32_t dim;          /* components of a row */
    uint32_t max_tokens;   /* of one text, special tokens included; 0: no limit */
    bool unit_length;      /* rows have length 1 */
    enum vz_metric metric; /* the right comparison for this model */
    char kind[64];         /* for people: "BERT, 6 layers, mean pooling" */
    char document_prompt[512];
    char query_prompt[512]; /* put in front of the text; "" for none */
};

enum vz_option_type {
    VZ_OPTION_FLAG,   /* bool; takes no value */
    VZ_OPTION_INT,    /* int64_t, between min and max */
    VZ_OPTION_NUMBER, /* double */
    VZ_OPTION_STRING, /* const char * */
    VZ_OPTION_CHOICE, /* int: index into choices */
};

/* One option: a row that binds a name to a field of the module's (or command's) own struct.
 * The same rows make parsing, --help, the manual and shell completion. */
struct vz_option {
    const char *name; /* "batch-size"; NULL ends a list */
    enum vz_option_type type;
    size_t offset;              /* VZ_OFFSET(struct, field, C type) */
    const char *const *choices; /* VZ_OPTION_CHOICE: NULL-terminated */
    int64_t min, max;           /* VZ_OPTION_INT; both 0: any */
    const char *initial;        /* parsed like a given value; NULL: zero, "" is a string */
    const char *help;           /* one line, lower case, no full stop */
    const char *value;          /* what the value is called in help: "URL" */
    char letter;                /* short flag of a command's option, or 0 */
    bool secret;                /* never printed */
    const char *env;            /* variable that sets a command's option, or NULL */
};

/* offsetof that refuses to compile when the field has another type. */
#define VZ_OFFSET(S, field, T)                                                                     \
    (offsetof(S, field) +                                                                          \
     0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((S *)0)->field), T) ? 1 : -1]))

/* The host, as a module sees it. Valid from open until close returns; callable from any thread
 * that is inside a callback of the module. */
struct vz_host {
    uint32_t struct_size;
    /* Records why the running callback fails; said once, with a printf format. */
    void (*fail)(const struct vz_host *host, enum vz_kind kind, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
    /* A line for --verbose. Never text of a row. */
    void (*debug)(const struct vz_host *host, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));
    /* True once the user wants to stop: a long encode returns -1 with VZ_CANCELLED soon. */
    bool (*cancelled)(const struct vz_host *host);
    /* Threads that will call encode at once: how many scratch areas are worth keeping. */
    uint32_t threads;
    /* Where a module may keep what it can make again (a fingerprint, say); the folder may not
     * exist yet. NULL: nowhere. */
    const char *cache_folder;
};

struct vz_encoder {
    uint32_t struct_size, abi, option_size; /* by VZ_ENCODER_HEAD */
    const char *name;                       /* [a-z][a-z0-9_-]*, 31 bytes at most */
    const char *version;                    /* of the module, for people */
    const char *summary;                    /* one line */
    enum vz_threading threading;

    /* The host allocates options_size bytes, fills them from `options` (initial values, then
     * what the user said) and passes them to open, which copies what it keeps. */
    size_t options_size;
    const struct vz_option *options; /* ends with a row whose name is NULL; may be NULL */
    /* The option that takes what stands after the module's name in `module:NAME:REST`, or a
     * model's folder; NULL when there is none. */
    const char *main_option;

    void *(*open)(const struct vz_host *host, const void *options);
    void (*close)(void *handle);
    int (*describe)(void *handle, struct vz_encoder_info *ret);
    /* ret_rows: [count, dim]. ret_info: [count], or NULL when nobody asks. */
    int (*encode)(void *handle, const struct vz_text *texts, size_t count, enum vz_role role,
                  float *ret_rows, struct vz_text_info *ret_info);

    /* Optional from here; NULL means the stated default. Fields are only ever added below. */

    /* 64 hexadecimal digits and a NUL that change whenever the vectors may: over weights,
     * tokenizer and pooling. Default: over the module's name, version and options. */
    int (*fingerprint)(void *handle, char ret[65]);
    /* The ids that encode would use, special tokens and prompt included; writes at most `cap`
     * of them and sets *ret_count to how many there are. Default: "has no tokenizer". */
    int (*tokenize)(void *handle, const struct vz_text *text, enum vz_role role, int32_t *ret_ids,
                    size_t cap, size_t *ret_count, struct vz_text_info *ret_info);
    /* For benchmarks: floating-point operations that encoding one text of `tokens` tokens takes
     * (linear layers and attention). Default: unknown. */
    int (*cost)(void *handle, uint32_t tokens, double *ret_flop);
    /* GFLOP/s that this machine's best matrix product reaches on the model's own shapes with
     * `threads` threads, measured now (takes about a second). Default: unknown. */
    int (*ceiling)(void *handle, uint32_t threads, double *ret_gflops);
    /* What a model's folder claims to be, from its small files alone: for lists, and to find the
     * module of a folder. 0: ours, *ret is filled; 1: not ours; -1: ours but unusable, said with
     * host->fail. A module that has this is named by folders; its main_option takes one.
     * Default: the module is named by `module:NAME`. */
    int (*peek)(const struct vz_host *host, const char *folder, struct vz_encoder_info *ret);
    /* The numbers that it computes with ("fp32", "int8"), recorded with a column; valid until
     * close. A module that has this has an option of the same name. Default: not recorded. */
    const char *(*precision)(void *handle);
};

/* First three fields of every struct vz_encoder. */
#define VZ_ENCODER_HEAD                                                                            \
    .struct_size = sizeof(struct vz_encoder), .abi = VZ_ENCODER_ABI,                               \
    .option_size = sizeof(struct vz_option)

#define VZ_ENCODER_SYMBOL "vz_encoder_v1"

/* In a loaded module, once: exports `encoder` under the symbol that the host looks for. */
#define VZ_ENCODER_EXPORT(encoder)                                                                 \
    __attribute__((visibility("default"))) const struct vz_encoder *vz_encoder_v1(void);           \
    const struct vz_encoder *vz_encoder_v1(void)                                                   \
    {                                                                                              \
        return &(encoder);                                                                         \
    }

#ifdef __cplusplus
}
#endif

#endif
