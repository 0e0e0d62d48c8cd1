# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# model list: without anything installed, with broken models and modules among good ones, as a
# table and as JSON; it never opens a model.

. "$(dirname "$0")/../lib/functions.sh"
requires jq

empty=$TEST_TMP/empty
VECTORIZE_MODELS=$empty VECTORIZE_MODULE_PATH=$empty assert_exit 0 vectorize model list
assert_contains "$ERR" 'no model is installed' "$empty" './FOLDER'
VECTORIZE_MODELS=$empty VECTORIZE_MODULE_PATH=$empty assert_exit 0 vectorize model list --quiet
assert_equal '' "$ERR"
VECTORIZE_MODELS=$empty VECTORIZE_MODULE_PATH=$empty assert_exit 0 vectorize model list --json
assert_json "$OUT" '.models | type' array

# A folder that is no model, an unreadable one, and modules that are wrong: each with its reason.
models=$TEST_TMP/models
mkdir -p "$models/not a model" "$models/broken"
echo '{' >"$models/broken/config.json"
export VECTORIZE_MODELS=$models VECTORIZE_MODULE_PATH=$VECTORIZE_BUILD/tests/module
assert_exit 0 vectorize model list --json
assert_json "$OUT" '[.models[] | select(.reference == "not a model") | .usable]' '[false]'
assert_json "$OUT" '[.models[] | select(.reference == "broken") | .problem | length > 0]' '[true]'
assert_json "$OUT" '[.models[] | select(.reference == "module:faulty_abi") | .problem | test("ABI")]' '[true]'
assert_json "$OUT" '[.models[] | select(.reference == "module:gate") | .usable]' '[true]'
assert_json "$OUT" '[.models[].reference] == ([.models[].reference] | sort)'
assert_exit 0 vectorize model list
assert_contains "$OUT" MODEL KIND 'not a model' 'cannot be used' module:gate
assert_contains "$ERR" 'module:faulty_abi cannot be used: module' 'ABI'

# Opening faulty_open fails; listing it does not, since nothing is opened.
assert_json "$(vectorize model list --json)" \
    '[.models[] | select(.reference == "module:faulty_open") | .usable]' '[true]'
assert_exit 1 vectorize model show module:faulty_open
assert_contains "$ERR" 'the weather is bad'

# A file name of a foreign encoding does not break the JSON.
mkdir "$models/"$'caf\xe9'
assert_exit 0 vectorize model list --json
assert_json "$OUT" '[.models[].reference | select(startswith("caf"))] | length' 1
