# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What every test script sources first. A script is one behaviour and one test: exit code 0 is
# passed, 77 is skipped (its last line says why), all else is failed. It can be run by hand.
#
#     . "$(dirname "$0")/../lib/functions.sh"
#     requires jq
#     needs_model
#     fresh_database
#     sql "CREATE TABLE notes (id INT PRIMARY KEY, body TEXT)"
#     assert_exit 0 vectorize embed -u "$VECTORIZE_URL" -t notes -i body -m "$MODEL" --yes
#     assert_equal 0 "$(sql "SELECT count(*) FROM notes WHERE body_vector IS NULL")"
#     assert_exit 2 vectorize embed --no-such-option
#     assert_contains "$ERR" "no-such-option"
#
# Gives: VECTORIZE (the program), MODEL (the reference of the real model), MODEL_DIR (its folder),
# TEST_TMP (a folder, removed at the end; HOME is inside), and after fresh_database
# VECTORIZE_URL. With VECTORIZE_TEST_URL set, databases are made on the server it names, PostgreSQL
# or CockroachDB (then is_cluster is true); otherwise each script has a server of its own. With
# VECTORIZE_PERSONA set to a version of CockroachDB, VECTORIZE_URL leads through the front
# (lib/front.sh), and sql() to the server behind it. No setting of the person who runs the tests
# (PG*, VECTORIZE_*, HOME, XDG_*) reaches the program.

set -euo pipefail

TEST_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
VECTORIZE_DEV=${VECTORIZE_DEV:-$TEST_ROOT/.cache/dev}
VECTORIZE_BUILD=${VECTORIZE_BUILD:-$TEST_ROOT/build}
VECTORIZE=${VECTORIZE:-$VECTORIZE_BUILD/src/vectorize}

for name in $(compgen -e); do
    case $name in
    VECTORIZE | VECTORIZE_TEST_URL | VECTORIZE_DEV | VECTORIZE_BUILD | VECTORIZE_PERSONA | PGBIN) ;;
    PG* | VECTORIZE_* | XDG_*) unset "$name" ;;
    esac
done

. "$TEST_ROOT/tests/lib/server.sh"

TEST_TMP=$(mktemp -d "${TMPDIR:-/tmp}/vectorize-test.XXXXXX")
server_process_mark $$ >"$TEST_TMP/owner"
# shellcheck disable=SC2034 # front.sh: where Go keeps what it has built
front_home=$HOME
export HOME=$TEST_TMP/home
mkdir "$HOME"
export LC_ALL=C.UTF-8
MODEL=all-MiniLM-L6-v2
export VECTORIZE_MODELS=$VECTORIZE_DEV/models
export VECTORIZE_MODULE_PATH=$VECTORIZE_BUILD/modules/hashing
# shellcheck disable=SC2034 # for the scripts
MODEL_DIR=$VECTORIZE_MODELS/$MODEL

# cleanup_fn COMMAND…: runs it when the script ends, last registered first. A script that cannot
# clean up has failed.
cleanups=()
cleanup_fn() {
    cleanups+=("$(printf '%q ' "$@")")
}

