# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# tokenize with the real model: ids as JSON, one array a line, special tokens included, cut at the
# model's limit.

. "$(dirname "$0")/../lib/functions.sh"
requires jq
needs_model

assert_exit 0 vectorize tokenize -m "$MODEL" <<<'unbelievable things'
assert_equal '[101,23653,2477,102]' "$OUT"
assert_exit 0 vectorize tokenize -m "$MODEL" --input-format jsonl <<<'{"text":"unbelievable things"}'
assert_equal '[101,23653,2477,102]' "$OUT"
printf '\n\n' >"$TEST_TMP/empty"
assert_exit 0 vectorize tokenize -m "$MODEL" <"$TEST_TMP/empty"
assert_equal $'[101,102]\n[101,102]' "$OUT"
assert_exit 0 vectorize tokenize -m "$MODEL" < <(seq -s' ' 5000)
assert_json "$OUT" length 256
