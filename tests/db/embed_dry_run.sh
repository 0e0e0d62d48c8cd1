# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A dry run says what would be done and writes nothing, by being unable to. (The predecessor's
# `embed -d -F` wrote.)

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq
fresh_database

everything() {
    sql "SELECT c.relname, a.attname, a.xmin, c.xmin FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1, 2"
    sql 'SELECT count(*), max(description) FROM pg_description WHERE objsubid > 0 AND objoid >= 16384'
    table_state t
}

sql 'CREATE TABLE t (id INT PRIMARY KEY, body TEXT)'
sql "INSERT INTO t SELECT i, CASE WHEN i % 10 > 1 THEN 'text ' || i WHEN i % 10 = 1 THEN ' ' END
       FROM generate_series(1, 100) i"

before=$(everything)
assert_exit 0 embed -t t -i body --dry-run
assert_contains "$OUT" 'add column "body_vector"' 'vector(64)' 'stamp' 'embed 80 rows' 'index' \
    '20 rows have no usable text (10 NULL, 10 blank)'
assert_exit 0 embed -t t -i body -d --json --limit 30
assert_json "$OUT" '[.dry_run, .rows.written, .rows.left, .rows.unusable]' '[true,0,80,20]'
assert_json "$OUT" '[.actions[] | select(contains("embed 30 rows"))] | length' 1
assert_equal "$before" "$(everything)" 'after a dry run, the database'

# Half done, finished, and with everything a dry run still has to check.
assert_exit 0 embed -t t -i body --limit 30
before=$(everything)
assert_exit 0 embed -t t -i body -d
kind=INDEX # as the server has it
[ -z "${VECTORIZE_PERSONA:-}" ] && ! is_cluster || kind='VECTOR INDEX'
assert_contains "$OUT" 'embed 50 rows' "CREATE $kind"
assert_lacks "$OUT" 'add column'
assert_exit 2 vectorize embed -m "$GATE" -t t -i body -d
assert_exit 1 embed -t t -i nothing -d
assert_equal "$before" "$(everything)" 'after a dry run, the database'

assert_exit 0 embed -t t -i body
before=$(everything)
assert_exit 0 embed -t t -i body -d
assert_contains "$OUT" 'do nothing'
assert_equal "$before" "$(everything)" 'after a dry run, the database'
