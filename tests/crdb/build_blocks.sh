# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Up to 25.3 the table takes no writes while its vector index is built. Who builds it warns of that
# beforehand; a second embed that has still to write says what it waits for, and goes on when the
# index is there. (Found by the campaign: it ended with the server's refusal.)
# Versions: 25.3

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3 curl
needs_front "slow jobs"
VECTORIZE_PERSONA=25.3
fresh_database

crdb 'CREATE TABLE t (id INT PRIMARY KEY, body STRING)'
crdb "INSERT INTO t SELECT g, 'text number ' || g FROM generate_series(1, 200) AS g"
assert_exit 0 embed -t t -i body -l 100 --no-index

# The index is built meanwhile.
front_control POST jobs ms=60000 >/dev/null
crdb 'CREATE VECTOR INDEX t_body_vector_cosine_idx ON t (body_vector vector_cosine_ops)' &
builder=$!
is_building() {
    [ "$(crdb "SELECT count(*) FROM [SHOW JOBS] WHERE description LIKE '%VECTOR INDEX%' AND status = 'running'")" = 1 ]
}
wait_for 10 is_building
embed -t t -i body --json >"$TEST_TMP/second.out" 2>"$TEST_TMP/second.err" &
second=$!
wait_for 30 grep -q 'takes no writes while another session builds a vector index' "$TEST_TMP/second.err"
front_control POST jobs ms=0 >/dev/null
wait "$builder"
wait "$second" || fail "$(cat "$TEST_TMP/second.err")"
assert_json "$(cat "$TEST_TMP/second.out")" '[.rows.written, .rows.left, .index.state]' '[100,0,"present"]'
assert_vectors t body

# The warning of the one that builds.
crdb 'CREATE TABLE u (id INT PRIMARY KEY, body STRING)'
crdb "INSERT INTO u SELECT g, 'text number ' || g FROM generate_series(1, 50) AS g"
assert_exit 0 embed -t u -i body
assert_contains "$ERR" 'Writes to the table are refused while its index is built'
