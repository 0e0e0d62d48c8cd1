/* SPDX-License-Identifier: Apache-2.0
 *
 * oneDNN's matmul through its C API, of version 2 or 3. The only file that knows the library.
 *
 * The library runs a product on OpenMP threads of its own. Our threads work on different rows
 * already, so each one asks OpenMP for a team of one before it calls. */
#include "nn/kernel/onednn.h"

#if NN_HAVE_ONEDNN

#include <dnnl.h>

#include "base/arena.h"

/* Of the OpenMP that the library runs on; our compiler's own <omp.h> may be another one. */
extern void omp_set_num_threads(int n);

struct onednn_product {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_primitive_t matmul, reorder;
    dnnl_memory_t x, weight, packed, y;
};

/* What a precision is to oneDNN. Sums of int8 stay whole numbers: scaling them would only cost. */
struct types {
    dnnl_data_type_t x, weight, y;
};

static const struct types types_of[NN_PRECISIONS] = {
    [NN_FP32] = { dnnl_f32, dnnl_f32, dnnl_f32 },
    [NN_BF16] = { dnnl_bf16, dnnl_bf16, dnnl_f32 },
    [NN_INT8] = { dnnl_u8, dnnl_s8, dnnl_s32 },
};

bool onednn_is_there(void)
{
    return true;
}

#if DNNL_VERSION_MAJOR >= 3

typedef dnnl_memory_desc_t memory_desc;

static bool desc_make(memory_desc *ret, dnnl_dim_t a, dnnl_dim_t b, dnnl_data_type_t type,
                      dnnl_format_tag_t tag)
{
    return dnnl_memory_desc_create_with_tag(ret, 2, (dnnl_dims_t){ a, b }, type, tag) ==
           dnnl_success;
}

static bool memory_make(dnnl_memory_t *ret, memory_desc d, dnnl_engine_t engine, const void *p)
{
    void *data = p ? (void *)p : DNNL_MEMORY_ALLOCATE;
    return dnnl_memory_create(ret, d, engine, data) == dnnl_success;
}

static void desc_free(memory_desc *d)
{
    if (*d)
        dnnl_memory_desc_destroy(*d);
}

static bool matmul_make(struct onednn_product *p, memory_desc x, memory_desc any, memory_desc y)
{
    dnnl_primitive_desc_t d = NULL;
    if (dnnl_matmul_primitive_desc_create(&d, p->engine, x, any, NULL, y, NULL) != dnnl_success)
        return false;
    const_dnnl_memory_desc_t packed = dnnl_primitive_desc_query_md(d, dnnl_query_weights_md, 0);
    bool ok =
        dnnl_primitive_create(&p->matmul, d) == dnnl_success &&
        dnnl_memory_create(&p->packed, packed, p->engine, DNNL_MEMORY_ALLOCATE) == dnnl_success;
    dnnl_primitive_desc_destroy(d);
    return ok;
}

static bool reorder_make(struct onednn_product *p)
{
    const_dnnl_memory_desc_t from, to;
    dnnl_primitive_desc_t d = NULL;
    if (dnnl_memory_get_memory_desc(p->weight, &from) != dnnl_success ||
        dnnl_memory_get_memory_desc(p->packed, &to) != dnnl_success ||
        dnnl_reorder_primitive_desc_create(&d, from, p->engine, to, p->engine, NULL) !=
            dnnl_success)
        return false;
    bool ok = dnnl_primitive_create(&p->reorder, d) == dnnl_success;
    dnnl_primitive_desc_destroy(d);
    return ok;
}

#define DESC(d) (d)

#else

typedef dnnl_memory_desc_t memory_desc;

static bool desc_make(memory_desc *ret, dnnl_dim_t a, dnnl_dim_t b, dnnl_data_type_t type,
                      dnnl_format_tag_t tag)
{
    return dnnl_memory_desc_init_by_tag(ret, 2, (dnnl_dims_t){ a, b }, type, tag) == dnnl_success;
}

static bool memory_make(dnnl_memory_t *ret, memory_desc d, dnnl_engine_t engine, const void *p)
{
    void *data = p ? (void *)p : DNNL_MEMORY_ALLOCATE;
    return dnnl_memory_create(ret, &d, engine, data) == dnnl_success;
}

static void desc_free(memory_desc *d)
{
    (void)d; // a plain struct in version 2
}

static bool matmul_make(struct onednn_product *p, memory_desc x, memory_desc any, memory_desc y)
{
    dnnl_matmul_desc_t d;
    dnnl_primitive_desc_t pd = NULL;
    if (dnnl_matmul_desc_init(&d, &x, &any, NULL, &y) != dnnl_success ||
        dnnl_primitive_desc_create(&pd, &d, NULL, p->engine, NULL) != dnnl_success)
        return false;
    const dnnl_memory_desc_t *packed = dnnl_primitive_desc_query_md(pd, dnnl_query_weights_md, 0);
    bool ok =
        dnnl_primitive_create(&p->matmul, pd) == dnnl_success &&
        dnnl_memory_create(&p->packed, packed, p->engine, DNNL_MEMORY_ALLOCATE) == dnnl_success;
    dnnl_primitive_desc_destroy(pd);
    return ok;
}

