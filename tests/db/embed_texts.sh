# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Texts that are NULL, empty, blank, huge or not text at all, and input columns of every accepted
# type. (The predecessor sent NULL to its encoder, so that one such row killed a batch and twenty
# at the head stopped all work; empty and blank texts all got one and the same vector.)

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3
needs_postgres "domains, citext, other encodings"
fresh_database

# More unusable rows at the head than a page holds.
sql 'CREATE TABLE t (id INT PRIMARY KEY, body TEXT)'
sql "INSERT INTO t SELECT i, NULL FROM generate_series(1, 1500) i"
sql "INSERT INTO t SELECT 1500 + i, (ARRAY['', ' ', E'\t', E'\n \r', '　', chr(160), chr(8203),
       chr(65279), chr(8232) || E'\t'])[1 + i % 9] FROM generate_series(1, 1500) i"
sql "INSERT INTO t SELECT 3000 + i, 'text ' || i FROM generate_series(1, 100) i"
sql "INSERT INTO t VALUES (4001, repeat('long text ', 110000)), (4002, 'a'), (4003, '🙂'),
       (4004, E'a\u0301 combining'), (4005, repeat('x', 100000)), (4006, 'NULL'),
       (4007, '{\"a\": [1, 2]}'), (4008, E'back\\\\slash \"quotes\" ''and'' \$1 %s')"
assert_exit 0 embed -t t -i body --json
assert_json "$OUT" '.rows | [.written, .null, .blank, .unusable, .left]' '[108,1500,1500,3000,0]'
assert_vectors t body
assert_exit 0 embed -t t -i body --json
assert_json "$OUT" '.rows | [.written, .unusable]' '[0,3000]'

sql "CREATE DOMAIN sentence AS TEXT"
n=0
for type in TEXT 'VARCHAR(200)' 'CHAR(60)' JSONB JSON sentence; do
    n=$((n + 1))
    case $type in JSON*) text="json_build_object('n', i, 'text', 'number ' || i)" ;; *) text="'number ' || i" ;; esac
    sql "CREATE TABLE i$n (id INT PRIMARY KEY, body $type)"
    sql "INSERT INTO i$n SELECT i, ($text)::$type FROM generate_series(1, 300) i"
    assert_exit 0 embed -t "i$n" -i body --json
    assert_json "$OUT" '.rows | [.written, .changed, .left]' '[300,0,0]'
    assert_vectors "i$n" body
done

# A generated input column is read like any other.
sql "CREATE TABLE g (id INT PRIMARY KEY, a TEXT, b TEXT, both_texts TEXT GENERATED ALWAYS AS (a || ': ' || b) STORED)"
sql "INSERT INTO g SELECT i, 'title ' || i, 'body ' || i FROM generate_series(1, 20) i"
assert_exit 0 embed -t g -i both_texts
assert_vectors g both_texts

# In a database without an encoding, text may be no text. (CockroachDB has UTF-8 alone.)
if [ -z "${VECTORIZE_TEST_URL:-}${VECTORIZE_PERSONA:-}" ]; then
    "$PGBIN/psql" -XAtq "$(server_url postgres)" -c \
        "CREATE DATABASE bytes ENCODING SQL_ASCII TEMPLATE template0 LOCALE 'C'"
    SQL_URL=$(database_url "$SQL_URL" bytes)
    VECTORIZE_URL=$SQL_URL
    sql 'SET client_min_messages = warning; CREATE EXTENSION vector'
    sql 'CREATE TABLE t (id INT PRIMARY KEY, body TEXT)'
    sql "INSERT INTO t VALUES (1, 'good'), (2, 'bad ' || E'\\xff\\xfe'), (3, E'\\xc3\\xa9t\\xc3\\xa9')"
    assert_exit 0 embed -t t -i body --json
    assert_json "$OUT" '.rows | [.written, .invalid]' '[2,1]'
    assert_equal '1 3' "$(sql 'SELECT id FROM t WHERE body_vector IS NOT NULL ORDER BY id' | xargs)"
fi
