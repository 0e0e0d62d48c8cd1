# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Rows that change between being read and being written: the encoder is held at a gate while they
# do. (In the predecessor the new text kept the old text's vector for ever, exit code 0.)

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3
fresh_database
EMBED_MODEL=$GATE

sql 'CREATE TABLE t (id INT PRIMARY KEY, body TEXT)'
sql "INSERT INTO t SELECT i, 'text ' || i FROM generate_series(1, 40) i"
sql 'ALTER TABLE t ADD COLUMN body_vector VECTOR(8)'

start_gated() {
    rm -rf "$TEST_TMP/gate"
    mkdir "$TEST_TMP/gate"
    vectorize embed -m "module:gate:$TEST_TMP/gate" -t t -i body "$@" --json \
        >"$TEST_TMP/out" 2>"$TEST_TMP/err" &
    job=$!
    wait_for 30 test -e "$TEST_TMP/gate/reached"
}

open_gate() {
    touch "$TEST_TMP/gate/open"
    wait "$job" || fail "exit code $?: $(cat "$TEST_TMP/err")"
    OUT=$(cat "$TEST_TMP/out")
}

start_gated -w 1
sql "UPDATE t SET body = 'changed since' WHERE id IN (1, 2, 3)"
sql "UPDATE t SET body = NULL WHERE id IN (4, 5)"
sql "UPDATE t SET body = ' ' WHERE id = 6"
sql "DELETE FROM t WHERE id IN (7, 8)"
sql "DELETE FROM t WHERE id = 9"
sql "INSERT INTO t VALUES (9, 'another row of that key'), (100, 'a new row'), (0, 'behind the cursor')"
sql "UPDATE t SET body = body WHERE id = 10"            # touched, not changed
sql "UPDATE t SET body_vector = '[1,1,1,1,1,1,1,1]' WHERE id = 11" # by somebody else
sql "UPDATE t SET id = 1012 WHERE id = 12"
open_gate
sql "UPDATE t SET body_vector = NULL WHERE id = 11"     # his vector is not ours to judge
assert_json "$OUT" '.rows.changed >= 9'
assert_json "$OUT" '.rows.left' 0
assert_exit 0 embed -t t -i body
assert_vectors t body

# A vector that somebody else wrote meanwhile is not written over.
sql "UPDATE t SET body_vector = NULL"
start_gated -w 1
sql "UPDATE t SET body_vector = '[9,9,9,9,9,9,9,9]' WHERE id = 20"
open_gate
assert_equal '[9,9,9,9,9,9,9,9]' "$(sql 'SELECT body_vector FROM t WHERE id = 20')"

# Text that goes away and comes back as it was is the same text.
sql "UPDATE t SET body_vector = NULL"
start_gated -w 1
sql "UPDATE t SET body = 'for a moment' WHERE id = 21"
sql "UPDATE t SET body = 'text 21' WHERE id = 21"
open_gate
assert_vectors t body

# All rows gone.
sql "UPDATE t SET body_vector = NULL"
start_gated -w 1
sql 'DELETE FROM t'
open_gate
assert_json "$OUT" '.rows | [.written, .failed, .left]' '[0,0,0]'
