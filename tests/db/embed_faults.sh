# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Faults on the way, as CockroachDB has them: serialisation failures, commits whose outcome is
# unknown (done and not done), connections lost before and after the work, a node that drains.
# Each run ends by itself with all rows embedded. (The predecessor ended with exit code 0 and 200
# of 500 rows, or with a traceback.)
# Versions: 25.4
# On a cluster: which faults it makes by itself

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
. "$TEST_ROOT/tests/lib/front.sh"
requires jq python3 curl
needs_front "faults"
front_build || skip 'the front cannot be built'
fresh_database
front_start 25.4

sql 'CREATE TABLE t (id INT PRIMARY KEY, body TEXT)'
sql "INSERT INTO t SELECT i, 'text ' || i FROM generate_series(1, 1500) i"

# survives NAME=VALUE…: a run with that fault, from the first statement on.
survives() {
    sql 'SET client_min_messages = warning; ALTER TABLE t DROP COLUMN IF EXISTS body_vector CASCADE'
    front_fault "$@"
    assert_exit 0 embed -u "$FRONT_URL" -t t -i body -b 40 --json
    hits=$(front_control GET faults | jq '[.. | .hits? // empty] | add')
    front_control DELETE faults >/dev/null
    [ "${hits:-0}" -gt 0 ] || fail "nothing went wrong with $*: the test says nothing"
    assert_json "$OUT" '.rows | [.left, .failed]' '[0,0]'
    assert_json "$OUT" '.rows | .written + .changed >= 1500'
    assert_json "$OUT" '.index.state' built
    assert_vectors t body
    echo "$*: $hits times, $(jq -c '[.rows.written, .rows.changed, .seconds]' <<<"$OUT")"
}

survives kind=error code=40001 on=write every=3
survives kind=ambiguous-applied on=write every=2
survives kind=ambiguous-lost on=write every=2
survives kind=drop-before on=write every=4
survives kind=drop-after on=write every=4
survives kind=drop-mid on=write every=4
survives kind=drop-before on=read every=3 count=8
survives kind=shutdown on=write every=5 count=12
survives kind=drop-before on=any every=41 count=12
survives kind=error code=58C00 on=write every=5 count=10
survives kind=error code=53200 on=write every=5 count=4
survives kind=drop-after on=schema count=2
