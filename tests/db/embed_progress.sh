# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Progress: a bar on a terminal, with a total and the time left, taken away at the end; no control
# characters anywhere else. (The predecessor's progress option ended in a NameError.)

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires python3
fresh_database

sql 'CREATE TABLE t (id INT PRIMARY KEY, body TEXT)'
sql "INSERT INTO t SELECT i, 'text ' || i FROM generate_series(1, 5000) i"
escape=$'\e'

# in_terminal COLUMNS COMMAND…: its standard error on a terminal of that width, kept as it came.
in_terminal() {
    local columns=$1
    shift
    cat >"$TEST_TMP/terminal.py" <<'END'
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(2, termios.TIOCSWINSZ, struct.pack("HHHH", 25, int(sys.argv[1]), 0, 0))
    out = os.open(os.environ["OUT_FILE"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(out, 1)
    os.execv(sys.argv[2], sys.argv[2:])
while True:
    try:
        data = os.read(fd, 65536)
    except OSError:
        break
    if not data:
        break
    sys.stdout.buffer.write(data)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
    OUT_FILE=$TEST_TMP/stdout python3 "$TEST_TMP/terminal.py" "$columns" "$@"
}

slow=(-m "$GATE" --encoder-options delay-ms=60 -t t -i body --no-index)
for columns in 120 80 40 20; do
    sql 'SET client_min_messages = warning; ALTER TABLE t DROP COLUMN IF EXISTS body_vector'
    assert_exit 0 in_terminal "$columns" "$VECTORIZE" embed "${slow[@]}"
    assert_contains "$OUT" ' %' "${escape}[K"
    # No frame of the bar is as wide as the terminal, or it would scroll.
    longest=$(tr '\r' '\n' <<<"$OUT" | sed "s/$escape\[K//g" | grep '%' | awk '{ if (length > n) n = length } END { print n }')
    [ "$longest" -lt "$columns" ] || fail "a bar of $longest columns on a terminal of $columns"
    if [ "$columns" -ge 80 ]; then
        assert_contains "$OUT" '[#' '/5,000' 'rows/s' ' left'
    fi
done

# The last thing on the line is its removal: what follows starts on a clean line.
assert_contains "$(tail -c 2000 <<<"$OUT")" "${escape}[K"

sql 'ALTER TABLE t DROP COLUMN body_vector'
assert_exit 0 in_terminal 80 "$VECTORIZE" embed "${slow[@]}" --progress never
assert_lacks "$OUT" "$escape" ' %'
sql 'ALTER TABLE t DROP COLUMN body_vector'
assert_exit 0 vectorize embed "${slow[@]}"
assert_lacks "$ERR$OUT" "$escape"
sql 'ALTER TABLE t DROP COLUMN body_vector'
assert_exit 0 vectorize embed "${slow[@]}" -p bar
assert_contains "$ERR" "${escape}[K"
sql 'ALTER TABLE t DROP COLUMN body_vector'
assert_exit 0 embed -t t -i body -v
assert_lacks "$ERR" 'text 1'
