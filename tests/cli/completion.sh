# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What a real bash offers after a part of a command line.

. "$(dirname "$0")/../lib/functions.sh"
export VECTORIZE_MODULE_PATH=$VECTORIZE_BUILD/tests/module VECTORIZE_MODELS=$TEST_TMP/none
cd "$TEST_TMP"
mkdir bin
ln -s "$VECTORIZE" bin/vectorize
PATH=$TEST_TMP/bin:$PATH
vectorize completion bash >script
bash -n script
touch texts.txt

# offered WORDS…: the completions of the last word, sorted, on one line.
offered() {
    bash --norc -c '
        . ./script
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        COMP_LINE=$* COMP_POINT=${#COMP_LINE}
        _vectorize
        printf "%s\n" "${COMPREPLY[@]}" | sort | paste -sd" "' bash "$@"
}

assert_equal 'embed encode' "$(offered vectorize e | sed 's/  */ /g')"
assert_equal 'list show' "$(offered vectorize model '')"
assert_equal list "$(offered vectorize -v model l)"
assert_equal '--format' "$(offered vectorize encode --fo)"
assert_equal 'f32 jsonl npy' "$(offered vectorize encode --format '')"
assert_equal npy "$(offered vectorize encode -f n)"
assert_equal npy "$(offered vectorize encode --format = n)"
assert_equal 'f32 jsonl npy' "$(offered vectorize encode --format =)"
assert_equal 'document query' "$(offered vectorize tokenize -m x --role '')"
assert_equal texts.txt "$(offered vectorize bench --input tex)"
assert_contains "$(offered vectorize encode -m module:g)" module:gate
assert_contains "$(offered vectorize model show '')" module:gate
assert_contains "$(offered vectorize embed --)" --table --model --url --json --help
assert_lacks "$(offered vectorize embed --)" --format
assert_lacks "$(offered vectorize '')" manual

assert_exit 2 vectorize completion tcsh
assert_contains "$ERR" tcsh
