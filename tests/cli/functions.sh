# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The functions of the test scripts themselves: an assertion that cannot fail proves nothing.

. "$(dirname "$0")/../lib/functions.sh"

# script LINES: runs them as a test script of their own.
script() {
    bash -c ". '$TEST_ROOT/tests/lib/functions.sh'; $1" "$TEST_TMP/script.sh"
}

for line in \
    'assert_equal 1 2' 'assert_contains abc x' 'assert_lacks abc b' 'assert_exit 0 false' \
    'assert_exit 1 true' 'assert_json "{}" .a 1' 'assert_json nonsense .a null' 'false' \
    'wait_for 0 false' 'true | false' 'echo $((unset_variable_is_an_error))'; do
    assert_exit 1 script "$line; echo not reached"
    assert_lacks "$OUT" 'not reached'
done

for line in \
    'assert_equal "a b" "a b"' 'assert_contains "a b" a b' 'assert_lacks abc x' \
    'assert_exit 3 bash -c "exit 3"' 'assert_json "{\"a\":[1]}" .a "[1]"' 'wait_for 1 true'; do
    assert_exit 0 script "$line; echo reached"
    assert_equal reached "$OUT"
done

assert_exit 77 script 'skip no reason'
assert_equal 'SKIP: no reason' "$OUT"
assert_exit 77 script 'requires no-such-tool'

assert_exit 1 script 'cleanup_fn echo first; cleanup_fn echo "se  cond"; exit 1'
assert_equal $'se  cond\nfirst' "$OUT"

assert_exit 0 script 'echo "$TEST_TMP"'
[ ! -e "$OUT" ] || fail "the temporary folder is still there"

export PGHOST=elsewhere VECTORIZE_URL=elsewhere XDG_DATA_HOME=elsewhere
assert_exit 0 script 'echo "${PGHOST-}${VECTORIZE_URL-}${XDG_DATA_HOME-}"'
assert_equal '' "$OUT"

for pair in \
    'postgresql://u:p@h:1/old?a=b postgresql://u:p@h:1/new?a=b' \
    'postgres://h postgres://h/new' \
    'postgresql:///old?host=/x postgresql:///new?host=/x'; do
    assert_equal "${pair#* }" "$(database_url "${pair% *}" new)"
done
assert_equal 'host=h dbname=new' "$(database_url host=h new)"
