# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Vector indexes that are there already are told apart: another operator class, another column,
# a prefix, a condition, one that is still being built. None of them is taken for ours, none is
# changed, and ours is built beside them; status names them all.
# On a cluster: that a partial index is chosen

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3 curl
VECTORIZE_PERSONA=${VECTORIZE_PERSONA:-25.4}
fresh_database
[ "$(index_state)" = built ] || skip "25.2 has no index by cosine distance"

crdb 'CREATE TABLE t (id INT PRIMARY KEY, tenant STRING, body STRING, other VECTOR(64))'
crdb "INSERT INTO t SELECT g, 'a', 'text number ' || g FROM generate_series(1, 60) AS g"
assert_exit 0 embed -t t -i body --no-index

# Of the same column by L2 distance, under our own first name; of another column; with a prefix.
crdb 'CREATE VECTOR INDEX t_body_vector_cosine_idx ON t (body_vector vector_l2_ops)'
crdb 'CREATE VECTOR INDEX by_other ON t (other vector_cosine_ops)'
crdb 'CREATE VECTOR INDEX by_tenant ON t (tenant, body_vector vector_cosine_ops)'
crdb "CREATE VECTOR INDEX of_some ON t (body_vector vector_cosine_ops) WHERE tenant = 'b'"
before=$(crdb 'SELECT indexname, indexdef FROM pg_indexes ORDER BY 1')
assert_exit 0 vectorize search -t t 'text number 7' --json
assert_json "$OUT" '[.index, .results[0].key.id, (.note | contains("no vector index"))]' '[null,"7",true]'
assert_exit 0 vectorize status -t t --json
assert_json "$OUT" '[.indexes[] | .name + " " + .state + " " + .metric] | sort' \
    '["by_tenant not usable cosine","of_some not usable cosine","t_body_vector_cosine_idx ready l2"]'

assert_exit 0 embed -t t -i body --json
assert_json "$OUT" '[.index.state, .index.name]' '["built","t_body_vector_cosine_idx2"]'
assert_equal "$before" "$(crdb "SELECT indexname, indexdef FROM pg_indexes WHERE indexname <> 't_body_vector_cosine_idx2' ORDER BY 1")"
assert_exit 0 vectorize search -t t 'text number 7' --json
assert_json "$OUT" '[.index, .results[0].key.id]' '["t_body_vector_cosine_idx2","7"]'

# A partial index over all rows with a vector serves, with its condition in the search.
crdb 'DROP INDEX t@t_body_vector_cosine_idx2'
crdb 'CREATE VECTOR INDEX not_null ON t (body_vector vector_cosine_ops) WHERE body_vector IS NOT NULL'
assert_exit 0 embed -t t -i body --json
assert_json "$OUT" '[.index.state, .index.name]' '["present","not_null"]'
assert_exit 0 vectorize search -t t 'text number 7' -l 100 --json
assert_json "$OUT" '[.index, .results[0].key.id, (.results | length)]' '["not_null","7",60]'

is_cluster && exit # the rest needs slow jobs, and the front's log

# One that is being built is in no catalogue: its job is found, and waited for.
crdb 'CREATE TABLE u (id INT PRIMARY KEY, body STRING)'
crdb "INSERT INTO u SELECT g, 'text number ' || g FROM generate_series(1, 60) AS g"
assert_exit 0 embed -t u -i body --no-index
front_control POST jobs ms=3000 >/dev/null
crdb 'CREATE VECTOR INDEX u_body_vector_cosine_idx ON u (body_vector vector_cosine_ops)' &
builder=$!
wait_for 20 eval 'crdb "SELECT status FROM [SHOW JOBS] WHERE description LIKE '"'%u_body%'"'" | grep -q running'
assert_exit 0 vectorize search -t u 'text number 7' --json
assert_json "$OUT" '[.index, .results[0].key.id]' '[null,"7"]'
assert_exit 0 embed -t u -i body --json
wait "$builder"
assert_equal 1 "$(crdb "SELECT count(*) FROM pg_indexes WHERE tablename = 'u' AND indexdef LIKE '%cspann%'")"

# Partition sizes follow the number of rows.
assert_contains "$(jq -r .sql "$FRONT_LOG")" 'min_partition_size = 16, max_partition_size = 128'
