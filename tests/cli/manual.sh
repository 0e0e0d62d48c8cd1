# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Every command has a manual page that is built and names each of its options; the module guide's
# program compiles and does what the page says.

. "$(dirname "$0")/../lib/functions.sh"
requires scdoc
pages=$VECTORIZE_BUILD/docs
[ -e "$pages/vectorize.1" ] || skip 'the manual pages were not built (scdoc came later)'

assert_exit 0 vectorize --help
mapfile -t commands < <(sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z ]*[a-z]\)  .*/\1/p' <<<"$OUT")
for command in "${commands[@]}"; do
    read -ra words <<<"$command"
    page=$pages/vectorize-${command// /-}.1
    [ -s "$page" ] || fail "$command has no page in docs/meson.build"
    grep -q "vectorize\\\\-${command// /\\\\-}" "$pages/vectorize.1" ||
        grep -q "vectorize-${command// /-}" "$pages/vectorize.1" ||
        fail "vectorize(1) does not name $command"
    text=$(sed 's/\\-/-/g; s/\\//g' "$page")
    vectorize "${words[@]}" --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE '\--[a-z-]+' |
        while read -r option; do
            assert_contains "$text" "$option"
        done
done

# No page holds markup that scdoc passed through or text that roff lost.
for page in "$pages"/*.1 "$pages"/*.7; do
    ! grep -nE '\*-|(^| )_[A-Za-z]+_( |$)' "$page" || fail "raw markup in $page"
done

# Exit codes: the page's are the program's.
for code in 0 1 2 3 130; do
    grep -qE "^\\\\fB$code\\\\fR" "$pages/vectorize.1" || fail "exit code $code is not in vectorize(1)"
done

requires cc
cd "$TEST_TMP"
guide=$TEST_ROOT/docs/man/vectorize-module.7.scd
sed -n '/^#include <vectorize/,/^```/p' "$guide" | sed '$d' >length.c
cc -std=gnu17 -Wall -Wextra -Werror -shared -fPIC -I"$TEST_ROOT/include" length.c -o length.so
VECTORIZE_MODULE_PATH=. assert_exit 0 vectorize encode -m module:length <<<hello
assert_equal '[6,6,6,6,6,6,6,6]' "$OUT"
