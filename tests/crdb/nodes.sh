# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Nodes that go away while rows are written: drained (old connections end, new ones are refused),
# down (nobody gets in), full (too many clients). embed waits, comes back and finishes.
# On a cluster: leases that move

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3 curl
needs_front "nodes that go away"
VECTORIZE_PERSONA=${VECTORIZE_PERSONA:-25.4}
fresh_database

crdb 'CREATE TABLE t (id INT PRIMARY KEY, body STRING)'
crdb "INSERT INTO t SELECT g, 'text number ' || g FROM generate_series(1, 1000) AS g"
for what in drain down full; do
    sql 'SET client_min_messages = warning; ALTER TABLE t DROP COLUMN IF EXISTS body_vector'
    front_fault kind=stall ms=150 on=write
    embed -t t -i body -b 50 --no-index --json >"$TEST_TMP/run.out" 2>"$TEST_TMP/run.err" &
    pid=$!
    wait_for 10 eval 'front_control GET faults | jq -e ".[0].hits > 2"'
    front_control POST "$what" ms=800 >/dev/null
    [ "$what" != full ] || front_fault kind=drop-before on=write count=2
    sleep 1
    front_control DELETE faults >/dev/null
    wait "$pid" || fail "$what: $(cat "$TEST_TMP/run.err")"
    assert_json "$(cat "$TEST_TMP/run.out")" '[.rows.written + .rows.changed >= 1000, .rows.left]' '[true,0]'
    assert_vectors t body
done
