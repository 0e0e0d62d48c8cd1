# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# On a terminal: help and tables fit its width; no control sequence comes out, not even one that
# stands in the data.

. "$(dirname "$0")/../lib/functions.sh"
requires python3
export VECTORIZE_MODULE_PATH=$VECTORIZE_BUILD/tests/module VECTORIZE_MODELS=$TEST_TMP/models
mkdir -p "$VECTORIZE_MODELS/"$'na\033[31mme' "$VECTORIZE_MODELS/größe-数字"

# on_terminal COLUMNS COMMAND…: what it writes to a terminal of that width.
cat >"$TEST_TMP/run.py" <<'END'
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 50, int(sys.argv[1]), 0, 0))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    os.execv(sys.argv[2], sys.argv[2:])
out = b""
while True:
    try:
        block = os.read(fd, 65536)
    except OSError:
        break
    if not block:
        break
    out += block
os.waitpid(pid, 0)
sys.stdout.buffer.write(out.replace(b"\r\n", b"\n"))
END
on_terminal() {
    env -u COLUMNS python3 "$TEST_TMP/run.py" "$1" "$VECTORIZE" "${@:2}"
}

for width in 60 80 120; do
    for command in 'embed --help' 'encode --help' --help 'model list'; do
        read -ra words <<<"$command"
        on_terminal $width "${words[@]}" >"$TEST_TMP/out"
        # Examples are commands to copy: they are not broken.
        longest=$(sed '/^Examples:/,$d' "$TEST_TMP/out" | wc -L)
        [ "$longest" -le $width ] || fail "$command has a line of $longest columns on $width"
        [ "$longest" -gt $((width < 100 ? width - 25 : 75)) ] || fail "$command does not use $width"
        ! grep -q $'\033' "$TEST_TMP/out" || fail "$command writes control sequences"
    done
done
assert_contains "$(on_terminal 80 model list)" 'größe-数字' 'na [31mme'

# Without a terminal nothing is cut, and what is not ASCII comes out in any locale.
for locale in C C.UTF-8 nonsense; do
    assert_exit 0 env LC_ALL=$locale "$VECTORIZE" model list
    assert_contains "$OUT" 'größe-数字'
done
