# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Everything that does not fit is refused before anything is written, with a sentence that says
# what and what next. (The predecessor printed tracebacks, or a message with exit code 0, and left
# half-made columns; a model of the same width was taken without a question.)

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3
needs_postgres "tables without a key, views, roles"
fresh_database

sql 'CREATE TABLE t (id INT PRIMARY KEY, body TEXT, title TEXT, n INT)'
sql "INSERT INTO t SELECT i, 'text ' || i, 'title ' || i FROM generate_series(1, 100) i"
catalog() {
    sql "SELECT attrelid::regclass, attname, atttypid, col_description(attrelid, attnum) FROM pg_attribute
         WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
           AND attnum > 0 AND NOT attisdropped ORDER BY 1, 2"
}

# refused CODE PART… -- OPTIONS…: refused with these words, and nothing was changed.
refused() {
    local code=$1 before parts=()
    shift
    while [ "$1" != -- ]; do
        parts+=("$1")
        shift
    done
    shift
    before=$(catalog; table_state t)
    assert_exit "$code" vectorize embed "$@"
    assert_contains "$ERR" "${parts[@]}"
    assert_equal '' "$OUT" 'standard output'
    assert_equal "$before" "$(catalog; table_state t)" 'after a refusal, the table'
}

refused 2 '--table' -- -i body -m "$HASHING"
refused 1 'nowhere' -- -t nowhere -i body -m "$HASHING"
refused 1 'bodi' 'body' -- -t t -i bodi -m "$HASHING"
refused 1 '"n"' 'text' -- -t t -i n -m "$HASHING"
refused 1 'no-such-model' -- -t t -i body -m no-such-model
refused 2 'limit' -- -t t -i body -m "$HASHING" --limit -5
refused 2 'metric' 'cosine' -- -t t -i body -m "$HASHING" --metric manhattan
refused 1 'nonsense' -- -t t -i body -m "$HASHING" --where 'nonsense = 1'
refused 1 'id' -- -t t -i body -o id -m "$HASHING"

# Relations that cannot be embedded.
sql 'CREATE VIEW a_view AS SELECT * FROM t'
sql 'CREATE MATERIALIZED VIEW a_matview AS SELECT * FROM t'
sql 'CREATE TABLE no_key (id INT, body TEXT)'
sql 'CREATE TABLE generated (id INT PRIMARY KEY, body TEXT, v VECTOR(64) GENERATED ALWAYS AS (NULL::VECTOR(64)) STORED)'
sql "CREATE TABLE not_null (id INT PRIMARY KEY, body TEXT, v VECTOR(64) NOT NULL)"
refused 1 'view' -- -t a_view -i body -m "$HASHING"
refused 1 'view' -- -t a_matview -i body -m "$HASHING"
refused 1 'no_key' 'key' -- -t no_key -i body -m "$HASHING"
refused 1 '"v"' 'generated' -- -t generated -i body -o v -m "$HASHING"
refused 1 '"v"' 'NOT NULL' -- -t not_null -i body -o v -m "$HASHING"

# Another width, no width.
sql 'ALTER TABLE t ADD COLUMN narrow VECTOR(63), ADD COLUMN bare VECTOR'
refused 2 'narrow' 63 64 -- -t t -i body -o narrow -m "$HASHING"
refused 2 'bare' 'width' 'ALTER TABLE' -- -t t -i body -o bare -m "$HASHING"

# Vectors of unknown origin: only on the user's word, and then they stay.
sql "ALTER TABLE t ADD COLUMN old VECTOR(64)"
sql "UPDATE t SET old = array_fill(0.5, ARRAY[64])::VECTOR(64) WHERE id <= 10"
refused 2 'old' 10 '--yes' -- -t t -i body -o old -m "$HASHING"
kept=$(sql 'SELECT old FROM t WHERE id <= 10')
assert_exit 0 vectorize embed -t t -i body -o old -m "$HASHING" --yes --json
assert_json "$OUT" '.rows.written' 90
assert_equal "$kept" "$(sql 'SELECT old FROM t WHERE id <= 10')"

# A foreign comment stays beside the stamp.
sql "ALTER TABLE t ADD COLUMN mine VECTOR(64)"
sql "COMMENT ON COLUMN t.mine IS E'Owned by search team.\\nAsk before you \"touch\" it.'"
assert_exit 0 vectorize embed -t t -i body -o mine -m "$HASHING"
comment=$(sql "SELECT col_description('t'::regclass, attnum) FROM pg_attribute
    WHERE attrelid = 't'::regclass AND attname = 'mine'")
assert_contains "$comment" 'Owned by search team.' 'Ask before you "touch" it.' 'vectorize:{'

# Another model's stamp, even of the same width; another input column.
refused 2 'mine' "$HASHING" 'module:hashing:64' '-o' -- -t t -i body -o mine -m module:hashing:64 \
    --encoder-options ngram-max=4
refused 2 'mine' 'module:gate' "$HASHING" -- -t t -i body -o mine -m module:gate
refused 2 'mine' 'body' 'title' -- -t t -i title -o mine -m "$HASHING"

# No server, no such database, nothing that speaks the protocol.
secret=very-secret-word
for url in "postgresql://tester:$secret@127.0.0.1:1/x" 'host=/nowhere' \
    "postgresql://tester:$secret@no-such-host.invalid/x"; do
    assert_exit 1 vectorize embed -u "$url" -t t -i body -m "$HASHING"
    assert_lacks "$ERR$OUT" "$secret"
done
assert_exit 1 vectorize embed -u "postgresql://tester:$secret@localhost:port" -t t -i body
assert_contains "$ERR" 'URL'
assert_lacks "$ERR$OUT" "$secret"
assert_exit 1 vectorize embed -u "$(database_url "$VECTORIZE_URL" nothing_here)" -t t -i body
assert_contains "$ERR" 'nothing_here'

# Not allowed to, and a wrong password: on a server whose roles are ours.
if [ -z "${VECTORIZE_TEST_URL:-}" ]; then
    sql "CREATE ROLE reader LOGIN PASSWORD 'reader'; GRANT SELECT ON t TO reader"
    owner=$VECTORIZE_URL
    VECTORIZE_URL=${owner/tester:tester@/reader:reader@}
    assert_exit 1 vectorize embed -t t -i body -o fresh -m "$HASHING"
    assert_contains "$ERR" 'public.t' 'must be owner' 'needs SELECT and UPDATE'
    assert_exit 0 vectorize embed -t t -i body -o mine -m "$HASHING" # nothing to do needs no right
    "$PGBIN/psql" -XAtq "$owner" -c 'UPDATE t SET mine = NULL WHERE id < 50'
    assert_exit 1 vectorize embed -t t -i body -o mine -m "$HASHING"
    assert_contains "$ERR" 'permission denied' 'needs SELECT and UPDATE'
    VECTORIZE_URL=$owner
    assert_exit 1 vectorize embed -u "${owner/:tester@/:$secret@}" -t t -i body -m "$HASHING"
    assert_contains "$ERR" 'password'
    assert_lacks "$ERR$OUT" "$secret"
fi
