# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# search --follower-reads asks for the past that the nearest replica has, and only then; of a column
# that is younger the present is read, and said. --beam-size reaches the server, in its range.
# On a cluster: how old an answer is

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3 curl
needs_front "its log"
VECTORIZE_PERSONA=${VECTORIZE_PERSONA:-25.4}
fresh_database

crdb 'CREATE TABLE t (id INT PRIMARY KEY, body STRING)'
crdb "INSERT INTO t SELECT g, 'text number ' || g FROM generate_series(1, 50) AS g"
assert_exit 0 embed -t t -i body
sent() {
    jq -r .sql "$FRONT_LOG" | grep -c "$1" || :
}

assert_exit 0 vectorize search -t t 'text number 7' --json
assert_equal 0 "$(sent 'AS OF SYSTEM TIME.*<=>')" 'asked for without the option'
assert_exit 0 vectorize search -t t 'text number 7' --follower-reads --json
assert_json "$OUT" '.results[0].key.id' 7
wait_for 30 eval 'vectorize search -t t x --follower-reads --json | jq -e ".note | contains(\"younger\") | not"'
assert_exit 0 vectorize search -t t 'text number 7' --follower-reads --json
assert_json "$OUT" '.results[0].key.id' 7
[ "$(jq -r 'select(.answer | startswith("SELECT")) | .sql' "$FRONT_LOG" | grep -c 'AS OF SYSTEM TIME follower_read_timestamp')" -gt 0 ] ||
    fail 'no read of the past'

VECTORIZE_URL=$SQL_URL
through_front -follower-lag 1h
assert_exit 0 vectorize search -t t 'text number 7' --follower-reads --json
assert_json "$OUT" '[.results[0].key.id, (.note | contains("the present was read"))]' '["7",true]'

# 25.2 has no index by cosine distance: nothing to tune.
if [ "$(index_state)" = built ]; then
    assert_exit 0 vectorize search -t t 'text number 7' --beam-size 99
    [ "$(sent "SET vector_search_beam_size = '99'")" = 1 ] || fail 'beam size'
    assert_exit 0 vectorize search -t t 'text number 7' --beam-size 100000
    assert_equal '' "$(jq -r 'select(.answer | startswith("22023")) | .sql' "$FRONT_LOG")"
fi
