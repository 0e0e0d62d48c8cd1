# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Mistakes on the command line, and standard output that cannot be written.

. "$(dirname "$0")/../lib/functions.sh"
requires jq
export VECTORIZE_MODULE_PATH=$VECTORIZE_BUILD/tests/module
export VECTORIZE_MODELS=$TEST_TMP/no-models

assert_exit 2 vectorize
assert_contains "$ERR" 'a command is missing' 'vectorize --help'
assert_exit 2 vectorize encod
assert_contains "$ERR" 'unknown command "encod"' 'Did you mean "vectorize encode"?'
assert_exit 2 vectorize model
assert_contains "$ERR" 'needs a command'
assert_exit 2 vectorize model lst
assert_contains "$ERR" 'Did you mean "vectorize model list"?'
assert_exit 2 vectorize encode
assert_contains "$ERR" 'option "--model" is missing' 'VECTORIZE_MODEL' 'vectorize model list'
assert_exit 2 vectorize encode -m module:gate --format nump
assert_contains "$ERR" 'option "format" takes one of jsonl, f32, npy, not "nump"'
assert_exit 2 vectorize encode -m module:gate --threads 1000000
assert_contains "$ERR" 'option "threads" takes a number from'
assert_exit 2 vectorize encode -m module:gate --encoder-options colour=red
assert_contains "$ERR" 'encoder "gate" has no option "colour"'
assert_exit 1 vectorize encode -m no-such-model
assert_contains "$ERR" 'no-such-model'
assert_equal '' "$OUT"

# Every message is said once, and begins with the program's name.
assert_exit 1 vectorize encode -m no-such-model --json
assert_json "$ERR" '.error | has("message") and has("kind")'
assert_equal 1 "$(wc -l <"$TEST_TMP/err")"

# A variable is as good as the option, and weaker.
assert_exit 0 env VECTORIZE_MODEL=module:gate "$VECTORIZE" encode <<<text
assert_exit 0 env VECTORIZE_MODEL=no-such-model "$VECTORIZE" encode -m module:gate <<<text

# A full disk is said, and is no success.
seq 20000 >"$TEST_TMP/texts"
if [ -c /dev/full ]; then
    for format in jsonl f32 npy; do
        status=0
        vectorize encode -m module:gate --format $format <"$TEST_TMP/texts" >/dev/full \
            2>"$TEST_TMP/err" || status=$?
        assert_equal 1 $status "exit code on a full disk, $format"
        assert_contains "$(<"$TEST_TMP/err")" 'No space left on device'
    done
    status=0
    vectorize --help >/dev/full 2>"$TEST_TMP/err" || status=$?
    assert_equal 1 $status
    assert_contains "$(<"$TEST_TMP/err")" 'could not write to standard output'
fi

# A stream that came closed is an error, and nothing else takes its place.
assert_exit 1 bash -c "'$VECTORIZE' --help >&-"
assert_contains "$ERR" 'could not write to standard output'
assert_exit 1 bash -c "'$VECTORIZE' encode -m module:gate <&-"
assert_contains "$ERR" 'could not read standard input'
assert_exit 1 bash -c "'$VECTORIZE' bench -m module:gate --input '$TEST_TMP/texts' >&-"
assert_contains "$ERR" 'could not write to standard output'

# A reader who goes away ends the program quietly, as any filter.
set +o pipefail
trap - ERR
"$VECTORIZE" encode -m module:gate <"$TEST_TMP/texts" 2>"$TEST_TMP/err" | head -n 1 >"$TEST_TMP/out"
assert_equal 141 "${PIPESTATUS[0]}" 'exit code after a broken pipe'
assert_equal '' "$(<"$TEST_TMP/err")"
assert_equal 1 "$(wc -l <"$TEST_TMP/out")"
for words in '--help' 'completion bash' 'model list'; do
    # shellcheck disable=SC2086 # several words
    "$VECTORIZE" $words 2>"$TEST_TMP/err" | bash -c :
    status=${PIPESTATUS[0]}
    [ "$status" = 141 ] || [ "$status" = 0 ] || fail "exit code $status of $words into a closed pipe"
    assert_lacks "$(<"$TEST_TMP/err")" 'Broken pipe'
done
