/* SPDX-License-Identifier: Apache-2.0
 *
 * What differs between servers, as one constant table a server. Everything else is the same SQL
 * (db/sql/). A new server is a row here and, where its SQL differs, a variant in a query file. */
#ifndef DB_DIALECT_H
#define DB_DIALECT_H

#include <stdbool.h>
#include <stddef.h>

#include <vectorize/encoder.h>

#include "base/error.h"

enum dialect_kind { DIALECT_POSTGRES, DIALECT_COCKROACH, DIALECT_COUNT };

struct dialect_setting {
    const char *name, *value;
    bool optional; /* an unknown setting is passed over */
};

struct dialect {
    enum dialect_kind kind;
    const char *name;                      /* "PostgreSQL", "CockroachDB" */
    const char *index_method;              /* how it stands in a definition: "hnsw", "cspann" */
    size_t max_index_dim;                  /* 0: no limit of its own */
    size_t min_beam, max_beam;             /* how far an index is searched: least, server's limit */
    const char *operator_class[3];         /* by enum vz_metric */
    const char *operator[3];               /* distance operator by metric */
    const struct dialect_setting *session; /* ends with a NULL name */

    bool has_vector_type; /* in every database, without an extension */
    bool has_follower_reads;
    bool has_vector_index;     /* false: too old */
    bool index_blocks_writes;  /* while it is built */
    bool only_l2_index;        /* operator classes of the other metrics are missing */
    bool index_gate;           /* feature.vector_index.enabled may be off */
    bool small_writes_indexed; /* use small batches when a vector index exists */
};

struct server_version {
    int major, minor, patch; /* 16.4.0; 25.2.1 */
};

/* Finds the dialect by `crdb_version` (a parameter status, may be NULL) and version(). VZ_DB
 * for a server that is neither or that is too old, with what is needed. */
bool dialect_find(const char *crdb_version, const char *version, struct dialect *ret,
                  struct server_version *ret_version, struct vz_error *err) VZ_MUST_CHECK;

#endif
