# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Somebody stamps the column with another model while a run writes into it: the run does not end as
# if all were well. (In the predecessor nothing recorded the model at all.)

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3
fresh_database

sql "CREATE TABLE notes (id INT PRIMARY KEY, body TEXT)"
sql "INSERT INTO notes SELECT i, 'note number ' || i FROM generate_series(1, 200) i"
assert_exit 0 embed -t notes -i body --limit 10 --no-index

# The stamp changes under the run's hands: a trigger does it, at the 100th row.
sql "CREATE FUNCTION restamp() RETURNS trigger LANGUAGE plpgsql AS \$\$
     DECLARE stamp text := replace(col_description('notes'::regclass, 3), 'hashing', 'another');
     BEGIN
         IF NEW.id = 100 THEN
             stamp := regexp_replace(stamp, '\"fingerprint\":\"[0-9a-f]*\"',
                                     '\"fingerprint\":\"' || repeat('0', 64) || '\"');
             EXECUTE format('COMMENT ON COLUMN notes.body_vector IS %L', stamp);
         END IF;
         RETURN NEW;
     END \$\$"
sql 'CREATE TRIGGER restamp BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION restamp()'
assert_exit 2 embed -t notes -i body
assert_contains "$ERR" 'holds vectors of model "module:another:64"' 'Another process stamped'
assert_equal 1 "$(sql "SELECT count(*) FROM pg_indexes WHERE tablename = 'notes'")" 'no index of mixed vectors'
