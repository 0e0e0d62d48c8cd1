# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A column's precision: recorded in its stamp, taken up by later runs and by searches that ask for
# none, and kept apart from every other one.

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3
needs_model
fresh_database

stamp() {
    sql "SELECT col_description('t'::regclass, attnum) FROM pg_attribute
         WHERE attrelid = 't'::regclass AND attname = '$1'" | sed -n 's/^vectorize://p'
}
# same_as_encode VECTOR PRECISION: the rows hold what encode gives in that precision.
same_as_encode() {
    sql "SELECT body FROM t ORDER BY id" | vectorize encode -m "$MODEL" --precision "$2" >"$TEST_TMP/wanted"
    sql "SELECT $1::text FROM t ORDER BY id" >"$TEST_TMP/found"
    python3 - "$TEST_TMP/wanted" "$TEST_TMP/found" <<'EOF' || fail "$1 does not hold vectors of precision $2"
import json, sys
a, b = ([json.loads(line) for line in open(name)] for name in sys.argv[1:])
same = len(a) == len(b) and all(abs(x - y) < 1e-6 for r, s in zip(a, b) for x, y in zip(r, s))
sys.exit(not same)
EOF
}

sql 'CREATE TABLE t (id INT PRIMARY KEY, body TEXT)'
sql "INSERT INTO t SELECT i, 'a sentence about the number ' || i FROM generate_series(1, 40) i"

# fp32 is the default, and recorded.
assert_exit 0 vectorize embed -t t -i body -o plain --no-index
assert_json "$(stamp plain)" .precision fp32

# int8, begun with a part of the rows and gone on with without a word.
assert_exit 0 vectorize embed -t t -i body -o small --precision int8 --limit 15 --no-index
assert_json "$(stamp small)" .precision int8
assert_exit 0 vectorize embed -t t -i body -o small --limit 15 --no-index
assert_exit 0 vectorize embed -t t -i body -o small --precision auto --no-index
assert_equal 40 "$(sql 'SELECT count(small) FROM t')" 'rows with a vector'
same_as_encode small int8
same_as_encode plain fp32

# Another precision is refused with the reason, by embed and by search; nothing is written.
before=$(table_state t)
for other in fp32 bf16; do
    assert_exit 2 vectorize embed -t t -i body -o small --precision "$other"
    assert_contains "$ERR" small "computed in int8, not in $other"
    assert_exit 2 vectorize search -t t -i body -o small --precision "$other" 'number seven'
    assert_contains "$ERR" "computed in int8, not in $other"
done
assert_exit 2 vectorize embed -t t -i body -o plain --precision int8
assert_contains "$ERR" 'computed in fp32, not in int8'
assert_exit 2 vectorize embed -t t -i body -o small --encoder-options precision=fp32
assert_contains "$ERR" 'computed in int8, not in fp32'
assert_equal "$before" "$(table_state t)" 'after refusals, the table'

# A search encodes its question as the column was.
for asked in '' '--precision auto' '--precision int8'; do
    # shellcheck disable=SC2086
    assert_exit 0 vectorize search -t t -i body -o small -l 1 --json $asked 'a sentence about the number 7'
    assert_json "$OUT" '.results[0] | .key.id == "7" and .distance < 1e-6'
done

# A stamp from before precisions were recorded is fp32's.
old=$(stamp plain | jq -c 'del(.precision)')
sql "COMMENT ON COLUMN t.plain IS 'vectorize:${old//\'/\'\'}'"
sql 'UPDATE t SET plain = NULL WHERE id < 10'
assert_exit 0 vectorize embed -t t -i body -o plain --no-index
same_as_encode plain fp32
assert_exit 2 vectorize embed -t t -i body -o plain --precision int8
assert_contains "$ERR" 'computed in fp32, not in int8'
