# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A slow network: reading ahead and writing beside the encoding hide it. Prints rows per second
# for several delays each way; a run that dripped byte by byte must still be right.
# On a cluster: rates between regions

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3 curl
needs_front "delays"
VECTORIZE_PERSONA=${VECTORIZE_PERSONA:-25.4}
fresh_database

crdb 'CREATE TABLE t (id INT PRIMARY KEY, body STRING)'
crdb "INSERT INTO t SELECT g, 'text number ' || g FROM generate_series(1, 10000) AS g"

# Rows per second with an encoder that takes its time as a real model does.
rate() {
    front_control POST network "ms=$1" >/dev/null
    sql 'SET client_min_messages = warning; ALTER TABLE t DROP COLUMN IF EXISTS body_vector'
    EMBED_MODEL=$GATE
    assert_exit 0 embed --encoder-options delay-ms=100 -w 1 -t t -i body --no-index --json
    assert_json "$OUT" '.rows | [.written, .left]' '[10000,0]'
    front_control POST network ms=0 >/dev/null
    jq '.rows_per_second | floor' <<<"$OUT"
}

local_rate=$(rate 0)
echo "local: $local_rate rows/s"
# Connecting and looking at the catalogue count as well, so that a short run loses most.
for limit in 5:80 20:70 80:30; do
    ms=${limit%:*} percent=${limit#*:}
    slow_rate=$(rate "$ms")
    echo "$ms ms each way: $slow_rate rows/s"
    [ $((slow_rate * 100)) -ge $((local_rate * percent)) ] ||
        fail "less than $percent % of the rate without a delay"
done

front_control POST network ms=1 drip=7 >/dev/null
sql 'ALTER TABLE t DROP COLUMN body_vector; DELETE FROM t WHERE id > 200'
assert_exit 0 embed -t t -i body --json
assert_vectors t body
