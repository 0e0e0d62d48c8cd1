# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Trouble that is the server's to end: a refused TLS, a role that may not, a disk that fills up
# in the middle. A sentence with what to do, exit code 1, nothing half-done; once the cause is
# gone the same command goes on. (The predecessor retried such things for minutes, ended with a
# traceback or with exit code 0, and left half a batch.)

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3
needs_own_server
fresh_database

sql "CREATE TABLE notes (id INT PRIMARY KEY, body TEXT)"
sql "INSERT INTO notes SELECT i, 'note number ' || i FROM generate_series(1, 2000) i"

# TLS is wanted and this server has none.
assert_exit 1 embed -u "$VECTORIZE_URL?sslmode=verify-full" -t notes -i body
assert_contains "$ERR" 'TLS'
assert_lacks "$ERR" 'tester:tester'

# A role that may read and nothing else: nothing is left behind.
sql "CREATE ROLE reader LOGIN PASSWORD 'reader-secret'"
sql "GRANT SELECT ON notes TO reader"
reader=${VECTORIZE_URL/tester:tester/reader:reader-secret}
before=$(table_state notes)
assert_exit 1 embed -u "$reader" -t notes -i body
assert_contains "$ERR" 'needs SELECT and UPDATE'
assert_lacks "$ERR" 'reader-secret'
assert_equal "$before" "$(table_state notes)" 'the table after a refused run'

# The same once the column is there, but not the right to write it.
assert_exit 0 embed -t notes -i body --limit 100 --no-index
assert_exit 1 embed -u "$reader" -t notes -i body --no-index
assert_contains "$ERR" 'needs SELECT and UPDATE'
assert_equal 100 "$(sql 'SELECT count(body_vector) FROM notes')"

# The disk is full as the server says it (53100), from the 1,000th row on.
sql "CREATE FUNCTION fill_disk() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN
         IF NEW.id >= 1000 THEN
             RAISE EXCEPTION 'could not extend file: No space left on device'
                 USING ERRCODE = 'disk_full';
         END IF;
         RETURN NEW;
     END \$\$"
sql "CREATE TRIGGER fill_disk BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION fill_disk()"
assert_exit 1 embed -t notes -i body -b 50
assert_contains "$ERR" 'No space left on device' 'disk is full'
assert_equal 0 "$(sql 'SELECT count(body_vector) FROM notes WHERE id >= 1000')"
sql 'DROP TRIGGER fill_disk ON notes'
assert_exit 0 embed -t notes -i body --json
assert_json "$OUT" '.rows.left' 0
assert_vectors notes body
