# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The fault campaign: whatever faults, kills and writers do, no vector is wrong or stale, no row is
# lost, nothing hangs. campaign.sh [RUNS [FIRST_SEED [LANES [REPORT]]]]: each run draws, from its
# seed, a version of CockroachDB, the shape of a table, faults, one to three embed processes, kills
# and nodes that go away, while writers update, blank, insert, delete and re-key rows
# (campaign/draw.py). At the end (campaign/check.py):
#
#   - whatever the faults left behind, no vector belongs to another text than its row's, and
#     status counts what is missing;
#   - one more embed without faults gives every row with a usable text its vector;
#   - all other columns are what the writers' own logs say; nothing else is in the schema;
#   - no process took longer than five minutes.
#
# A failed run says its seed: "campaign.sh 1 SEED" repeats it (up to the timing of processes).
# Versions: 25.2 25.3 25.4 26.1
# On a cluster: contention between transactions

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
. "$TEST_ROOT/tests/lib/front.sh"
requires python3
needs_own_server
front_go >/dev/null || skip "no Go 1.23.8 or newer (run tools/setup)"
front_build || fail "no front"
server_start || fail "no server"
server_psql postgres -c 'ALTER SYSTEM SET max_connections = 400'
server_restart
export VECTORIZE PGBIN CRDB_FRONT TEST_TMP
CAMPAIGN_SERVER=$(server_url postgres) \
    python3 "$TEST_ROOT/tests/crdb/campaign/run.py" "${1:-30}" "${2:-$((RANDOM + 1))}" "${3:-3}" "${4:-$TEST_TMP/report}"
