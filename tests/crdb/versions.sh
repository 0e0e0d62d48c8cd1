# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What a user of each version of CockroachDB gets: the index where the version can build it, a
# sentence that says why where it cannot, and right answers in both cases.
# Versions: 25.2 25.3 25.4 26.1

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3 curl
needs_front "several versions"

# check_version PERSONA INDEX: INDEX is the state of the index after embed.
check_version() {
    fresh_database
    VECTORIZE_PERSONA=$1 through_front
    crdb 'CREATE TABLE notes (id INT PRIMARY KEY, body STRING)'
    crdb "INSERT INTO notes SELECT g, CASE WHEN g % 10 = 0 THEN NULL ELSE 'note number ' || g END
          FROM generate_series(1, 200) AS g"
    assert_exit 0 embed -t notes -i body --json
    assert_json "$OUT" '[.rows.written, .index.state]' "[180,\"$2\"]"
    assert_vectors notes body
    assert_exit 0 vectorize search -t notes 'note number 17' -l 200 --json
    assert_json "$OUT" '[.results[0].key.id, (.results | length), .index != null]' \
        "[\"17\",180,$([ "$2" = built ] && echo true || echo false)]"
    assert_exit 0 vectorize status -t notes --json
    assert_json "$OUT" '[.rows.embedded, .rows.missing, .rows.null]' '[180,0,20]'
}

check_version 25.2 none
assert_exit 0 embed -t notes -i body --json
assert_json "$OUT" '.index.note | contains("25.3 or newer")'

check_version 25.3 built
check_version 25.4 built
check_version 26.1 built
# Nothing that this version has closed was touched.
assert_equal '' "$(jq -r 'select(.answer | startswith("42501")) | .sql' "$FRONT_LOG")"

# The gate of 25.3, closed: the vectors are written, and who has to do what is said.
fresh_database
VECTORIZE_PERSONA=25.3 through_front
crdb 'SET CLUSTER SETTING feature.vector_index.enabled = false'
sql "CREATE TABLE notes (id INT PRIMARY KEY, body TEXT)"
sql "INSERT INTO notes SELECT g, 'note ' || g FROM generate_series(1, 50) g"
assert_exit 0 embed -t notes -i body --json
assert_json "$OUT" '[.rows.written, .index.state]' '[50,"none"]'
assert_json "$OUT" '.index.note | contains("SET CLUSTER SETTING feature.vector_index.enabled = true")'

# 26.1 with a table whose schema stays locked: nothing is changed, and the way out is said.
fresh_database
VECTORIZE_PERSONA=26.1 through_front -strict-lock
sql "CREATE TABLE notes (id INT PRIMARY KEY, body TEXT)"
sql "INSERT INTO notes VALUES (1, 'one')"
assert_exit 1 embed -t notes -i body
assert_contains "$ERR" 'schema_locked'
crdb 'ALTER TABLE notes SET (schema_locked = false)'
assert_exit 0 embed -t notes -i body
assert_vectors notes body
