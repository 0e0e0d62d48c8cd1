# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# SIGINT and SIGTERM: what is being encoded is finished and written, the rest is named, the exit
# code is 130, and the next run goes on. A second signal ends the program at once.

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3
fresh_database
EMBED_MODEL=$GATE

sql 'CREATE TABLE t (id INT PRIMARY KEY, body TEXT)'
sql "INSERT INTO t SELECT i, 'text ' || i FROM generate_series(1, 20000) i"
embedded() {
    sql 'SELECT count(body_vector) FROM t'
}

# start OPTIONS…: in a process group of its own, because a shell's background jobs ignore SIGINT.
start() {
    setsid python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$VECTORIZE" embed -t t -i body -b 100 --no-index "$@" \
        >"$TEST_TMP/out" 2>"$TEST_TMP/err" &
    pid=$!
}

# ended EXPECTED: waits for it.
ended() {
    local status=0
    wait "$pid" || status=$?
    OUT=$(cat "$TEST_TMP/out") ERR=$(cat "$TEST_TMP/err")
    assert_equal "$1" "$status" "exit code ($ERR)"
}

total=0
for signal in INT TERM; do
    start -m "$GATE" --encoder-options delay-ms=100 --json
    some_written() { [ "$(embedded)" -gt $((total + 500)) ]; }
    wait_for 30 some_written
    kill "-$signal" "$pid"
    ended 130
    assert_json "$OUT" '[.interrupted, .index.state]' '[true,"none"]'
    now=$(embedded)
    assert_json "$OUT" '.rows.written' "$((now - total))"
    assert_json "$OUT" '.rows.left' "$((20000 - now))"
    [ "$now" -lt 20000 ] || fail 'it was done before the signal'
    total=$now
done

# Encoders that are busy when the signal comes: their rows are written, no others.
mkdir "$TEST_TMP/gate"
start -m "module:gate:$TEST_TMP/gate" -w 2 --json
wait_for 30 test -e "$TEST_TMP/gate/reached"
sleep 0.3
kill -INT "$pid"
sleep 0.3
touch "$TEST_TMP/gate/open"
ended 130
written=$(jq .rows.written <<<"$OUT")
if [ "$written" -eq 0 ] || [ "$written" -gt 1024 ]; then
    fail "$written rows were written after the signal"
fi
assert_equal "$((total + written))" "$(embedded)"
total=$(embedded)

# A second one: at once, though the encoder does not move. Nobody waits for threads then, and the
# thread sanitizer need not complain.
export TSAN_OPTIONS=${TSAN_OPTIONS:-}:report_thread_leaks=0
rm "$TEST_TMP/gate/open" "$TEST_TMP/gate/reached"
start -m "module:gate:$TEST_TMP/gate"
wait_for 30 test -e "$TEST_TMP/gate/reached"
kill -INT "$pid"
sleep 0.2
kill -0 "$pid" || fail 'it did not wait for what is under way'
kill -INT "$pid"
ended 130
assert_equal "$total" "$(embedded)"

# People are told how to go on.
start -m "$GATE" --encoder-options delay-ms=100
wait_for 30 some_written
kill -INT "$pid"
ended 130
assert_contains "$OUT" 'left' 'run again'

assert_exit 0 embed -t t -i body --json
assert_json "$OUT" '.rows.left' 0
assert_vectors t body
