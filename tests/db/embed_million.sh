# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A million rows: memory does not grow with the table, pages and batches stay ranges of the key's
# index to the last, and a second run is over in a moment. (The predecessor read the head of the
# table again and again, and took a gigabyte.)

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3
fresh_database

sql 'CREATE TABLE t (id INT PRIMARY KEY, body TEXT)'
sql "INSERT INTO t SELECT i, 'a text of ordinary length, as they stand in many tables, number ' || i
       FROM generate_series(1, 1000000) i"

# measured: the program's output, then its largest resident size in MiB.
measured() {
    python3 -c 'import resource, subprocess, sys
status = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
sys.exit(status)' "$VECTORIZE" embed -m "$HASHING" -t t -i body --no-index --json
}

assert_exit 0 measured
assert_json "$(head -n 1 <<<"$OUT")" '.rows | [.written, .left, .changed, .failed]' '[1000000,0,0,0]'
peak=$(tail -n 1 <<<"$OUT")
echo "$peak MiB, $(head -n 1 <<<"$OUT" | jq .seconds) s"
# Without -q: it would end nm by a closed pipe, and that counts as false here.
sanitized() { nm -D "$VECTORIZE" 2>/dev/null | grep '__[at]san_init' >/dev/null; }
if ! sanitized; then
    [ "$peak" -lt 100 ] || fail "$peak MiB of memory"
fi
assert_equal 1000000 "$(sql 'SELECT count(body_vector) FROM t')"
sql 'CREATE TABLE sample AS SELECT * FROM t WHERE id % 97 = 0'
assert_vectors sample body

assert_exit 0 measured
assert_json "$(head -n 1 <<<"$OUT")" '.rows.written' 0
