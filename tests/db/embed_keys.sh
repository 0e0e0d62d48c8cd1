# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Keys of every type, composite keys, and key values that break careless quoting. (The
# predecessor took one column of a composite key and wrote one row's vector onto every row that
# shared its value; keys of type NUMERIC, DATE and BYTEA ended in an exception.)

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3
needs_postgres "domains and enums; crdb/keys has the keys of CockroachDB"
fresh_database

sql "CREATE TYPE mood AS ENUM ('sad', 'so so', 'happy, really', '{odd}')"
sql "CREATE DOMAIN code AS TEXT CHECK (length(VALUE) < 2000)"

# check_key TYPE EXPRESSION [ROWS]: a table with such a key, from the expression over i.
n_tables=0
check_key() {
    local rows=${3:-400}
    n_tables=$((n_tables + 1))
    sql "CREATE TABLE k$n_tables (k $1 PRIMARY KEY, body TEXT)"
    sql "INSERT INTO k$n_tables SELECT $2, 'text of ' || i FROM generate_series(1, $rows) i"
    assert_exit 0 embed -t "k$n_tables" -i body -b 37 --no-index --json
    assert_json "$OUT" '.rows | [.written, .left, .changed]' "[$rows,0,0]"
    assert_vectors "k$n_tables" body
}

check_key INT 'i - 200'
check_key BIGINT '9223372036854775807 - i'
check_key SMALLINT 'i - 32000'
check_key UUID "md5(i::text)::uuid"
check_key TEXT "'k' || i"
check_key 'VARCHAR(20)' "'Ünï ' || i"
check_key 'CHAR(8)' "i::text"
check_key NUMERIC '(i - 200) / 7.0'
check_key 'NUMERIC(10,3)' 'i * 0.001'
check_key DATE "date '0099-12-25' + i * 1000"
check_key TIMESTAMPTZ "timestamptz '2024-03-31 00:00:00.000001+01' + i * interval '10 min'"
check_key TIMESTAMP "timestamp '2024-01-01' + i * interval '1 microsecond'"
check_key BYTEA "decode(md5(i::text) || '00ff5c22', 'hex')"
check_key BOOL 'i = 1' 2
check_key mood "(enum_range(NULL::mood))[i]" 4
check_key code "'c' || i"
check_key 'DOUBLE PRECISION' 'i / 3.0::float8'
check_key INTERVAL "i * interval '1 hour'"
check_key INET "'10.0.0.0'::inet + i"
check_key TEXT "repeat(chr(65 + i % 26), 1000) || i" 50
check_key TEXT "(ARRAY['NULL', 'null', '', ' ', '{}', '{a,b}', 'a\"b', E'a\\\\b', E'\\\\N', 'a''b', 'a,b',
    '(1,2)', E'line\nend', E'tab\t', '\$1', '%s', '🙂', '--', ';', '\"'])[i]" 20

# Composite, in an order unlike that of the columns, with values that repeat in each part.
sql "CREATE TABLE c (b TEXT, body TEXT, a INT, d DATE, PRIMARY KEY (d, a, b))"
sql "INSERT INTO c SELECT 'b' || i % 7, 'text of ' || i, i % 11, date '2024-01-01' + i % 13
       FROM generate_series(1, 1001) i"
assert_exit 0 embed -t c -i body -b 50 --json
assert_json "$OUT" '.rows.written' 1001
assert_vectors c body
# No two texts are the same, so no two vectors may be.
assert_equal 1001 "$(sql 'SELECT count(DISTINCT body_vector::text) FROM c')"

# (tenant, id): all rows of a tenant share the first part.
sql "CREATE TABLE tenants (tenant TEXT, id BIGINT, body TEXT, PRIMARY KEY (tenant, id))"
sql "INSERT INTO tenants SELECT 't' || i % 3, i / 3, 'document ' || i FROM generate_series(0, 899) i"
assert_exit 0 embed -t tenants -i body
assert_vectors tenants body
assert_equal 900 "$(sql 'SELECT count(DISTINCT body_vector::text) FROM tenants')"

# Partitioned, and a unique index in the place of a primary key.
sql "CREATE TABLE p (id INT, region TEXT, body TEXT, PRIMARY KEY (id, region)) PARTITION BY LIST (region)"
sql "CREATE TABLE p_eu PARTITION OF p FOR VALUES IN ('eu')"
sql "CREATE TABLE p_us PARTITION OF p FOR VALUES IN ('us')"
sql "INSERT INTO p SELECT i, CASE WHEN i % 2 = 0 THEN 'eu' ELSE 'us' END, 'part ' || i FROM generate_series(1, 500) i"
assert_exit 0 embed -t p -i body --json
assert_json "$OUT" '.rows.written' 500
assert_vectors p body
