# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A server that answers with garbage, with half a message, with a length of gigabytes, with other
# columns than were asked for, with NULL where there can be none: each command ends with a
# sentence and exit code 1, or asks again and gets it right. It never crashes, never waits for
# ever and never writes a wrong vector.

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires python3
fresh_database
needs_own_server

sql 'CREATE TABLE notes (id INT PRIMARY KEY, body TEXT)'
sql "INSERT INTO notes SELECT g, 'text number ' || g FROM generate_series(1, 40) AS g"
export EMBED_MODEL VECTORIZE
VECTORIZE_URL=''
export PGUSER=tester PGPASSWORD=tester PGDATABASE=${SQL_URL##*/}

hostile() {
    python3 "$TEST_ROOT/tests/db/hostile.py" 127.0.0.1 "$SERVER_PORT" "$@" || fail "$*"
}

# Each embed begins with half of the vectors gone, so that there is something to write.
cat >"$TEST_TMP/embed" <<END
#!/bin/bash
"$PGBIN/psql" -XAtq "$SQL_URL" -c "UPDATE notes SET body_vector = NULL WHERE id % 2 = 0"
exec "$VECTORIZE" embed -m $EMBED_MODEL -t notes -i body -w 1 -b 10
END
chmod +x "$TEST_TMP/embed"
VECTORIZE_URL=$SQL_URL assert_exit 0 embed -t notes -i body
HOSTILE_CASES=45 hostile "$TEST_TMP/embed"
VECTORIZE_URL=$SQL_URL assert_exit 0 embed -t notes -i body
assert_vectors notes body
HOSTILE_CASES=45 hostile "$VECTORIZE" search -t notes 'text number 7'
HOSTILE_CASES=45 hostile "$VECTORIZE" status -t notes
