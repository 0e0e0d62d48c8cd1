# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# encode as a filter: a text is answered before the next one is typed, memory does not grow with
# the input, and a signal ends it with whole lines and the documented exit code.

. "$(dirname "$0")/../lib/functions.sh"
requires python3
export VECTORIZE_MODULE_PATH=$VECTORIZE_BUILD/tests/module
cd "$TEST_TMP"

coproc ENCODER { "$VECTORIZE" encode -m module:gate; }
# shellcheck disable=SC2154 # set by coproc
pid=$ENCODER_PID
for text in first second; do
    echo $text >&"${ENCODER[1]}"
    read -r -t 10 line <&"${ENCODER[0]}" || fail "no answer to the $text text"
    assert_equal "$(vectorize encode -m module:gate <<<$text)" "$line"
done
eval "exec ${ENCODER[1]}>&-"
wait "$pid"

# 60 MB of short lines, then lines of 8 MB: no more memory than a few batches, or a few lines.
peak() {
    python3 -c '
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)' "$@"
}
sanitized=$(nm "$VECTORIZE" 2>/dev/null | grep -c -m1 -E '__(asan|tsan)_init' || true)
if [ "$sanitized" = 0 ]; then
    python3 -c 'print("a line of text\n" * 4000000, end="")' >short
    python3 -c 'print(("x" * 8000000 + "\n") * 25, end="")' >long
    short=$(peak "$VECTORIZE" encode -m module:gate --format f32 --threads 2 <short)
    long=$(peak "$VECTORIZE" encode -m module:gate --format f32 --threads 2 <long)
    [ "$short" -lt 32 ] || fail "$short MiB for 60 MB of short lines"
    [ "$long" -lt 200 ] || fail "$long MiB for lines of 8 MB"
fi

# Input that does not come: a signal ends the wait, what was answered stays.
mkfifo fifo
exec {hold}<>fifo
for signal in INT TERM; do
    rm -f out err
    "$VECTORIZE" encode -m module:gate <fifo >out 2>err {hold}>&- &
    pid=$!
    echo text >&"$hold"
    wait_for 10 test -s out
    kill -s $signal $pid
    status=0
    wait $pid || status=$?
    assert_equal 130 $status "exit code after SIG$signal"
    assert_equal 1 "$(wc -l <out)"
    assert_contains "$(<err)" 'vectorize: interrupted'
done

# An encoder that does not listen: the second signal ends it at once.
mkdir gate
"$VECTORIZE" encode -m "module:gate:$TEST_TMP/gate" <fifo >out 2>err {hold}>&- &
pid=$!
echo text >&"$hold"
wait_for 10 test -e gate/reached
kill -s INT $pid
sleep 0.3
kill -0 $pid || fail 'the first signal did not let the batch finish'
kill -s INT $pid
status=0
wait $pid || status=$?
assert_equal 130 $status 'exit code after a second SIGINT'
