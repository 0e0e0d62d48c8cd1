# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A line that is no text or that the encoder refuses: named by its number, after the whole vectors
# of all lines before it.

. "$(dirname "$0")/../lib/functions.sh"
requires jq python3
export VECTORIZE_MODULE_PATH=$VECTORIZE_BUILD/tests/module
encode() {
    vectorize encode -m module:gate --threads 3 "$@"
}
cd "$TEST_TMP"

seq 700 >good
{ cat good; printf 'caf\xe9\nnot reached\n'; } >latin1
assert_exit 1 encode <latin1
assert_equal 700 "$(wc -l <out)"
assert_contains "$ERR" 'line 701 of standard input' 'not valid UTF-8 at byte 4'
assert_lacks "$ERR" caf
jq -e 'length == 8' out >/dev/null

{ cat good; printf 'poison pill\nnot reached\n'; } >poisoned
assert_exit 1 encode <poisoned
assert_equal 700 "$(wc -l <out)"
assert_contains "$ERR" 'line 701'
assert_lacks "$ERR" pill

for format in npy f32; do
    assert_exit 1 encode --format $format <poisoned
    cp out "$format"
done
assert_equal $((700 * 8 * 4)) "$(wc -c <f32)"
python3 - <<'END'
data = open("npy", "rb").read()
assert eval(data[10:128].decode())["shape"] == (700, 8) and data[128:] == open("f32", "rb").read()
END

{ sed 's/.*/"&"/' good; echo '{"txt":"x"}'; } >wrong.jsonl
assert_exit 1 encode --input-format jsonl <wrong.jsonl
assert_equal 700 "$(wc -l <out)"
assert_contains "$ERR" 'line 701 of standard input' '"text"'
assert_exit 1 encode --input-format jsonl --json <wrong.jsonl
assert_json "$ERR" .error.kind format

# A vector that is not finite never comes out.
assert_exit 1 vectorize encode -m module:faulty_nan <good
assert_equal '' "$OUT"
assert_exit 2 vectorize tokenize -m module:gate <good
assert_contains "$ERR" 'vectorize: encoder "gate" has no tokenizer'
