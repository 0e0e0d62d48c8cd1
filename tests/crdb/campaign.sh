# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The fault campaign: campaign.sh [RUNS [FIRST_SEED]]. Each run draws, from its seed, a version of
# CockroachDB, the shape of a table, faults, one to three embed processes, kill -9s and nodes that
# go away, while a writer updates, blanks, inserts, deletes and re-keys rows. The writer does the
# same to a second table that embed never sees. At the end:
#
#   - whatever the faults left behind, no vector belongs to another text than its row's;
#   - one more embed without faults gives every row with a usable text its vector;
#   - all other columns are the second table's; nothing else is in the schema;
#   - no process took longer than a minute.
#
# A failed run says its seed: "campaign.sh 1 SEED" repeats it (up to the timing of processes).

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
. "$TEST_ROOT/tests/lib/front.sh"
requires jq python3 curl
front_go >/dev/null || skip "no Go 1.23.8 or newer (run tools/setup)"
runs=${1:-${CAMPAIGN_RUNS:-30}}
seed=${2:-${VECTORIZE_TEST_SEED:-$RANDOM}}
fresh_database
direct=$VECTORIZE_URL
EMBED_MODEL=$GATE

# pick WORD…: one of them, in PICK; a subshell would have random numbers of its own.
pick() {
    shift $((RANDOM % $#))
    PICK=$1
}

# The tables of a run: t and its twin. Both get the keys before embed sees any.
make_tables() {
    local columns='tenant STRING NOT NULL, id INT NOT NULL, body STRING, other INT'
    crdb 'DROP TABLE IF EXISTS t' 2>/dev/null
    sql 'SET client_min_messages = warning; DROP TABLE IF EXISTS twin'
    case $shape in
    plain) crdb "CREATE TABLE t ($columns, PRIMARY KEY (id))" ;;
    composite) crdb "CREATE TABLE t ($columns, PRIMARY KEY (tenant, id))" ;;
    hashed) crdb "CREATE TABLE t ($columns, PRIMARY KEY (id) USING HASH)" ;;
    regional) crdb "CREATE TABLE t ($columns, PRIMARY KEY (id)) LOCALITY REGIONAL BY ROW" ;;
    keyless) crdb "CREATE TABLE t ($columns)" ;;
    esac
    sql "INSERT INTO t (tenant, id, body, other)
         SELECT 't' || g % 3, g, CASE WHEN g % 13 > 0 THEN 'first text ' || g END, g
           FROM generate_series(1, $rows) g;
         CREATE TABLE twin AS SELECT tenant, id, body, other FROM t"
    # The column and its stamp are there when the writer and the processes begin.
    assert_exit 0 embed -t t -i body -b 5 -n 1 --no-index
}

# What the writer does: statements for t, each followed by the same for the twin.
writer_sql() {
    local i id
    for i in $(seq "$1"); do
        id=$((RANDOM % rows + 1))
        case $((RANDOM % 8)) in
        0 | 1 | 2) both "SET body = 'changed $i'$clear WHERE id = $id" ;;
        3) both "SET body = NULL$clear WHERE id = $id" ;;
        4) both "SET body = ' '$clear WHERE id = $id" ;;
        5) both "SET other = $i WHERE id % 7 = $((i % 7))" "" ;;
        6) both "SET id = id + 100000 WHERE id = $id" "" ;;
        7)
            printf "DELETE FROM %s WHERE id = $id;\n" t twin
            printf "INSERT INTO %s (tenant, id, body, other) VALUES ('n', $((200000 + i)), 'new $i', $i);\n" t twin
            ;;
        esac
        echo "SELECT pg_sleep(0.00$((RANDOM % 10)));"
    done
}
clear='<clear>'
both() {
    echo "UPDATE t ${1//"$clear"/, body_vector = NULL};"
    echo "UPDATE twin ${1//"$clear"/};"
}

draw_faults() {
    local kind on match
    for _ in $(seq $((RANDOM % 3 + 1))); do
        pick error ambiguous-applied ambiguous-lost drop-before drop-mid drop-after shutdown stall
        kind=$PICK
        pick read write write commit
        on=$PICK match=''
        [ "$on" != read ] || match=body_vector # what comes before is one attempt, and safe
        pick 05 1 2 4
        front_fault "kind=$kind" "on=$on" "match=$match" "p=0.$PICK" ms=30 count=12
    done
    pick drop-after drop-before error
    [ $((RANDOM % 3)) -ne 0 ] || front_fault "kind=$PICK" on=schema count=1
    pick 0 0 300
    front_control POST jobs "ms=$PICK" >/dev/null
}

