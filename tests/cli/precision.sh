# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# --precision: chosen by name, shown, and part of the fingerprint; what does not exist is refused
# with the names that do.

. "$(dirname "$0")/../lib/functions.sh"
requires jq
seq 300 | sed 's/$/ bottles of beer on the wall/' >"$TEST_TMP/texts"

for command in encode bench embed search 'model show'; do
    # shellcheck disable=SC2086
    assert_exit 2 vectorize $command --precision fp8 </dev/null
    assert_contains "$ERR" precision auto fp32 bf16 int8 fp8
done

# An encoder without precisions says so.
export VECTORIZE_MODULE_PATH=$VECTORIZE_BUILD/modules/hashing
assert_exit 2 vectorize encode -m module:hashing --precision int8 <"$TEST_TMP/texts"
assert_contains "$ERR" hashing 'no option "precision"'
assert_exit 0 vectorize model show module:hashing --json
assert_json "$OUT" .precision null

needs_model
fingerprint() { vectorize model show "$MODEL" --json "$@" | jq -r .fingerprint; }
for precision in fp32 bf16 int8; do
    assert_exit 0 vectorize model show "$MODEL" --precision "$precision" --json
    assert_json "$OUT" .precision "$precision"
    fingerprint --precision "$precision"
done | sort -u >"$TEST_TMP/fingerprints"
assert_equal 3 "$(wc -l <"$TEST_TMP/fingerprints")" 'fingerprints of three precisions'
assert_equal "$(fingerprint)" "$(fingerprint --precision fp32)" 'the default is fp32'
assert_equal "$(fingerprint)" "$(fingerprint --precision default)" 'and has a name'
assert_equal "$(fingerprint --precision int8)" "$(fingerprint --encoder-options precision=int8)" \
    'the option of the module is the same one'
assert_exit 0 vectorize model show "$MODEL" --precision auto --json
assert_json "$OUT" '.precision == "fp32" or .precision == "bf16"'

head -5 "$TEST_TMP/texts" >"$TEST_TMP/few"
for precision in default fp32 int8; do
    vectorize encode -m "$MODEL" --precision "$precision" <"$TEST_TMP/few" >"$TEST_TMP/$precision"
done
cmp "$TEST_TMP/default" "$TEST_TMP/fp32" || fail 'fp32 is not the default'
cmp -s "$TEST_TMP/int8" "$TEST_TMP/fp32" && fail 'int8 gave the vectors of fp32'

assert_exit 0 vectorize bench -m "$MODEL" --precision int8 -i "$TEST_TMP/texts" --json
assert_json "$OUT" '.precision == "int8" and .gflops > 0 and .ceiling_gflops > 0'
assert_exit 0 vectorize bench -m "$MODEL" -i "$TEST_TMP/texts" --compare --json
assert_json "$OUT" '[.precisions[].precision]' '["fp32","bf16","int8"]'
assert_json "$OUT" '.precisions[0] | .times_fp32 == 1 and .cosine_worst > 0.999999 and .nearest_kept == 1'
assert_json "$OUT" '.precisions[1] | .cosine_worst > 0.9995 and .cosine_worst < 1'
assert_json "$OUT" '.precisions[2] | .cosine_worst > 0.99 and .cosine_worst < 1 and .nearest_kept < 1'
assert_json "$OUT" '[.precisions[] | .compared == 300 and .ceiling_share > 0] | all'
assert_exit 0 vectorize bench -m "$MODEL" -i "$TEST_TMP/few" --compare
assert_contains "$OUT" fp32 bf16 int8 'COSINE, WORST' 'first 5 texts'
assert_exit 2 vectorize bench -m "$MODEL" --compare <"$TEST_TMP/few"
assert_contains "$ERR" '--input FILE'
assert_exit 2 vectorize bench -m "$MODEL" --compare --precision int8 -i "$TEST_TMP/few"
assert_contains "$ERR" '--precision'
