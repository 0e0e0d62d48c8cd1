# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What a real fish offers after a part of a command line.

. "$(dirname "$0")/../lib/functions.sh"
requires fish
export VECTORIZE_MODULE_PATH=$VECTORIZE_BUILD/tests/module VECTORIZE_MODELS=$TEST_TMP/none
cd "$TEST_TMP"
mkdir bin
ln -s "$VECTORIZE" bin/vectorize
PATH=$TEST_TMP/bin:$PATH
vectorize completion fish >script.fish
touch texts.txt

# offered LINE: the completions of its end, sorted, on one line, without their descriptions.
offered() {
    fish --no-config -c 'source script.fish; complete -C $argv[1]' "$1" | cut -f1 | sort -u | paste -sd' '
}

assert_equal 'embed encode' "$(offered 'vectorize e')"
assert_equal 'list show' "$(offered 'vectorize model ')"
assert_equal '--format' "$(offered 'vectorize encode --fo')"
assert_equal 'f32 jsonl npy' "$(offered 'vectorize encode --format ')"
assert_equal npy "$(offered 'vectorize encode -f n')"
assert_equal 'document query' "$(offered 'vectorize tokenize -m x --role ')"
assert_equal texts.txt "$(offered 'vectorize bench --input tex')"
assert_contains "$(offered 'vectorize encode -m module:g')" module:gate
assert_contains "$(offered 'vectorize model show ')" module:gate
assert_contains "$(offered 'vectorize embed --')" --table --model --url --json --help
assert_lacks "$(offered 'vectorize embed --')" --format
assert_lacks "$(offered 'vectorize ')" manual texts.txt
assert_contains "$(fish --no-config -c 'source script.fish; complete -C "vectorize "')" \
    'measure how fast'
