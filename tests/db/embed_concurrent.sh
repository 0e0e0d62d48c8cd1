# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# While embed runs, another client changes texts (and sets the vector NULL with them), inserts and
# deletes rows, without pause; two embeds at once do no harm either. No row ever holds a vector of
# another text than its own. (In the predecessor the old text's vector won.)

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3
fresh_database
EMBED_MODEL=$GATE

sql 'CREATE TABLE t (id INT PRIMARY KEY, body TEXT)'
sql "INSERT INTO t SELECT i, 'text ' || i FROM generate_series(1, 15000) i"
assert_exit 0 embed -t t -i body --limit 1000 # the column is there, with some vectors

change_until_told() {
    while [ ! -e "$TEST_TMP/stop" ]; do
        for _ in $(seq 20); do
            local id=$((RANDOM % 15000)) what=$((RANDOM % 5))
            case $what in
            0) echo "UPDATE t SET body = 'changed ' || random(), body_vector = NULL WHERE id BETWEEN $id AND $id + 20;" ;;
            1) echo "UPDATE t SET body = NULL, body_vector = NULL WHERE id = $id;" ;;
            2) echo "INSERT INTO t VALUES ($((20000 + RANDOM)), 'new ' || random()) ON CONFLICT (id) DO NOTHING;" ;;
            3) echo "DELETE FROM t WHERE id = $id;" ;;
            4) echo "DELETE FROM t WHERE id = $id; INSERT INTO t VALUES ($id, 'in its place ' || random());" ;;
            esac
        done >"$TEST_TMP/changes"
        sql_file "$TEST_TMP/changes" >/dev/null
    done
}

change_until_told &
changer=$!
for n in 1 2; do
    "$VECTORIZE" embed -m "$GATE" --encoder-options delay-ms=30 -t t -i body -b 60 -w 2 --no-index \
        --json >"$TEST_TMP/out$n" 2>"$TEST_TMP/err$n" &
    jobs[n]=$!
done
for n in 1 2; do
    wait "${jobs[n]}" || fail "exit code $?: $(cat "$TEST_TMP/err$n")"
done
touch "$TEST_TMP/stop"
wait "$changer"
assert_json "$(cat "$TEST_TMP/out1" "$TEST_TMP/out2" | jq -s .)" '[.[].rows.changed] | add > 0'
assert_json "$(cat "$TEST_TMP/out1" "$TEST_TMP/out2" | jq -s .)" '[.[].rows.failed] | add' 0

# Whatever has a vector has its own: the rest is NULL, and the next run's.
sql "DELETE FROM t WHERE body_vector IS NOT NULL AND body IS NULL RETURNING id" >"$TEST_TMP/wrong"
assert_equal '' "$(cat "$TEST_TMP/wrong")" 'rows with a vector and without a text'
sql 'CREATE TABLE finished AS SELECT * FROM t WHERE body_vector IS NOT NULL'
[ "$(sql 'SELECT count(*) FROM finished')" -gt 5000 ] || fail 'too few vectors: the test says nothing'
assert_vectors finished body
assert_exit 0 embed -t t -i body --no-index --json
assert_json "$OUT" '.rows.left' 0
assert_vectors t body
