# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Tables with no row, one row, and fewer rows than workers. (The predecessor's step became zero
# when there were fewer rows than half the workers, and it died at the tail of every table.)

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3
fresh_database

sql "CREATE TABLE t (id INT PRIMARY KEY, body TEXT)"
assert_exit 0 embed -t t -i body -w 5 --json
assert_json "$OUT" '[.rows.total, .rows.written, .index.state]' '[0,0,"none"]'
assert_equal 1 "$(sql "SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass
    AND attname = 'body_vector'")"

for n in 1 2 3 4 5 8 17; do
    sql "TRUNCATE t"
    sql "INSERT INTO t SELECT i, 'text ' || i FROM generate_series(1, $n) i"
    assert_exit 0 embed -t t -i body -w 7 -b 3 --json
    assert_json "$OUT" '.rows.written' "$n"
    assert_vectors t body
done
