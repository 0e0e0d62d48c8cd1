# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The index is built by a job of the cluster. It goes on when the client is killed, the next run
# waits for it and does not begin another one, and a job that fails is told with its reason.
# On a cluster: how long jobs take, and who may see them

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3 curl
needs_front "slow jobs, and one that fails"
VECTORIZE_PERSONA=${VECTORIZE_PERSONA:-26.1}
fresh_database

crdb 'CREATE TABLE t (id INT PRIMARY KEY, body STRING)'
crdb "INSERT INTO t SELECT g, 'text number ' || g FROM generate_series(1, 200) AS g"

index_jobs() {
    crdb "SELECT count(*) FROM [SHOW JOBS] WHERE description LIKE '%VECTOR INDEX%' AND status $1"
}
is_building() {
    [ "$(index_jobs "= 'running'")" = 1 ]
}

assert_exit 0 embed -t t -i body --no-index
front_control POST jobs ms=3000 >/dev/null
embed -t t -i body >/dev/null 2>&1 &
pid=$!
wait_for 10 is_building
kill -KILL "$pid"
wait "$pid" 2>/dev/null || :
is_building || fail 'the job ended with its client'
assert_equal 0 "$(crdb "SELECT count(*) FROM pg_indexes WHERE indexdef LIKE '%cspann%'")"

assert_exit 0 embed -t t -i body --json
assert_json "$OUT" '.index.state == "built" or .index.state == "present"'
assert_equal 1 "$(crdb "SELECT count(*) FROM pg_indexes WHERE indexdef LIKE '%cspann%'")"
assert_equal 1 "$(index_jobs "IN ('running', 'succeeded')")" 'jobs'

# A job that fails.
front_control POST jobs ms=0 >/dev/null
crdb 'CREATE TABLE u (id INT PRIMARY KEY, body STRING)'
crdb "INSERT INTO u SELECT g, 'text number ' || g FROM generate_series(1, 200) AS g"
front_fault kind=job-fail match=VECTOR code=53100 'text=disk is full'
assert_exit 1 embed -t u -i body
assert_contains "$ERR" 'disk is full'
front_control DELETE faults >/dev/null
assert_vectors u body
assert_exit 0 embed -t u -i body --json
assert_json "$OUT" '.index.state' built
