# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# bench: counts what it encoded, once or for a time, as JSON and for people.

. "$(dirname "$0")/../lib/functions.sh"
requires jq
export VECTORIZE_MODULE_PATH=$VECTORIZE_BUILD/tests/module
seq 1000 >"$TEST_TMP/texts"

assert_exit 0 vectorize bench -m module:gate --input "$TEST_TMP/texts" --threads 2 --json
assert_json "$OUT" '[.texts, .threads, .truncated, .ceiling_share]' '[1000,2,0,null]'
assert_json "$OUT" '.texts_per_second > 0 and .seconds > 0 and .peak_memory_mib > 0 and .load_seconds >= 0'
assert_exit 0 vectorize bench -m module:gate -i "$TEST_TMP/texts"
assert_contains "$OUT" 'texts:            1000' texts/s MiB
assert_exit 0 vectorize bench -m module:gate --json <"$TEST_TMP/texts"
assert_json "$OUT" .texts 1000

start=$SECONDS
assert_exit 0 vectorize bench -m module:gate -i "$TEST_TMP/texts" --seconds 1.2 --json
[ $((SECONDS - start)) -le 10 ] || fail 'it took much longer than asked'
assert_json "$OUT" '.seconds > 1.1 and .texts > 1000'

assert_exit 2 vectorize bench -m module:gate --seconds 1 <"$TEST_TMP/texts"
assert_contains "$ERR" '--input FILE'
assert_exit 2 vectorize bench -m module:gate --seconds -1 -i "$TEST_TMP/texts"
assert_exit 2 vectorize bench -m module:gate </dev/null
assert_contains "$ERR" 'no text'
assert_exit 1 vectorize bench -m module:gate -i "$TEST_TMP/no-such-file"
assert_contains "$ERR" 'could not open' no-such-file

# An encoder that does not count tokens: not known, rather than none.
VECTORIZE_MODULE_PATH=$VECTORIZE_BUILD/modules/hashing \
    assert_exit 0 vectorize bench -m module:hashing -i "$TEST_TMP/texts" --json
assert_json "$OUT" '[.texts, .tokens, .tokens_per_second]' '[1000,null,null]'

needs_model
assert_exit 0 vectorize bench -m "$MODEL" -i "$TEST_TMP/texts" --threads 1 --json
assert_json "$OUT" '.tokens > 3000 and .gflops > 0 and .ceiling_gflops > 0'
assert_json "$OUT" '(.gflops / .ceiling_gflops - .ceiling_share) | fabs < 1e-9'

# Every precision for a time, with fewer texts than are compared: each is kept once.
assert_exit 0 vectorize bench -m "$MODEL" -i "$TEST_TMP/texts" --compare --seconds 1 --json
assert_json "$OUT" '[.precisions[] | [.precision, .compared]]' \
    '[["fp32",1000],["bf16",1000],["int8",1000]]'
assert_json "$OUT" '.precisions | map(.tokens_per_second > 0 and .cosine_worst > 0.99) | all' true
