# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Two processes begin at the same moment, with two models of the same width, on a table that has
# no vector column yet. One of them embeds the table; the other stops and says why. With one
# model both do their part.

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3 curl
VECTORIZE_PERSONA=${VECTORIZE_PERSONA:-25.4}
fresh_database
is_cluster || front_control POST jobs ms=400 >/dev/null # both see no column, and wait for it

# both MODEL MODEL: exit codes, in $FIRST and $SECOND.
both() {
    FIRST=0 SECOND=0
    crdb 'DROP TABLE IF EXISTS t' 2>/dev/null
    sql "CREATE TABLE t (id INT PRIMARY KEY, body TEXT)"
    sql "INSERT INTO t SELECT g, 'text number ' || g FROM generate_series(1, 500) g"
    vectorize embed -m "$1" -t t -i body -b 20 --no-index >/dev/null 2>"$TEST_TMP/first" &
    local pid=$!
    vectorize embed -m "$2" -t t -i body -b 20 --no-index >/dev/null 2>"$TEST_TMP/second" || SECOND=$?
    wait "$pid" || FIRST=$?
}

other=module:hashing:8
both "$GATE" "$other"
case "$FIRST $SECOND" in
'0 2') model=$GATE loser=second ;;
'2 0') model=$other loser=first ;;
*) fail "exit codes $FIRST and $SECOND: $(cat "$TEST_TMP/first" "$TEST_TMP/second")" ;;
esac
assert_contains "$(cat "$TEST_TMP/$loser")" "holds vectors of model \"$model\""
assert_vectors t body -m "$model"

both "$GATE" "$GATE"
assert_equal '0 0' "$FIRST $SECOND"
assert_vectors t body -m "$GATE"
