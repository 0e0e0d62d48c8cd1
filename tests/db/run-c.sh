# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs a C test program on a fresh database: run-c.sh PROGRAM. It finds the database in
# VECTORIZE_URL; WITH_SERVER_PID says how to reach a server of our own.

. "$(dirname "$0")/../lib/functions.sh"
fresh_database
export VECTORIZE_URL
CMOCKA_MESSAGE_OUTPUT=STDOUT "$1"
