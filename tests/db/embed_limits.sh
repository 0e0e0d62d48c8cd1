# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# --limit, -n, --where, --no-index and --metric do what they say. (The predecessor accepted some
# options and ignored them.)

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3
fresh_database

embedded() {
    sql 'SELECT count(*) FROM t WHERE body_vector IS NOT NULL'
}

sql 'CREATE TABLE t (id INT PRIMARY KEY, body TEXT, kind TEXT)'
sql "INSERT INTO t SELECT i, CASE WHEN i > 10 THEN 'text ' || i END, 'k' || i % 2 FROM generate_series(1, 1010) i"

assert_exit 0 embed -t t -i body --limit 100 --json
assert_json "$OUT" '[.rows.written, .rows.left, .limited, .index.state]' '[100,900,true,"none"]'
assert_equal 100 "$(embedded)"
assert_exit 0 embed -t t -i body -b 7 -n 3
assert_contains "$OUT" '879 rows'
assert_equal 121 "$(embedded)"
assert_exit 0 embed -t t -i body -b 50 -n 3 --limit 5
assert_equal 126 "$(embedded)"
assert_exit 0 embed -t t -i body -n 2 # batches of the usual size
[ "$(embedded)" -gt 126 ] || fail 'a batch of the usual size has no row'
sql 'UPDATE t SET body_vector = NULL'

# A condition is a condition, whatever operators are in it.
assert_exit 0 embed -t t -i body --where "kind = 'k1' OR id = 20 -- a comment" --no-index --json
assert_json "$OUT" '[.rows.written, .index.state, .index.note]' '[501,"none","--no-index was given"]'
assert_equal 501 "$(embedded)"
assert_equal 0 "$(sql "SELECT count(*) FROM t WHERE body_vector IS NOT NULL AND kind = 'k0' AND id <> 20")"
assert_equal 1 "$(sql "SELECT count(*) FROM pg_indexes WHERE tablename = 't'")"

assert_exit 0 embed -t t -i body --metric l2 --json
assert_json "$OUT" '[.metric, .index.state, .rows.left]' '["l2","built",0]'
method=$(is_cluster && echo cspann || echo hnsw)
assert_contains "$(sql "SELECT indexdef FROM pg_indexes WHERE indexdef LIKE '%$method%'")" vector_l2_ops
assert_vectors t body

# A column that has an index already is filled just the same.
sql 'UPDATE t SET body_vector = NULL WHERE id < 200'
assert_exit 0 embed -t t --json
assert_json "$OUT" '[.rows.written, .index.state]' '[189,"present"]'
assert_vectors t body
