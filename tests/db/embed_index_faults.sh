# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# As CockroachDB 25.4: faults at reads, at schema changes and while the index is built. The run
# ends well, and rows whose answer was lost are counted once, as written (embed_faults has the
# faults at writes). An index whose job fails is an error that leaves every vector in place.
# Versions: 25.4

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
. "$TEST_ROOT/tests/lib/front.sh"
requires jq
needs_front "faults"
needs_own_server
front_build || skip "the front cannot be built: no Go 1.23.8 or newer"

fresh_database
front_start 25.4 -job-time 1s

# A fresh table of 300 rows, embedded without a fault for comparison.
sql 'CREATE TABLE proper (id INT PRIMARY KEY, body TEXT)'
sql "INSERT INTO proper SELECT i, 'text number ' || i FROM generate_series(1, 300) AS i"
assert_exit 0 vectorize embed -u "$FRONT_URL" -t proper -i body -m "$HASHING" --no-index

n=0
# with_fault FAULT…: a table of its own is embedded while FAULT happens.
with_fault() {
    local table=t$((n += 1))
    sql "CREATE TABLE $table (id INT PRIMARY KEY, body TEXT)"
    sql "INSERT INTO $table SELECT id, body FROM proper"
    front_fault "$@"
    assert_exit 0 vectorize embed -u "$FRONT_URL" -t "$table" -i body -m "$HASHING" -b 20 --json
    assert_equal true "$(front_control GET faults | jq '[.. | .hits? // empty] | add > 0')" "hit by $*"
    front_control DELETE faults >/dev/null
    assert_json "$OUT" .rows.written 300
    assert_equal 300 "$(sql "SELECT count(*) FROM $table JOIN proper USING (id, body, body_vector)")" "$*"
}

with_fault kind=ambiguous-applied on=write every=3
with_fault kind=drop-after on=write every=3
# Counted: a step of five reads that is repeated would meet each fifth for ever.
with_fault kind=error code=58C00 on=read every=5 count=12
with_fault kind=drop-after on=schema count=1
with_fault kind=drop-mid on=schema 'match=VECTOR INDEX' count=1
assert_equal 1 "$(sql "SELECT count(*) FROM pg_indexes WHERE tablename = 't$n' AND indexdef LIKE '%hnsw%'")"

# A schema change that fails on the server is an error, with the vectors in place.
sql 'CREATE TABLE failing (id INT PRIMARY KEY, body TEXT)'
sql "INSERT INTO failing SELECT id, body FROM proper"
front_fault kind=job-fail on=schema 'match=VECTOR INDEX'
assert_exit 1 vectorize embed -u "$FRONT_URL" -t failing -i body -m "$HASHING"
assert_contains "$ERR" 'index'
assert_equal 300 "$(sql 'SELECT count(body_vector) FROM failing')"
front_control DELETE faults >/dev/null
assert_exit 0 vectorize embed -u "$FRONT_URL" -t failing -i body -m "$HASHING"
