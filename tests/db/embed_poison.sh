# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Rows that cannot be encoded, or that the database refuses, are found one by one, reported with
# key and reason, never with their text, and do not stop the others. Exit code 3 says so. (In the
# predecessor one such row killed its batch, was fetched again for ever, and the exit code was 0.)

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3
fresh_database
EMBED_MODEL=$GATE

sql 'CREATE TABLE t (a TEXT, b INT, body TEXT, PRIMARY KEY (a, b))'
sql "INSERT INTO t SELECT 'k', i, 'text ' || i FROM generate_series(1, 1000) i"
sql "UPDATE t SET body = 'poison and a secret' WHERE b IN (1, 2, 500, 999, 1000)"
assert_exit 3 embed -t t -i body --json
assert_json "$OUT" '.rows | [.written, .failed, .left]' '[995,5,5]'
assert_json "$OUT" '[.failures[].key] | sort' '["(k, 1)","(k, 1000)","(k, 2)","(k, 500)","(k, 999)"]'
assert_json "$OUT" '.failures[0].reason | contains("this text is poison")'
assert_json "$OUT" '.index.state' "$(index_state)"
assert_lacks "$OUT$ERR" secret
assert_equal 995 "$(sql 'SELECT count(*) FROM t WHERE body_vector IS NOT NULL')"

# Again: the same rows fail, nothing else is touched.
before=$(table_state t)
assert_exit 3 embed -t t -i body
assert_contains "$OUT" 'failed' '(k, 500)' 'this text is poison'
assert_equal "$before" "$(table_state t)"

# Mended, it is an ordinary row.
sql "UPDATE t SET body = 'mended' WHERE body LIKE 'poison%'"
assert_exit 0 embed -t t -i body
assert_vectors t body

# A trigger that refuses some rows.
sql "UPDATE t SET body_vector = NULL"
sql "CREATE FUNCTION refuse() RETURNS TRIGGER LANGUAGE plpgsql AS \$\$ BEGIN
       IF NEW.b % 250 = 0 AND NEW.body_vector IS NOT NULL THEN RAISE EXCEPTION 'row is frozen'; END IF;
       RETURN NEW; END \$\$"
sql "CREATE TRIGGER refuse BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION refuse()"
assert_exit 3 embed -t t -i body --json
assert_json "$OUT" '.rows | [.written, .failed, .left]' '[996,4,4]'
assert_json "$OUT" '[.failures[].reason | contains("row is frozen")] | all'
sql 'DROP TRIGGER refuse ON t'

# An encoder that can encode nothing ends the run soon instead of trying every row.
sql "UPDATE t SET body = 'poison', body_vector = NULL"
assert_exit 1 embed -t t -i body
assert_contains "$ERR" 'rows all failed' 'this text is poison'

# A trigger that clears each vector again does not keep the run busy for ever.
sql "UPDATE t SET body = 'text ' || b"
sql "CREATE OR REPLACE FUNCTION refuse() RETURNS TRIGGER LANGUAGE plpgsql AS \$\$ BEGIN
       NEW.body_vector := NULL; RETURN NEW; END \$\$"
sql "CREATE TRIGGER refuse BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION refuse()"
assert_exit 0 timeout 60 "$VECTORIZE" embed -m "$GATE" -t t -i body --json
assert_json "$OUT" '.rows.left' 1000
