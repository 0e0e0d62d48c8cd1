# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The URL of a database, however it is given, is in no process list and in no message.

. "$(dirname "$0")/../lib/functions.sh"
requires python3
[ -r /proc/self/cmdline ] || skip 'no /proc'
cd "$TEST_TMP"

# A server that takes the connection and says nothing.
python3 -c '
import socket, time
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(5)
open("port.new", "w").write(str(s.getsockname()[1]))
import os
os.rename("port.new", "port")
time.sleep(60)' &
cleanup_fn kill $!
wait_for 10 test -s port
url="postgresql://somebody:hunter2@127.0.0.1:$(<port)/db"

no_secret() {
    ! tr '\0' ' ' <"/proc/$1/cmdline" | grep hunter2 >/dev/null
}
for way in "-u $url" "-u$url" "--url $url" "--url=$url"; do
    # shellcheck disable=SC2086 # two words on purpose
    "$VECTORIZE" status -t x $way >out 2>err &
    pid=$!
    wait_for 10 no_secret $pid
    sleep 0.2
    no_secret $pid || fail 'the password is in the process list'
    tr '\0' ' ' <"/proc/$pid/cmdline" | grep "status -t x" >/dev/null || fail 'the rest is not'
    kill -INT $pid
    wait_for 10 eval "! kill -0 $pid"
    wait $pid || true
    assert_lacks "$(cat out err)" hunter2
done

# Wrong URLs, with all that the program can say about them.
for url in 'postgresql://somebody:hunter2@127.0.0.1:1/db' 'postgresql://somebody:hunter2@[/db' \
    'host=127.0.0.1 port=1 password=hunter2 nonsense=1'; do
    for json in '' --json; do
        # shellcheck disable=SC2086 # no word, or one
        ! vectorize status -t x -v -u "$url" $json >out 2>err || fail 'connected to nothing'
        assert_contains "$(<err)" connect
        assert_lacks "$(cat out err)" hunter2
    done
    ! VECTORIZE_URL=$url vectorize status -t x -v >out 2>err || fail 'connected to nothing'
    assert_contains "$(<err)" connect
    assert_lacks "$(cat out err)" hunter2
done
