# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# tools/test-cluster starts the `cockroach` on PATH as a single node in memory, gives its URL to
# the suites, stops it at the end, whatever they came to, and leaves no file. With
# VECTORIZE_TEST_URL it starts nothing, and a server that does not answer is said before any test.
# (Programs of these names stand for cockroach, meson and vectorize.)

. "$(dirname "$0")/../lib/functions.sh"
requires python3

mkdir "$TEST_TMP/bin" "$TEST_TMP/tmp"
cat >"$TEST_TMP/bin/cockroach" <<'END'
#!/usr/bin/env bash
echo "$*" >"$FAKES/arguments"
for a; do case $a in --listening-url-file=*) file=${a#*=} ;; esac; done
[ ! -e "$FAKES/refuse" ] || { echo 'no room for a node'; exit 1; }
trap 'echo stopped >"$FAKES/stopped"; exit 0' TERM
sleep 0.3
echo 'postgresql://root@127.0.0.1:1/defaultdb?sslmode=disable' >"$file"
while :; do sleep 0.05; done
END
cat >"$TEST_TMP/bin/meson" <<'END'
#!/usr/bin/env bash
echo "$VECTORIZE_TEST_URL" >"$FAKES/url"
echo "$*" >"$FAKES/meson"
folder=$3
mkdir -p "$folder/meson-logs"
result=OK; [ ! -e "$FAKES/fails" ] || result=FAIL
echo "{\"name\": \"one\", \"result\": \"$result\", \"stdout\": \"\"}" >"$folder/meson-logs/testlog.json"
END
mkdir -p "$TEST_TMP/build/src"
cat >"$TEST_TMP/build/src/vectorize" <<'END'
#!/usr/bin/env bash
[ ! -e "$FAKES/away" ] || { echo "no server at $3" >&2; exit 1; }
END
chmod +x "$TEST_TMP/bin"/* "$TEST_TMP/build/src/vectorize"
run() {
    rm -f "$TEST_TMP/stopped" "$TEST_TMP/url"
    FAKES=$TEST_TMP TMPDIR=$TEST_TMP/tmp PATH=$TEST_TMP/bin:$PATH "$TEST_ROOT/tools/test-cluster" "$TEST_TMP/build"
}
unset VECTORIZE_TEST_URL

assert_exit 0 run
assert_contains "$OUT" '1 passed, 0 failed, 0 skipped'
arguments=$(cat "$TEST_TMP/arguments")
assert_contains "$arguments" 'start-single-node --insecure --store=type=mem' '--listen-addr=127.0.0.1:0' '--http-addr=127.0.0.1:0'
assert_equal 'postgresql://root@127.0.0.1:1/defaultdb?sslmode=disable' "$(cat "$TEST_TMP/url")"
assert_contains "$(cat "$TEST_TMP/meson")" '--suite db' '--suite cluster'
assert_equal stopped "$(cat "$TEST_TMP/stopped")"
assert_equal '' "$(ls "$TEST_TMP/tmp")"

# A suite that fails; a node that does not start; none to start; a server that is there.
touch "$TEST_TMP/fails"
assert_exit 1 run
assert_equal stopped "$(cat "$TEST_TMP/stopped")"
rm "$TEST_TMP/fails"
touch "$TEST_TMP/refuse"
assert_exit 1 run
assert_contains "$ERR" 'did not start' 'no room for a node'
assert_equal '' "$(ls "$TEST_TMP/tmp")"
rm "$TEST_TMP/bin/cockroach" "$TEST_TMP/arguments"
command -v cockroach >/dev/null || { assert_exit 1 run && assert_contains "$ERR" VECTORIZE_TEST_URL; }
VECTORIZE_TEST_URL=postgresql://there assert_exit 0 run
assert_equal postgresql://there "$(cat "$TEST_TMP/url")"
[ ! -e "$TEST_TMP/arguments" ] || fail 'a node was started'
touch "$TEST_TMP/away"
VECTORIZE_TEST_URL=postgresql://there assert_exit 1 run
assert_equal 'no server at postgresql://there' "$ERR"
[ ! -e "$TEST_TMP/url" ] || fail 'tests were run'
