# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Keys as only CockroachDB has them: hash-sharded, REGIONAL BY ROW, and none at all. (The
# predecessor took the shard or the region for the key, and wrote one row's vector onto all rows
# that shared it.)
# On a cluster: placement of regional rows

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3 curl
VECTORIZE_PERSONA=${VECTORIZE_PERSONA:-25.4}
fresh_database

# check_table NAME DEFINITION KEY: KEY is what a found row is named by.
check_table() {
    crdb "CREATE TABLE $1 $2"
    crdb "INSERT INTO $1 (tenant, id, body) SELECT 't' || g % 3, g, 'document number ' || g
          FROM generate_series(1, 300) AS g"
    assert_exit 0 embed -t "$1" -i body -b 37 --json
    assert_json "$OUT" '[.rows.written, .index.state]' "[300,\"$(index_state)\"]"
    assert_vectors "$1" body
    assert_equal 300 "$(sql "SELECT count(DISTINCT body_vector::text) FROM $1")"
    assert_exit 0 vectorize search -t "$1" 'document number 42' -l 1 --json
    assert_json "$OUT" '.results[0].key | keys | join(" ")' "$3"
    assert_json "$OUT" '.results[0].columns.body' 'document number 42'
}

columns='tenant STRING NOT NULL, id INT NOT NULL, body STRING'
check_table plain "($columns, PRIMARY KEY (tenant, id))" 'id tenant'
check_table hashed "($columns, PRIMARY KEY (tenant, id) USING HASH)" 'id tenant'
check_table one "(tenant STRING, id INT PRIMARY KEY USING HASH WITH (bucket_count = 16), body STRING)" 'id'
check_table regional "($columns, PRIMARY KEY (tenant, id)) LOCALITY REGIONAL BY ROW" 'crdb_region id tenant'
check_table keyless "(tenant STRING, id INT, body STRING)" 'rowid'