static bool reorder_make(struct onednn_product *p)
{
    const dnnl_memory_desc_t *from, *to;
    dnnl_primitive_desc_t d = NULL;
    if (dnnl_memory_get_memory_desc(p->weight, &from) != dnnl_success ||
        dnnl_memory_get_memory_desc(p->packed, &to) != dnnl_success ||
        dnnl_reorder_primitive_desc_create(&d, from, p->engine, to, p->engine, NULL) !=
            dnnl_success)
        return false;
    bool ok = dnnl_primitive_create(&p->reorder, d) == dnnl_success;
    dnnl_primitive_desc_destroy(d);
    return ok;
}

#endif

static bool execute(const struct onednn_product *p, dnnl_primitive_t primitive, int n,
                    const dnnl_exec_arg_t *args)
{
    return dnnl_primitive_execute(primitive, p->stream, n, args) == dnnl_success &&
           dnnl_stream_wait(p->stream) == dnnl_success;
}

/* The weight is stored [n, k]: to oneDNN that is [k, n] transposed (tag ba). */
static bool make(struct onednn_product *p, const struct types *t, dnnl_dim_t rows, dnnl_dim_t n,
                 dnnl_dim_t k, const void *x, const void *weight, void *y)
{
    memory_desc dx = { 0 }, dw = { 0 }, dany = { 0 }, dy = { 0 };
    bool ok =
        dnnl_engine_create(&p->engine, dnnl_cpu, 0) == dnnl_success &&
        dnnl_stream_create(&p->stream, p->engine, dnnl_stream_default_flags) == dnnl_success &&
        desc_make(&dx, rows, k, t->x, dnnl_ab) && desc_make(&dw, k, n, t->weight, dnnl_ba) &&
        desc_make(&dany, k, n, t->weight, dnnl_format_tag_any) &&
        desc_make(&dy, rows, n, t->y, dnnl_ab) && matmul_make(p, dx, dany, dy) &&
        memory_make(&p->x, dx, p->engine, x) && memory_make(&p->weight, dw, p->engine, weight) &&
        memory_make(&p->y, dy, p->engine, y) && reorder_make(p);
    desc_free(&dx);
    desc_free(&dw);
    desc_free(&dany);
    desc_free(&dy);
    const dnnl_exec_arg_t args[] = { { DNNL_ARG_FROM, p->weight }, { DNNL_ARG_TO, p->packed } };
    return ok && execute(p, p->reorder, 2, args);
}

struct onednn_product *onednn_new(enum nn_precision precision, size_t rows, size_t n, size_t k,
                                  const void *x, const void *weight, void *y)
{
    struct onednn_product *p = xcalloc(1, sizeof *p);
    omp_set_num_threads(1);
    if (!make(p, &types_of[precision], (dnnl_dim_t)rows, (dnnl_dim_t)n, (dnnl_dim_t)k, x, weight,
              y)) {
        onednn_free(p);
        return NULL;
    }
    return p;
}

void onednn_run(struct onednn_product *p)
{
    const dnnl_exec_arg_t args[] = { { DNNL_ARG_SRC, p->x },
                                     { DNNL_ARG_WEIGHTS, p->packed },
                                     { DNNL_ARG_DST, p->y } };
    if (!execute(p, p->matmul, 3, args))
        oom("oneDNN could not run a product");
}

void onednn_free(struct onednn_product *p)
{
    if (!p)
        return;
    dnnl_memory_t memories[] = { p->x, p->weight, p->packed, p->y };
    for (size_t i = 0; i < sizeof memories / sizeof memories[0]; i++)
        if (memories[i])
            dnnl_memory_destroy(memories[i]);
    if (p->matmul)
        dnnl_primitive_destroy(p->matmul);
    if (p->reorder)
        dnnl_primitive_destroy(p->reorder);
    if (p->stream)
        dnnl_stream_destroy(p->stream);
    if (p->engine)
        dnnl_engine_destroy(p->engine);
    xfree(p);
}

#else

bool onednn_is_there(void)
{
    return false;
}

struct onednn_product *onednn_new(enum nn_precision precision, size_t rows, size_t n, size_t k,
                                  const void *x, const void *weight, void *y)
{
    (void)precision, (void)rows, (void)n, (void)k, (void)x, (void)weight, (void)y;
    return NULL;
}

void onednn_run(struct onednn_product *p)
{
    (void)p;
}

void onednn_free(struct onednn_product *p)
{
    (void)p;
}

#endif
