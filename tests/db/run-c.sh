# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs a C test program on a fresh database, which it finds in VECTORIZE_URL:
#
#     run-c.sh PROGRAM [PERSONA…]       each PERSONA: again, behind the front as that CockroachDB

. "$(dirname "$0")/../lib/functions.sh"
. "$(dirname "$0")/../lib/front.sh"
export CMOCKA_MESSAGE_OUTPUT=STDOUT
program=$1
shift

if is_cluster; then
    [ $# -gt 0 ] || skip "on PostgreSQL only: the statements of its catalogue"
    set --
fi
if [ $# -eq 0 ]; then
    fresh_database
    export VECTORIZE_URL
    "$program"
    exit
fi

needs_own_server
front_build || skip "the front cannot be built: no Go 1.23.8 or newer"
for persona; do
    fresh_database
    front_start "$persona"
    echo "--- as CockroachDB $persona"
    VECTORIZE_URL=$FRONT_URL "$program"
    front_stop
done
