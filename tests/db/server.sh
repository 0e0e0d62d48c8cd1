# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The throw-away server itself: it has the vector type, asks for its password, can be crashed and
# brought back, and leaves nothing behind, even when its owner was killed.

. "$(dirname "$0")/../lib/functions.sh"
needs_own_server

fresh_database
sql 'CREATE TABLE t (v VECTOR(3))'
sql "INSERT INTO t VALUES ('[1,2,3]')"
assert_equal '[1,2,3]' "$(sql 'SELECT v FROM t')"
first=$VECTORIZE_URL
fresh_database
assert_exit 1 sql 'SELECT v FROM t'
[ "$first" != "$VECTORIZE_URL" ] || fail "two databases with one URL"

SQL_URL=${SQL_URL/:tester@/:wrong@}
assert_exit 2 sql 'SELECT 1'
assert_contains "$ERR" 'password authentication failed'

server_crash
assert_exit 2 server_psql test -c 'SELECT 1'
server_restart
assert_equal 1 "$(server_psql test -c 'SELECT 1')"

# Another owner, killed: its server goes when the next one starts.
mkdir "$TEST_TMP/tmp"
chmod 755 "$TEST_TMP"
chmod 1777 "$TEST_TMP/tmp"
owner=". '$TEST_ROOT/tests/lib/server.sh'; server_start; echo \"\$SERVER_DIR\";"
left=$(TMPDIR=$TEST_TMP/tmp bash -c "$owner kill -KILL \$\$") || :
[ -s "$left/data/postmaster.pid" ] || fail "no server was left behind"
assert_exit 0 env TMPDIR="$TEST_TMP/tmp" bash -c "$owner server_stop"
assert_equal '' "$(ls "$TEST_TMP/tmp")"
