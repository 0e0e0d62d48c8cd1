# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# embed from nothing to a finished column: every row has the vector of its own text, nothing else
# of the table changes, and a second run writes nothing. (The predecessor read the same rows ten
# times, forgot to skip what was done, and left no trace of the model.)
# On a cluster: speed

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3
fresh_database

sql "CREATE TABLE notes (id INT PRIMARY KEY, body TEXT, price NUMERIC, seen TIMESTAMPTZ)"
sql "INSERT INTO notes SELECT i, 'note number ' || i, i * 1.5, '2024-01-01'::timestamptz
       FROM generate_series(1, 3000) i"
others=$(sql 'SELECT id, body, price, seen FROM notes ORDER BY id')

assert_exit 0 embed -t notes -i body --json
assert_json "$OUT" '.rows.written' 3000
assert_json "$OUT" '.rows | [.left, .failed, .changed, .unusable]' '[0,0,0,0]'
assert_json "$OUT" '.index.state' "$(index_state)"
assert_json "$OUT" '[.table, .input, .vector]' '["public.notes","body","body_vector"]'
assert_contains "$ERR" 'its old vector stays'
assert_equal "$others" "$(sql 'SELECT id, body, price, seen FROM notes ORDER BY id')" 'other columns'
assert_vectors notes body

# Nothing but the column, its stamp and its index.
assert_equal 'body_vector' "$(sql "SELECT attname FROM pg_attribute WHERE attrelid = 'notes'::regclass
    AND attnum > 4 AND NOT attisdropped")"
indexes=$([ "$(index_state)" = built ] && echo 2 || echo 1)
assert_equal "$indexes" "$(sql "SELECT count(*) FROM pg_indexes WHERE tablename = 'notes'")"
assert_equal 0 "$(sql "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'notes'::regclass")"
assert_contains "$(sql "SELECT col_description('notes'::regclass, 5)")" 'vectorize:{' "$HASHING"

# The second run.
before=$(table_state notes)
assert_exit 0 embed -t notes -i body
assert_contains "$OUT" 'nothing to do'
assert_lacks "$ERR" 'its old vector stays'
assert_exit 0 embed -t notes --json # the stamp knows the input column, too
assert_json "$OUT" '.rows.written' 0
assert_json "$OUT" '.index.state' "$(index_state | sed s/built/present/)"
assert_equal "$before" "$(table_state notes)" 'the table after a second run'

# New rows and vectors that were set to NULL are picked up, the rest stays as it is.
sql "INSERT INTO notes (id, body) VALUES (3001, 'a new one')"
sql "UPDATE notes SET body = 'another text', body_vector = NULL WHERE id = 7"
versions() {
    is_cluster || sql 'SELECT id, xmin FROM notes WHERE id NOT IN (7, 3001) ORDER BY id'
}
before=$(versions)
assert_exit 0 embed -t notes --json
assert_json "$OUT" '.rows.written' 2
assert_equal "$before" "$(versions)"
assert_vectors notes body

# Without -m the stamp's model is used.
sql "UPDATE notes SET body_vector = NULL WHERE id < 10"
assert_exit 0 vectorize embed -t notes
assert_vectors notes body

# Nothing is left in the current directory.
mkdir "$TEST_TMP/empty"
(cd "$TEST_TMP/empty" && embed -t notes >/dev/null 2>&1)
assert_equal '' "$(ls -A "$TEST_TMP/empty")"
