# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What every command does without being asked to: help, version, and an answer to a wrong option
# and to a missing or superfluous argument; on standard error, without the help, exit code 2.

. "$(dirname "$0")/../lib/functions.sh"
requires jq

assert_exit 0 vectorize --help
mapfile -t commands < <(sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z ]*[a-z]\)  .*/\1/p' <<<"$OUT")
[ ${#commands[@]} -ge 6 ] || fail "only these commands were found: ${commands[*]}"

for command in "${commands[@]}"; do
    read -ra words <<<"$command"
    assert_exit 0 vectorize "${words[@]}" --help
    assert_contains "$OUT" "Usage: vectorize $command" "General:" "Examples:"
    [[ $(wc -L <<<"$OUT") -le 100 ]] || fail "the help of $command has very long lines"
    help=$OUT
    assert_exit 0 vectorize help "${words[@]}"
    assert_equal "$help" "$OUT"

    assert_exit 0 vectorize "${words[@]}" --version
    assert_equal 'vectorize 0.' "${OUT:0:12}"

    assert_exit 2 vectorize "${words[@]}" --no-such-option
    assert_equal '' "$OUT"
    assert_contains "$ERR" 'vectorize: unknown option "--no-such-option"'
    assert_lacks "$ERR" Usage: Examples
    assert_exit 2 vectorize "${words[@]}" --verbos
    assert_contains "$ERR" 'Did you mean "--verbose"?'

    if grep -q "^Usage: vectorize $command \[OPTION…\] [A-Z]" <<<"$help"; then
        assert_exit 2 vectorize "${words[@]}"
        assert_equal '' "$OUT"
        assert_contains "$ERR" 'is missing' "Usage: vectorize $command"
    fi
    assert_exit 2 vectorize "${words[@]}" a b c d e f
    assert_equal '' "$OUT"
    assert_contains "$ERR" 'takes no'

    assert_exit 2 vectorize "${words[@]}" --json --no-such-option
    assert_equal '' "$OUT"
    assert_json "$ERR" '.error.kind' usage
    assert_json "$ERR" '.error.message' 'unknown option "--no-such-option"'
done
