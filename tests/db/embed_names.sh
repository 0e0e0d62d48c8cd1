# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Names in mixed case, with spaces, quotes and dots, reserved words, non-ASCII letters and 63
# bytes; schemas and search paths. (The predecessor pasted names into its SQL as they came.)

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3
fresh_database

quote() {
    echo "\"${1//\"/\"\"}\""
}

# check_names TABLE KEY INPUT [VECTOR]: as they stand in the catalogue.
check_names() {
    local t k i v
    t=$(quote "$1") k=$(quote "$2") i=$(quote "$3") v=$(quote "${4:-$3 V}")
    sql "CREATE TABLE $t ($k INT PRIMARY KEY, $i TEXT)"
    sql "INSERT INTO $t SELECT i, 'text ' || i FROM generate_series(1, 50) i"
    assert_exit 0 embed -t "$t" -i "$i" -o "$v" --json
    assert_json "$OUT" '[.rows.written, .index.state]' "[50,\"$(index_state)\"]"
    assert_vectors "$t" "$i" -v "$v"
    assert_exit 0 vectorize search -t "$t" -i "$i" -o "$v" -l 1 --json 'text 7'
    assert_json "$OUT" '.results[0].columns | to_entries[0] | [.key, .value]' \
        "$(jq -nc --arg i "$3" '[$i, "text 7"]')"
    assert_exit 0 vectorize status -t "$t" -i "$i" -o "$v" --json
    assert_json "$OUT" '.rows | [.embedded, .missing]' '[50,0]'
}

check_names MixedCase Id BodyText
check_names select order where
check_names 'with space' 'the key' 'the text'
check_names 'quo"te' 'k"' '"'
check_names "apo'strophe" "k'" "it's"
check_names 'dot.ted' 'a.b' 'c.d'
check_names 'Größe' 'schlüssel' 'текст'
check_names 'back\slash' '%s' '$1; --'
long=abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz_012345678
check_names "$long" "${long^^}" "${long/a/z}" "${long/a/y}"
# The default name of its vector column is cut to fit and still its own.
assert_exit 0 embed -t "$long" -i "${long/a/z}" --json
assert_json "$OUT" '.vector | length' 63
assert_exit 0 vectorize status -t "$long" -i "${long/a/z}" --json
assert_json "$OUT" '.rows.embedded' 50

# Unquoted names fold; the default name of the vector column follows the input column.
sql 'CREATE TABLE plain (id INT PRIMARY KEY, body TEXT)'
sql "INSERT INTO plain VALUES (1, 'one')"
assert_exit 0 embed -t PLAIN -i Body --json
assert_json "$OUT" '.vector' body_vector
assert_vectors plain body

# Two candidates in two schemas: the search path decides, a qualified name says which.
sql 'CREATE SCHEMA a; CREATE SCHEMA "B b"'
for s in a '"B b"'; do
    sql "CREATE TABLE $s.twin (id INT PRIMARY KEY, body TEXT)"
    sql "INSERT INTO $s.twin VALUES (1, 'in $s')"
done
assert_exit 1 embed -t twin -i body
assert_contains "$ERR" 'twin'
assert_exit 0 embed -t '"B b".twin' -i body --json
assert_json "$OUT" '.table' 'B b.twin'
assert_equal 0 "$(sql "SELECT count(*) FROM pg_attribute WHERE attrelid = 'a.twin'::regclass
    AND attname = 'body_vector'")"
PGOPTIONS='-c search_path=a,public' assert_exit 0 embed -t twin -i body --json
assert_json "$OUT" '.table' a.twin
assert_vectors a.twin body
database=$(sql 'SELECT current_database()')
assert_exit 0 embed -t "$database.a.twin" -i body --json
assert_json "$OUT" '.rows.written' 0
