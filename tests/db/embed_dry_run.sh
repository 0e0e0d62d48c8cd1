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
    table_state t
    if is_cluster; then
        sql 'SHOW CREATE TABLE t'
        sql 'SELECT count(*), max(description) FROM pg_description WHERE objsubid > 0'
        return
    fi
    sql "SELECT c.relname, a.attname, a.xmin, c.xmin FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1, 2"
    sql 'SELECT count(*), max(description) FROM pg_description WHERE objsubid > 0 AND objoid >= 16384'
}

sql 'CREATE TABLE t (id INT PRIMARY KEY, body TEXT)'
sql "INSERT INTO t SELECT i, CASE WHEN i % 10 > 1 THEN 'text ' || i WHEN i % 10 = 1 THEN ' ' END
       FROM generate_series(1, 100) i"

# What is said of an index that can be built, and of one that cannot, here on 25.2.
create="build the index: CREATE $([ -z "$(cockroach_version)" ] || echo 'VECTOR ')INDEX"
if [ "$(index_state)" = built ]; then said=$create; else said='none: CockroachDB 25.2 indexes L2'; fi

before=$(everything)
assert_exit 0 embed -t t -i body --dry-run
assert_contains "$OUT" 'add column "body_vector"' 'vector(64)' 'stamp' 'embed 80 rows' "$said" \
    '20 rows have no usable text (10 NULL, 10 blank)'
assert_exit 0 embed -t t -i body --dry-run --metric "$(index_metric)"
assert_contains "$OUT" "$create"
assert_exit 0 embed -t t -i body --dry-run --no-index
assert_lacks "$OUT" CREATE
assert_contains "$OUT" 'none: --no-index was given'
assert_exit 0 embed -t t -i body -d --json --limit 30
assert_json "$OUT" '[.dry_run, .rows.written, .rows.left, .rows.unusable]' '[true,0,80,20]'
assert_json "$OUT" '[.actions[] | select(contains("embed 30 rows"))] | length' 1
assert_equal "$before" "$(everything)" 'after a dry run, the database'

# Half done, finished, and with everything a dry run still has to check.
assert_exit 0 embed -t t -i body --limit 30
before=$(everything)
assert_exit 0 embed -t t -i body -d
assert_contains "$OUT" 'embed 50 rows' "$said"
assert_lacks "$OUT" 'add column'
assert_exit 2 vectorize embed -m "$GATE" -t t -i body -d
assert_exit 1 embed -t t -i nothing -d
assert_equal "$before" "$(everything)" 'after a dry run, the database'

assert_exit 0 embed -t t -i body --metric "$(index_metric)"
before=$(everything)
assert_exit 0 embed -t t -i body -d
assert_contains "$OUT" 'do nothing'
assert_exit 0 embed -t t -i body -d --json
assert_json "$OUT" '[.actions, .index.state, .index.name]' "[[],\"present\",\"t_body_vector_$(index_metric)_idx\"]"
assert_equal "$before" "$(everything)" 'after a dry run, the database'

# Where no index can be built, a finished column is finished.
if [ "$(index_state)" = none ]; then
    assert_exit 0 embed -t t -i body --metric cosine
    assert_exit 0 embed -t t -i body -d
    assert_contains "$OUT" 'do nothing' "$said"
fi
