# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The front (tests/crdb-front): a proxy that makes the throw-away server behave like CockroachDB.
# To be sourced after lib/functions.sh, or after lib/server.sh:
#
#     fresh_database
#     front_start 25.4                    # on VECTORIZE_URL; more options of crdb-front may follow
#     vectorize embed -u "$FRONT_URL" …
#     front_fault kind=error code=40001 on=write every=3
#     front_control DELETE faults
#     jq -r .sql "$FRONT_LOG"
#     front_stop                          # functions.sh does it at the end too
#
# Sets FRONT_URL (as VECTORIZE_URL, through the front), FRONT_CONTROL and FRONT_LOG. Several fronts
# may stand before one server, one at a time in a shell. Takes CRDB_FRONT (the program), else
# builds it with Go >= 1.23.8 and keeps it in the development folder; the first build takes some
# minutes.

front_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
front_dev=${VECTORIZE_DEV:-$front_root/.cache/dev}
FRONT_PID=${FRONT_PID:-} # sourcing this again loses no front

# The Go tool: on PATH if it is new enough, else what tools/setup installed.
front_go() {
    local go
    for go in "$(command -v go)" "$front_dev/go/bin/go"; do
        if [ -x "$go" ] && [ "$(printf '%s\n' go1.23.8 "$("$go" env GOVERSION)" |
            sort -V | head -n 1)" = go1.23.8 ]; then
            echo "$go"
            return
        fi
    done
    return 1
}

# Builds the front unless it is there and newer than its sources; sets CRDB_FRONT.
front_build() {
    [ -z "${CRDB_FRONT:-}" ] || return 0
    mkdir -p "$front_dev"
    # Tests run side by side: one builds, the others wait.
    if ! flock "$front_dev/crdb-front.lock" "$BASH" -c '. "$0" && front_make' \
        "$front_root/tests/lib/front.sh" >&2; then
        echo "the front could not be built" >&2
        return 1
    fi
    CRDB_FRONT=$front_dev/crdb-front
}

front_make() {
    local go program=$front_dev/crdb-front
    if [ -x "$program" ] && [ -z "$(find "$front_root/tests/crdb-front" \
        -newer "$program" -name '[!.]*' -type f -print -quit)" ]; then
        return 0
    fi
    if ! go=$(front_go); then
        echo "the front needs Go 1.23.8 or newer: run tools/setup"
        return 1
    fi
    cd "$front_root/tests/crdb-front" &&
        nice env HOME="$(front_home)" "$go" build -buildvcs=false -o "$program" . && touch "$program"
}

# Where Go keeps what it fetched and compiled: a test has a HOME of its own.
front_home() {
    getent passwd "$(id -u)" | cut -d: -f6
}

# front_start PERSONA [OPTION…]: before the server of VECTORIZE_URL, else of server.sh.
front_start() {
    local persona=$1 url=${VECTORIZE_URL:-} host control
    shift
    [ -n "$url" ] || url=$(server_url)
    front_build || return 1
    FRONT_DIR=$(mktemp -d "${TMPDIR:-/tmp}/vectorize-front.XXXXXX")
    # shellcheck disable=SC2034 # for the scripts
    FRONT_LOG=$FRONT_DIR/statements.jsonl
    : >"$FRONT_DIR/ready"
    "$CRDB_FRONT" -upstream "$url" -persona "$persona" -log "$FRONT_LOG" "$@" \
        >"$FRONT_DIR/ready" 2>"$FRONT_DIR/errors" &
    FRONT_PID=$!
    ! declare -F cleanup_fn >/dev/null || cleanup_fn front_stop
    for _ in $(seq 200); do
        if read -r _ host _ control <"$FRONT_DIR/ready"; then
            FRONT_CONTROL=http://$control
            # shellcheck disable=SC2034 # for the scripts
            FRONT_URL=$(front_url "$url" "$host")
            return 0
        fi
        kill -0 "$FRONT_PID" 2>/dev/null || break
        sleep 0.05
    done
    echo "the front did not start:" >&2
    cat "$FRONT_DIR/errors" >&2
    return 1
}

# URL $1 with host and port taken from $2.
front_url() {
    local user_part=${1#*://} path
    path=${user_part#*/}
    user_part=${user_part%%/*}
    case $user_part in
    *@*) user_part=${user_part%@*}@ ;;
    *) user_part='' ;;
    esac
    echo "postgresql://$user_part$2/${path%%\?*}"
}

# front_control METHOD PATH [NAME=VALUE…]: one request on the control connection.
front_control() {
    local method=$1 path=$2 value data=()
    shift 2
    for value; do data+=(--data-urlencode "$value"); done
    curl -fsS --noproxy '*' -X "$method" "${data[@]}" "$FRONT_CONTROL/$path"
}

# front_fault NAME=VALUE…: something that is to go wrong (crdb-front's fault.go has the names).
front_fault() {
    front_control POST faults "$@" >/dev/null
}

front_stop() {
    [ -n "$FRONT_PID" ] || return 0
    kill "$FRONT_PID" 2>/dev/null || :
    wait "$FRONT_PID" 2>/dev/null || :
    FRONT_PID=''
    rm -rf "$FRONT_DIR"
}
