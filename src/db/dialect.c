/* SPDX-License-Identifier: Apache-2.0
 *
 * The servers, one row each, and what of a row depends on the version. */
#include "db/dialect.h"

#include <stdio.h>
#include <string.h>

#include "base/compiler.h"

/* Values must print the same whatever the role's defaults are, and nothing may end a long build. */
static const struct dialect_setting postgres_session[] = {
    { "datestyle", "ISO", false },
    { "intervalstyle", "postgres", false },
    { "timezone", "UTC", false },
    { "extra_float_digits", "3", false },
    { "bytea_output", "hex", false },
    { "statement_timeout", "0", false },
    { "jit", "off", true }, // pays for itself only in long scans; see page.c
    { 0 },
};

static const struct dialect_setting cockroach_session[] = {
    { "datestyle", "ISO", true },
    { "intervalstyle", "postgres", true },
    { "timezone", "UTC", false },
    { "extra_float_digits", "3", false },
    { "bytea_output", "hex", false },
    { "statement_timeout", "0", false },
    { "sql_safe_updates", "off", true },
    { "autocommit_before_ddl", "on", true },
    // A generic plan may miss the vector index.
    { "plan_cache_mode", "force_custom_plan", true },
    { 0 },
};

#define OPERATOR_CLASSES                                                                           \
    {                                                                                              \
        [VZ_COSINE] = "vector_cosine_ops", [VZ_INNER_PRODUCT] = "vector_ip_ops",                   \
        [VZ_L2] = "vector_l2_ops"                                                                  \
    }
#define OPERATORS                                                                                  \
    {                                                                                              \
        [VZ_COSINE] = "<=>", [VZ_INNER_PRODUCT] = "<#>", [VZ_L2] = "<->"                           \
    }

static const struct dialect dialects[DIALECT_COUNT] = {
    [DIALECT_POSTGRES] = {
        .kind = DIALECT_POSTGRES,
        .name = "PostgreSQL",
        .index_method = "hnsw",
        .max_index_dim = 2000,
        .min_beam = 100, // better recall than pgvector's 40 at little cost
        .max_beam = 1000,
        .operator_class = OPERATOR_CLASSES,
        .operator = OPERATORS,
        .session = postgres_session,
        .has_vector_index = true,
    },
    [DIALECT_COCKROACH] = {
        .kind = DIALECT_COCKROACH,
        .name = "CockroachDB",
        .index_method = "cspann",
        .min_beam = 32,
        .max_beam = 512,
        .operator_class = OPERATOR_CLASSES,
        .operator = OPERATORS,
        .session = cockroach_session,
        .has_vector_type = true,
        .has_follower_reads = true,
        .small_writes_indexed = true,
    },
};

static bool is_at_least(const struct server_version *v, int major, int minor)
{
    return v->major > major || (v->major == major && v->minor >= minor);
}

static bool find_cockroach(const char *text, struct dialect *ret, struct server_version *v,
                           struct vz_error *err)
{
    *ret = dialects[DIALECT_COCKROACH];
    const char *at = text;
    while ((at = strchr(at, 'v')) && sscanf(at, "v%d.%d.%d", &v->major, &v->minor, &v->patch) < 2)
        at++;
    if (!at)
        return vz_fail(err, VZ_DB, "cannot read the version of this CockroachDB server");
    if (!is_at_least(v, 24, 2)) {
        vz_fail(err, VZ_DB, "CockroachDB %d.%d has no VECTOR type", v->major, v->minor);
        return vz_hint(err, "Version 24.2 or newer is needed, for vector indexes 25.2.");
    }
    ret->has_vector_index = is_at_least(v, 25, 2);
    ret->index_gate = !is_at_least(v, 25, 4);
    ret->index_blocks_writes = !is_at_least(v, 25, 4);
    ret->only_l2_index = !is_at_least(v, 25, 3);
    if (is_at_least(v, 25, 4))
        ret->max_beam = 2048;
    return true;
}

static bool find_postgres(const char *text, struct dialect *ret, struct server_version *v,
                          struct vz_error *err)
{
    *ret = dialects[DIALECT_POSTGRES];
    if (sscanf(text, "PostgreSQL %d.%d", &v->major, &v->minor) < 1)
        return vz_fail(err, VZ_DB, "this server is neither CockroachDB nor PostgreSQL");
    if (v->major < 12)
        return vz_fail(err, VZ_DB, "PostgreSQL %d is too old: 12 or newer is needed", v->major);
    return true;
}

bool dialect_find(const char *crdb_version, const char *version, struct dialect *ret,
                  struct server_version *ret_version, struct vz_error *err)
{
    *ret_version = (struct server_version){ 0 };
    if (crdb_version && *crdb_version)
        return find_cockroach(crdb_version, ret, ret_version, err);
    if (!strncmp(version, "CockroachDB", strlen("CockroachDB")))
        return find_cockroach(version, ret, ret_version, err);
    return find_postgres(version, ret, ret_version, err);
}
