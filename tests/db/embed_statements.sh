# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What a run sends, counted in the server's own log: one UPDATE a batch, one page query a page and
# pass, every value a parameter. (The predecessor ran each SELECT ten times, cut each batch into
# transactions of 100 rows, and sent 8 kB of literals a row.)

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3
needs_own_server
fresh_database

sql "CREATE TABLE notes (id INT PRIMARY KEY, body TEXT)"
sql "INSERT INTO notes SELECT i, 'note number ' || i FROM generate_series(1, 3000) i"
sql "ALTER SYSTEM SET log_statement = 'all'"
sql 'SELECT pg_reload_conf()' >/dev/null

# statements WORDS: how many of them the log has.
statements() {
    grep -cE "(execute|statement)[^:]*: *$1" "$SERVER_LOG" || :
}

assert_exit 0 embed -t notes -i body -b 500 --no-index --json
assert_json "$OUT" '.rows.written' 3000

# Six batches; a slow machine may send one out before it is full.
updates=$(statements 'UPDATE')
[ "$updates" -ge 6 ] && [ "$updates" -le 12 ] || fail "$updates UPDATE statements for 6 batches"

# 3,000 rows are three pages; a second pass finds nothing. One more page may show an end.
pages=$(statements 'SELECT .*ORDER BY .*LIMIT')
[ "$pages" -ge 4 ] && [ "$pages" -le 6 ] || fail "$pages page queries"

# Each statement is one line of the log here, so its length is that of its text.
longest=$(grep -E '(execute|statement)[^:]*: ' "$SERVER_LOG" | awk '{ print length }' | sort -n | tail -1)
[ "$longest" -lt 2000 ] || fail "a statement of $longest bytes: values belong in parameters"