test_end() {
    local status=$? i
    trap - EXIT ERR INT TERM
    set +e
    for ((i = ${#cleanups[@]} - 1; i >= 0; i--)); do
        eval "${cleanups[i]}" || [ "$status" -ne 0 ] || status=1
    done
    if [ "$status" -ne 0 ] && [ "$status" -ne 77 ] && [ -n "$SERVER_DIR" ]; then
        echo "--- last lines of the server's log" >&2
        tail -n 15 "$SERVER_LOG" >&2
    fi
    server_stop
    rm -rf "$TEST_TMP"
    exit "$status"
}
trap test_end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
set -o errtrace
trap 'echo "FAILED: $0 line $LINENO: $BASH_COMMAND" >&2' ERR

# --- reasons to stop -----------------------------------------------------------------------

# skip WHY: ends the script as skipped.
skip() {
    echo "SKIP: $*"
    exit 77
}

# fail WHAT: ends the script as failed, with the line of the test that called.
fail() {
    trap - ERR
    local i=0
    while [[ ${BASH_SOURCE[i + 1]:-} == */functions.sh ]]; do i=$((i + 1)); done
    echo "FAILED: $0 line ${BASH_LINENO[i]}: $*" >&2
    exit 1
}

# requires TOOL…: skips unless all are installed.
requires() {
    local tool
    for tool; do
        command -v "$tool" >/dev/null || skip "$tool is not installed"
    done
}

# needs_model: skips unless tools/setup has fetched the real model.
needs_model() {
    [ -r "$VECTORIZE_MODELS/$MODEL/model.safetensors" ] ||
        skip "$MODEL is not in $VECTORIZE_MODELS (run tools/setup)"
}

# needs_own_server: skips on a server that is not ours to stop or to reconfigure.
needs_own_server() {
    [ -z "${VECTORIZE_TEST_URL:-}" ] || skip "needs a server of its own"
}

# is_cluster: VECTORIZE_TEST_URL names a CockroachDB. There is no front before it then: sql() and
# crdb() are the same.
is_cluster() {
    [ -n "${VECTORIZE_TEST_URL:-}" ] || return 1
    [ -n "${TEST_SERVER:-}" ] || TEST_SERVER=$("$PGBIN/psql" -XAtq "$VECTORIZE_TEST_URL" -c 'SELECT version()')
    [[ $TEST_SERVER == CockroachDB* ]]
}

# cockroach_version: "25.4" of the CockroachDB that the program sees, a cluster or the front; else
# nothing.
cockroach_version() {
    if is_cluster; then
        sed -E 's/^CockroachDB[^v]* v([0-9]+\.[0-9]+).*/\1/' <<<"$TEST_SERVER"
    else
        echo "${VECTORIZE_PERSONA:-}"
    fi
}

# needs_postgres WHY: skips on a cluster, with what the script does that only PostgreSQL has.
needs_postgres() {
    ! is_cluster || skip "on PostgreSQL only: $1"
}

# needs_front WHY: skips on a cluster, with what only the front can do.
needs_front() {
    ! is_cluster || skip "needs the front: $1"
}

if is_cluster; then
    [ -z "${VECTORIZE_PERSONA:-}" ] || skip "the cluster is of one version: this is for the front"
fi

# --- the program ---------------------------------------------------------------------------

vectorize() {
    "$VECTORIZE" "$@"
}

# assert_exit CODE COMMAND…: runs it without standard input (redirect to give one); its output
# is then in $OUT and $ERR.
assert_exit() {
    local expected=$1 status=0
    shift
    "$@" >"$TEST_TMP/out" 2>"$TEST_TMP/err" || status=$?
    OUT=$(tr -d '\0' <"$TEST_TMP/out")
    ERR=$(tr -d '\0' <"$TEST_TMP/err")
    [ "$status" -eq "$expected" ] || fail "exit code $status, not $expected: $*
--- standard output
$(head -c 2000 <<<"$OUT")
--- standard error
$(head -c 4000 <<<"$ERR")"
}

# assert_equal EXPECTED ACTUAL [WHAT]
assert_equal() {
    [ "$1" = "$2" ] || fail "${3:-values}: expected \"$1\", got \"$2\""
}

# assert_contains TEXT PART…: every part is in the text.
assert_contains() {
    local text=$1 part
    shift
    for part; do
        [[ $text == *"$part"* ]] || fail "\"$part\" is not in: $text"
    done
}

# assert_lacks TEXT PART…: no part is in the text.
assert_lacks() {
    local text=$1 part
    shift
    for part; do
        [[ $text != *"$part"* ]] || fail "\"$part\" is in: $text"
    done
}

# assert_json JSON FILTER [EXPECTED]: what the jq filter gives, as compact JSON or a bare string,
# is EXPECTED (default: true).
assert_json() {
    local actual
    actual=$(jq -r -c "$2" <<<"$1") || fail "not JSON that \"$2\" can read: $1"
    [ "$actual" = "${3:-true}" ] || fail "$2 gives \"$actual\", not \"${3:-true}\", in: $1"
}

# wait_for SECONDS COMMAND…: repeats the command until it succeeds.
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || fail "still not so: $*"
        sleep 0.05
    done
}

# --- the database --------------------------------------------------------------------------

# database_url URL NAME: the same server and user, another database.
database_url() {
    case $1 in
    *://*) sed -E "s#^([a-z]+://[^/?]*)(/[^?]*)?#\\1/$2#" <<<"$1" ;;
    *) echo "$1 dbname=$2" ;;
    esac
}

# sql TEXT [PSQL OPTIONS…]: runs it in the test's database; rows come unaligned, columns with |.
sql() {
    local text=$1
    shift
    "$PGBIN/psql" -XAtq -v ON_ERROR_STOP=1 "$@" "$SQL_URL" -c "$text"
}

# sql_file FILE [PSQL OPTIONS…]: the same from a file, "-" for standard input.
sql_file() {
    "$PGBIN/psql" -XAtq -v ON_ERROR_STOP=1 "${@:2}" "$SQL_URL" -f "$1"
}

# drop_database URL NAME: sessions that are still ending there keep PostgreSQL from it, unless forced.
drop_database() {
    "$PGBIN/psql" -XAtq "$1" -c "DROP DATABASE IF EXISTS $2$(is_cluster || echo ' WITH (FORCE)')"
}

# fresh_database: an empty database with the vector type; sets and exports VECTORIZE_URL, and sets
# SQL_URL, which sql() uses.
fresh_databases=0
fresh_database() {
    local name base
    [ -x "$PGBIN/psql" ] || skip "no PostgreSQL in $PGBIN (run tools/setup)"
    fresh_databases=$((fresh_databases + 1))
    name=vectorize_test_$$_$fresh_databases
    if [ -n "${VECTORIZE_TEST_URL:-}" ]; then
        base=$VECTORIZE_TEST_URL
        cleanup_fn drop_database "$base" "$name"
    else
        [ -n "$SERVER_DIR" ] || server_start || fail "no server"
        base=$(server_url postgres)
    fi
    "$PGBIN/psql" -XAtq -v ON_ERROR_STOP=1 "$base" -c "CREATE DATABASE $name"
    SQL_URL=$(database_url "$base" "$name")
    export VECTORIZE_URL=$SQL_URL
    FRONT_URL=$SQL_URL
    if is_cluster; then
        allow_vector_index
        return
    fi
    sql 'SET client_min_messages = warning; CREATE EXTENSION IF NOT EXISTS vector'
    # shellcheck disable=SC2119 # options are for scripts that call it themselves
    [ -z "${VECTORIZE_PERSONA:-}" ] || through_front
}

# What an administrator of 25.2 or 25.3 has to do before anything else.
allow_vector_index() {
    case $(cockroach_version) in
    25.2 | 25.3) crdb 'SET CLUSTER SETTING feature.vector_index.enabled = true' ;;
    esac
}

# through_front [OPTION…]: puts the front before the database just made.
# shellcheck disable=SC2120
through_front() {
    . "$TEST_ROOT/tests/lib/front.sh"
    front_go >/dev/null || skip "no Go 1.23.8 or newer (run tools/setup)"
    front_stop
    front_start "$VECTORIZE_PERSONA" "$@" || fail "no front"
    VECTORIZE_URL=$FRONT_URL
    allow_vector_index
}

# index_state: what embed makes of a missing index here: "built", or "none" on 25.2, which has no
# operator class for cosine distance.
index_state() {
    [ "$(index_metric)" = cosine ] && echo built || echo none
}

# index_metric: what an index can be built for here: "cosine", or "l2" on 25.2.
index_metric() {
    [ "$(cockroach_version)" = 25.2 ] && echo l2 || echo cosine
}

# crdb SQL: the same as sql, but through the front.
crdb() {
    "$PGBIN/psql" -XAtq -v ON_ERROR_STOP=1 "$FRONT_URL" -c "$1"
}
