# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The front's own tests, before a real server.
# Versions: 25.2 25.3 25.4 26.1

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/front.sh"
needs_own_server
go=$(front_go) || skip "no Go 1.23.8 or newer (run tools/setup)"
fresh_database
HOME=$(front_home)
cd "$TEST_ROOT/tests/crdb-front"
unformatted=$("$(dirname "$(readlink -f "$go")")/gofmt" -l .)
assert_equal '' "$unformatted" gofmt
"$go" vet .
VECTORIZE_TEST_URL=$VECTORIZE_URL "$go" test -count=1 .
