# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A model's prompts: each role gets its own, --prompt-name another, and the vector is that of the
# text with the prompt in front of it.

. "$(dirname "$0")/../lib/functions.sh"
requires jq
needs_model

# The real model with prompts of its own.
model=$TEST_TMP/prompted
mkdir "$model"
ln -s "$MODEL_DIR"/* "$model/"
rm "$model/config_sentence_transformers.json"
echo '{"prompts":{"query":"query: ","document":"passage: ","title":"title of: "}}' \
    >"$model/config_sentence_transformers.json"

encode() {
    vectorize encode -m "$model" "$@"
}
plain() {
    vectorize encode -m "$MODEL" <<<"$1"
}
assert_equal "$(plain 'query: a fox')" "$(encode --role query <<<'a fox')"
assert_equal "$(plain 'passage: a fox')" "$(encode --role document <<<'a fox')"
assert_equal "$(plain 'passage: a fox')" "$(encode <<<'a fox')"
assert_equal "$(plain 'title of: a fox')" "$(encode --prompt-name title <<<'a fox')"
assert_equal "$(plain 'title of: a fox')" "$(encode --prompt-name title --role query <<<'a fox')"
assert_equal "$(vectorize tokenize -m "$MODEL" <<<'query: a fox')" \
    "$(vectorize tokenize -m "$model" --role query <<<'a fox')"

assert_exit 0 vectorize model show "$model"
assert_contains "$OUT" '"query: "' '"passage: "'
! encode --prompt-name titel <<<x 2>"$TEST_TMP/err" >"$TEST_TMP/out" || fail 'no such prompt'
assert_contains "$(<"$TEST_TMP/err")" titel
[ ! -s "$TEST_TMP/out" ] || fail 'a vector came out'
