# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# embed, search and status as CockroachDB sees them: every statement stands in its grammar, and
# what an old version cannot do is said. (On 25.2 and 25.3 the predecessor left a column without
# an index behind and went on.)
# Versions: 25.2 25.3 25.4 26.1

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
. "$TEST_ROOT/tests/lib/front.sh"
requires jq python3 curl
needs_front "several versions, and refusals of the grammar"
front_build || skip 'the front cannot be built'

for persona in 25.2 25.3 25.4 26.1; do
    fresh_database
    front_start "$persona"
    sql 'CREATE TABLE t (a INT, b TEXT, body TEXT, PRIMARY KEY (b, a))'
    sql "INSERT INTO t SELECT i, 'k' || i % 7, CASE WHEN i % 10 > 1 THEN 'text number ' || i END
           FROM generate_series(1, 1000) i"
    assert_exit 0 embed -u "$FRONT_URL" -t t -i body --json
    assert_json "$OUT" '.rows | [.written, .left, .changed, .unusable]' '[800,0,0,200]'
    index=$(jq -r .index.state <<<"$OUT")
    [ "$index" = built ] || assert_json "$OUT" '.index.note != ""'
    assert_vectors t body

    before=$(table_state t)
    assert_exit 0 embed -u "$FRONT_URL" -t t -i body --json
    assert_json "$OUT" '.rows.written' 0
    assert_equal "$before" "$(table_state t)" 'after a second run, the table'

    assert_exit 0 vectorize search -u "$FRONT_URL" -t t 'text number 777' -l 2 --json
    assert_json "$OUT" '.results[0].key' '{"b":"k0","a":"777"}'
    assert_json "$OUT" ".index != null" "$([ "$index" = built ] && echo true || echo false)"
    assert_exit 0 vectorize status -u "$FRONT_URL" -t t --json
    assert_json "$OUT" '.rows | [.embedded, .missing]' '[800,0]'
    assert_exit 0 vectorize status -u "$FRONT_URL" --json
    assert_json "$OUT" '.columns | length' 1

    # Rows that come later, with the index there: small writes, and still each its own vector.
    sql "INSERT INTO t SELECT i, 'later', 'later text ' || i FROM generate_series(1, 200) i"
    assert_exit 0 embed -u "$FRONT_URL" -t t --json
    assert_json "$OUT" '.rows.written' 200
    assert_vectors t body
    assert_exit 0 embed -u "$FRONT_URL" -t t -d
    front_stop
    echo "$persona: index $index"
done
