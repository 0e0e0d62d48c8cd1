# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# status counts what is embedded, missing and unusable, shows stamp and index, lists all stamped
# columns, and writes nothing.

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3
fresh_database

assert_exit 0 vectorize status
assert_contains "$OUT" 'no column'
assert_exit 0 vectorize status --json
assert_json "$OUT" '.columns' '[]'

sql 'CREATE TABLE t (id INT PRIMARY KEY, body TEXT, title TEXT)'
sql "INSERT INTO t SELECT i, CASE i % 10 WHEN 0 THEN NULL WHEN 1 THEN E' \t' ELSE 'text ' || i END, 'title'
       FROM generate_series(1, 100) i"
assert_exit 0 vectorize status -t t -i body --json
assert_json "$OUT" '[.exists, .stamp, .indexes]' '[false,null,[]]'
assert_json "$OUT" '.rows | [.total, .embedded, .missing, .unusable, .null, .blank]' '[100,0,80,20,10,10]'

assert_exit 0 embed -t t -i body --limit 30
before=$(table_state t)
assert_exit 0 vectorize status -t t --json
assert_json "$OUT" '.rows | [.total, .embedded, .missing, .unusable]' '[100,30,50,20]'
assert_json "$OUT" '[.stamp.model, .stamp.dimension, .stamp.input, .stamp.metric]' "[\"$HASHING\",64,\"body\",\"cosine\"]"
assert_json "$OUT" '.indexes' '[]'
assert_exit 0 vectorize status -t t
assert_contains "$OUT" 'missing:' 50 "$HASHING" 'index:' none
assert_equal "$before" "$(table_state t)" 'after status, the table'
assert_exit 0 vectorize status -t t --where 'id <= 10' --json
assert_json "$OUT" '.rows.total' 10

metric=$(index_metric)
assert_exit 0 embed -t t -i body --metric "$metric"
assert_exit 0 vectorize status -t t --json
assert_json "$OUT" '.rows | [.embedded, .missing]' '[80,0]'
assert_json "$OUT" '[.indexes[0].state, .indexes[0].metric, (.indexes | length)]' "[\"ready\",\"$metric\",1]"
assert_json "$OUT" '.stamp.metric' "$metric"

# A text that went away while its vector stayed.
sql "UPDATE t SET body = NULL WHERE id = 2"
assert_exit 0 vectorize status -t t --json
assert_json "$OUT" '.rows.stale' 1
assert_exit 0 vectorize status -t t
assert_contains "$OUT" 'stale'

# The list.
sql 'CREATE SCHEMA "other one"; CREATE TABLE "other one"."T" (id INT PRIMARY KEY, title TEXT)'
sql "COMMENT ON COLUMN \"other one\".\"T\".title IS 'vectorize: nothing to do with it'"
assert_exit 0 embed -t '"other one"."T"' -i title
assert_exit 0 vectorize status
assert_contains "$OUT" 'public.t' 'other one.T' 'title_vector' 'body_vector' "$HASHING"
assert_exit 0 vectorize status --json
assert_json "$OUT" '[.columns[] | [.table, .vector]]' '[["other one.T","title_vector"],["public.t","body_vector"]]'
assert_exit 2 vectorize status -i body
assert_contains "$ERR" '--table'
