# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# kill -9 at a random moment, twenty times in a row: each start goes on where the last one was
# cut off, and at the end all is there. (In the predecessor half a batch stayed behind.) Every
# second run is killed at a moment from its start on, the others at one from their first write on:
# how far the former come depends on the machine.

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3
fresh_database
EMBED_MODEL=$GATE

sql 'CREATE TABLE t (a INT, b TEXT, body TEXT, other INT, PRIMARY KEY (b, a))'
sql "INSERT INTO t SELECT i, 'k' || i % 10, 'text number ' || i, i FROM generate_series(1, 60000) i"
all_but_vectors() {
    sql "SELECT md5(string_agg(concat_ws(',', a::TEXT, b, body, other::TEXT), ';' ORDER BY b, a)) FROM t"
}
others=$(all_but_vectors)
seed=${VECTORIZE_TEST_SEED:-$RANDOM}
echo "seed $seed"
RANDOM=$seed

embedded() {
    sql 'SELECT count(body_vector) FROM t' 2>/dev/null || echo 0
}
has_written() {
    [ "$(embedded)" -gt "$before" ]
}

before=0 moved=0
for run in $(seq 20); do
    "$VECTORIZE" embed -m "$GATE" --encoder-options delay-ms=300 -t t -i body -b 50 \
        >/dev/null 2>"$TEST_TMP/err" &
    pid=$!
    [ $((run % 2)) -eq 0 ] || wait_for 60 has_written
    sleep "0.$((RANDOM % 5))$((RANDOM % 10))"
    kill -KILL "$pid" 2>/dev/null || fail "it ended by itself: $(cat "$TEST_TMP/err")"
    wait "$pid" 2>/dev/null || :
    now=$(embedded)
    [ "$now" -ge "$before" ] || fail "vectors were lost: $before, then $now"
    [ "$now" -eq "$before" ] || moved=$((moved + 1))
    before=$now
done
echo "$moved of 20 wrote, $before rows"
[ "$moved" -ge 10 ] || fail "only $moved of 20 runs came as far as writing: the test says nothing"

assert_exit 0 embed -t t -i body --json
assert_json "$OUT" ".rows.written" "$((60000 - before))"
assert_json "$OUT" '[.rows.left, .index.state]' "[0,\"$(index_state)\"]"
assert_vectors t body
assert_equal "$others" "$(all_but_vectors)" 'other columns'
assert_exit 0 embed -t t -i body --json
assert_json "$OUT" '.rows.written' 0