# Vectors that stand there now belong to the texts that stand there now.
check_no_wrong_vector() {
    sql "SELECT json_build_object('text', body, 'vector', body_vector::text) FROM t
          WHERE body_vector IS NOT NULL" >"$TEST_TMP/rows.jsonl"
    python3 "$TEST_ROOT/tests/lib/check_vectors.py" "$TEST_TMP/rows.jsonl" \
        "$VECTORIZE" encode -m "$GATE" --input-format jsonl || fail "seed $seed: a wrong vector"
}

check_table() {
    check_no_wrong_vector
    assert_exit 0 timeout 60 "$VECTORIZE" embed -m "$GATE" -t t -i body --json
    assert_vectors t body
    assert_equal 0 "$(sql "SELECT count(*) FROM (
        (SELECT tenant, id, body, other FROM t EXCEPT ALL SELECT * FROM twin) UNION ALL
        (SELECT * FROM twin EXCEPT ALL SELECT tenant, id, body, other FROM t)) d")" "seed $seed: rows that differ"
    assert_equal 't twin' "$(sql "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S', 'm')")" "seed $seed: relations"
    assert_equal 0 "$(sql "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal")" "seed $seed: triggers"
}

# Embed process $1 beside the others, with these options.
embed_process() {
    local status=0 i=$1
    shift
    "$VECTORIZE" embed -m "$GATE" "$@" -t t -i body --no-index >"$TEST_TMP/out.$i" 2>"$TEST_TMP/err.$i" &
    echo $! >"$TEST_TMP/pid.$i"
    wait $! 2>/dev/null || status=$?
    echo "$status" >"$TEST_TMP/status.$i"
}

kill_one() {
    local i=$((RANDOM % $1 + 1))
    [ -s "$TEST_TMP/pid.$i" ] && [ ! -e "$TEST_TMP/status.$i" ] || return 1
    kill -KILL "$(cat "$TEST_TMP/pid.$i")" 2>/dev/null
}

# Waits for process $1: it ends well, or was killed.
end_process() {
    local end=$((SECONDS + 60)) status
    until [ -s "$TEST_TMP/status.$1" ]; do
        if [ $SECONDS -ge $end ]; then
            kill -KILL "$(cat "$TEST_TMP/pid.$1")"
            fail "seed $seed: hung: $(tail -n 3 "$TEST_TMP/err.$1")"
        fi
        sleep 0.05
    done
    status=$(cat "$TEST_TMP/status.$1")
    case $status in
    0 | 137) ;;
    *) # no server to be had at its very start
        grep -q 'not accepting clients\|too many clients\|closed the connection\|onnect' "$TEST_TMP/err.$1" ||
            fail "seed $seed: exit code $status: $(tail -n 3 "$TEST_TMP/err.$1")"
        ;;
    esac
}

one_run() {
    local shape rows n i delay killed=false
    pick 25.3 25.4 26.1
    VECTORIZE_PERSONA=$PICK
    pick plain composite hashed regional keyless
    shape=$PICK
    pick 0s 200ms
    VECTORIZE_URL=$direct
    through_front -seed "$seed" -follower-lag "$PICK"
    rows=$((RANDOM % 400 + 100)) n=$((RANDOM % 3 + 1))
    make_tables
    draw_faults
    writer_sql 60 >"$TEST_TMP/writer.sql"
    sql_file "$TEST_TMP/writer.sql" >/dev/null &
    local writer=$!
    for i in $(seq $n); do
        rm -f "$TEST_TMP/pid.$i" "$TEST_TMP/status.$i"
        pick 0 5 20
        delay=$PICK
        pick 5 20 0
        embed_process "$i" --encoder-options "delay-ms=$delay" -w $((RANDOM % 2 + 1)) -b "$PICK" 2>/dev/null &
    done
    for i in 1 2 3; do
        sleep "0.$((RANDOM % 3))$((RANDOM % 10))"
        case $((RANDOM % 5)) in
        0) ! kill_one "$n" || killed=true ;;
        1)
            pick drain down full
            front_control POST "$PICK" "ms=$((RANDOM % 300 + 50))" >/dev/null
            ;;
        esac
    done
    wait "$writer" || fail "seed $seed: the writer"
    for i in $(seq $n); do
        end_process "$i"
    done
    front_control DELETE faults >/dev/null
    check_table
    echo "seed $seed: $VECTORIZE_PERSONA $shape, $rows rows, $n processes, $(front_control GET stats |
        jq -r '[.errors | to_entries[] | select(.key | startswith("fault")) | .value] | add // 0') faults$($killed && echo ', a kill')"
}

for _ in $(seq "$runs"); do
    RANDOM=$seed
    one_run
    seed=$((seed % 32767 + 1))
done
echo "$runs runs: 0 wrong, 0 lost, 0 stale, 0 hung"
