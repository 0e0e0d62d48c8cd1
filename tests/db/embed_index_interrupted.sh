# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A signal, or kill -9, while the index is being built: the vectors stay, no broken index stays in
# the way, and the next run ends with a valid one.

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq
needs_postgres "invalid indexes"
fresh_database

sql 'CREATE TABLE t (id INT PRIMARY KEY, body TEXT)'
sql "INSERT INTO t SELECT i, 'text ' || md5(i::text) FROM generate_series(1, 30000) i"
assert_exit 0 embed -t t -i body --no-index
building() {
    [ "$(sql 'SELECT count(*) FROM pg_stat_progress_create_index')" -gt 0 ]
}
valid() {
    sql "SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass AND indisvalid AND NOT indisprimary"
}

for signal in TERM KILL; do
    "$VECTORIZE" embed -t t --json >"$TEST_TMP/out" 2>"$TEST_TMP/err" &
    pid=$!
    wait_for 30 building
    kill "-$signal" "$pid"
    status=0
    wait "$pid" 2>/dev/null || status=$?
    if [ "$signal" = TERM ]; then
        assert_equal 130 "$status" "exit code ($(cat "$TEST_TMP/err"))"
        assert_json "$(cat "$TEST_TMP/out")" '[.interrupted, .index.state]' '[true,"none"]'
    fi
done
assert_exit 0 embed -t t --json
assert_json "$OUT" '[.rows.written, .rows.left]' '[0,0]'
assert_json "$OUT" '.index.state != "none"'
assert_equal 1 "$(valid)" 'valid indexes'
assert_equal 2 "$(sql "SELECT count(*) FROM pg_indexes WHERE tablename = 't'")" 'indexes'
assert_exit 0 vectorize status -t t --json
assert_json "$OUT" '[.indexes[].state]' '["ready"]'
