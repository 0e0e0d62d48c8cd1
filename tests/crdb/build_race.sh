# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Another process finishes the index between this one's look at the indexes and its choice of a
# name. There is one index afterwards, not a second one under the next name. (Found by the
# campaign.)

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3 curl
needs_front "an answer that is held back"
VECTORIZE_PERSONA=${VECTORIZE_PERSONA:-25.4}
fresh_database

crdb 'CREATE TABLE t (id INT PRIMARY KEY, body STRING)'
crdb "INSERT INTO t SELECT g, 'text number ' || g FROM generate_series(1, 50) AS g"
assert_exit 0 embed -t t -i body --no-index
# The list of indexes is made when the statement is bound, and held back: it is old when it comes.
front_fault kind=stall ms=60000 on=read match='USING cspann' after=1 # the plan's is the first
embed -t t -i body --json >"$TEST_TMP/second.out" 2>"$TEST_TMP/second.err" &
second=$!
wait_for 30 eval 'front_control GET faults | jq -e ".[0].hits == 1"'
crdb 'CREATE VECTOR INDEX t_body_vector_cosine_idx ON t (body_vector vector_cosine_ops)'
front_control DELETE faults >/dev/null
wait "$second" || fail "$(cat "$TEST_TMP/second.err")"
assert_equal t_body_vector_cosine_idx \
    "$(crdb "SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%cspann%'")" 'the indexes'
