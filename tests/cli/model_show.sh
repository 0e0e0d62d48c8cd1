# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# model show: all that is known of an encoder, the same as text and as JSON.

. "$(dirname "$0")/../lib/functions.sh"
requires jq
export VECTORIZE_MODULE_PATH=$VECTORIZE_BUILD/tests/module

assert_exit 0 vectorize model show module:gate --json
assert_json "$OUT" .reference module:gate
assert_json "$OUT" .dimension 8
assert_json "$OUT" .module.name gate
assert_json "$OUT" '.fingerprint | test("^[0-9a-f]{64}$")'
assert_json "$OUT" '.module.options | map(.name) | contains(["folder"])'
fingerprint=$(jq -r .fingerprint <<<"$OUT")
assert_exit 0 vectorize model show module:gate
assert_contains "$OUT" 'dimension:        8' "$fingerprint" delay-ms

# What changes vectors changes the fingerprint.
one=$(vectorize model show module:faulty_none --encoder-options dim=3 --json)
two=$(vectorize model show module:faulty_none --encoder-options dim=4 --json)
assert_json "$one" .dimension 3
[ "$(jq -r .fingerprint <<<"$one")" != "$(jq -r .fingerprint <<<"$two")" ] ||
    fail 'the fingerprint does not depend on the dimension'

assert_exit 1 vectorize model show no-such-model
assert_contains "$ERR" no-such-model
assert_exit 1 vectorize model show module:no-such-module
assert_contains "$ERR" no-such-module

needs_model
assert_exit 0 vectorize model show "$MODEL" --json
assert_json "$OUT" '[.dimension, .max_tokens, .unit_length, .metric, .module.name]' \
    '[384,256,true,"cosine","transformer"]'

mkdir "$TEST_TMP/empty"
assert_exit 1 vectorize model show "$TEST_TMP/empty"
assert_contains "$ERR" "\"$TEST_TMP/empty\" is not a model folder" model.safetensors
