# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The server crashes and comes back in the middle of a run: the run waits, connects again and
# finishes; connections that are cut do no harm. A server that does not come back ends the run
# with a sentence. (The predecessor lost its connection, and with it the run.)

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3
needs_own_server
fresh_database
EMBED_MODEL=$GATE

sql 'CREATE TABLE t (id INT PRIMARY KEY, body TEXT)'
sql "INSERT INTO t SELECT i, 'text ' || i FROM generate_series(1, 20000) i"
some_written() {
    [ "$(sql 'SELECT count(body_vector) FROM t')" -gt "$1" ]
}

"$VECTORIZE" embed -m "$GATE" --encoder-options delay-ms=150 -t t -i body -b 100 --json \
    >"$TEST_TMP/out" 2>"$TEST_TMP/err" &
pid=$!
wait_for 60 some_written 1000
server_crash
sleep 1
kill -0 "$pid" || fail "it gave up: $(cat "$TEST_TMP/err")"
server_restart
wait_for 60 some_written 3000
for _ in 1 2 3; do
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'vectorize'" >/dev/null
    sleep 0.3
done
wait "$pid" || fail "exit code $?: $(cat "$TEST_TMP/err")"
OUT=$(cat "$TEST_TMP/out")
assert_json "$OUT" '.rows | [.left, .failed]' '[0,0]'
assert_json "$OUT" '.index.state' built
assert_vectors t body
