# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What search needs and cannot find, and a reader that goes away.

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq
needs_postgres "DO blocks"
fresh_database

sql 'CREATE TABLE t (id INT PRIMARY KEY, body TEXT, title TEXT, own VECTOR(64))'
sql "INSERT INTO t SELECT i, 'text ' || i, 'title ' || i FROM generate_series(1, 2000) i"
sql "UPDATE t SET own = array_fill(0.5, ARRAY[64])::VECTOR(64)"

assert_exit 2 vectorize search text
assert_contains "$ERR" '--table'
assert_exit 1 vectorize search -t nowhere text
assert_contains "$ERR" nowhere
assert_exit 1 vectorize search -t t -i body text
assert_contains "$ERR" 'body_vector' 'vectorize embed'
assert_exit 1 vectorize search -t t -i body -o own text
assert_contains "$ERR" 'own' 'which model'

# Two columns are embedded: one has to be named.
embed -t t -i body >/dev/null 2>&1
embed -t t -i title >/dev/null 2>&1
assert_exit 2 vectorize search -t t text
assert_contains "$ERR" 'body_vector' 'title_vector'
assert_exit 0 vectorize search -t t -i title 'title 7' -l 1 --json
assert_json "$OUT" '.results[0].columns' '{"title":"title 7"}'
assert_exit 0 vectorize search -t t -o body_vector 'text 7' -l 1 --json
assert_json "$OUT" '.results[0].columns' '{"body":"text 7"}'

# The model under the stamped name makes other vectors now.
sql "DO \$\$ BEGIN EXECUTE format('COMMENT ON COLUMN t.title_vector IS %L',
       regexp_replace((SELECT col_description('t'::regclass, attnum) FROM pg_attribute
         WHERE attrelid = 't'::regclass AND attname = 'title_vector'), '\"fingerprint\":\"....', '\"fingerprint\":\"0000'));
     END \$\$"
assert_exit 2 vectorize search -t t -i title 'title 7'
assert_contains "$ERR" 'title_vector'

# A reader that has enough is no error of ours to shout about.
set +o pipefail
for format in '' --json; do
    # shellcheck disable=SC2086
    "$VECTORIZE" search -t t -i body text -l 2000 $format 2>"$TEST_TMP/err" | head -c 10 >"$TEST_TMP/head"
    assert_equal 10 "$(wc -c <"$TEST_TMP/head")"
    assert_equal '' "$(sed '/^note:/d' "$TEST_TMP/err")" 'standard error'
done
set -o pipefail

# A full disk is.
assert_exit 1 bash -c "'$VECTORIZE' search -t t -i body text >/dev/full"
assert_contains "$ERR" 'standard output'
