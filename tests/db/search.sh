# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# search finds the rows nearest to a text, with the model of the column's stamp, as a table or as
# JSON, cut to the terminal's width. (The predecessor had no filter, no other columns, no JSON.)
# On a cluster: recall and speed of its index

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3
fresh_database

sql 'CREATE TABLE items (shop TEXT, id INT, body TEXT, "Price €" NUMERIC, PRIMARY KEY (shop, id))'
sql "INSERT INTO items SELECT 's' || i % 2, i, 'article number ' || md5(i::text), i FROM generate_series(1, 5000) i"
sql "INSERT INTO items VALUES ('s9', 1, 'a thermos flask that keeps coffee hot', 25),
       ('s9', 2, NULL, 1), ('s9', 3, ' ', 1), ('s9', 4, E'two\nlines\tand \e[31mcolour', 3),
       ('s9', 5, repeat('a very long text ', 500), 4)"
search() {
    vectorize search -t items "$@"
}

# Before there is anything to search.
assert_exit 1 search coffee
assert_contains "$ERR" items
assert_exit 0 embed -t items -i body --no-index

assert_exit 0 search 'a thermos flask that keeps coffee hot' -l 3 --json
assert_json "$OUT" '.results | length' 3
assert_json "$OUT" '.results[0].key' '{"shop":"s9","id":"1"}'
assert_json "$OUT" '.results[0].distance < 0.0001'
assert_json "$OUT" '.results[0].columns' '{"body":"a thermos flask that keeps coffee hot"}'
assert_json "$OUT" '[.results[].distance] == ([.results[].distance] | sort)'
assert_json "$OUT" '[.model, .index]' "[\"$HASHING\",null]"
assert_json "$OUT" '.note != ""' # exact, for lack of an index
assert_exit 0 search coffee
assert_contains "$ERR" 'note:'

# Through the index, the nearest is the same.
assert_exit 0 embed -t items --metric "$(index_metric)"
sql 'ANALYZE items'
assert_exit 0 search 'a thermos flask that keeps coffee hot' --json
assert_json "$OUT" '[.results[0].key.id, .index != null, .note, (.results | length)]' '["1",true,"",10]'
assert_exit 0 search 'a thermos flask that keeps coffee hot' --exact --json
assert_json "$OUT" '[.results[0].key.id, .index]' '["1",null]'

# Rows without a vector never come out, however many are asked for.
assert_exit 0 search coffee -l 10000 --exact --json
assert_json "$OUT" '.results | length' 5003
assert_json "$OUT" '[.results[] | select(.columns.body == null or .columns.body == " ")] | length' 0

# Other columns, filters.
assert_exit 0 search coffee --select '"Price €", body' -l 1 --json
assert_json "$OUT" '.results[0].columns | keys' '["Price €","body"]'
assert_exit 0 search coffee --where "shop = 's1' AND \"Price €\" < 20" -l 100 --json
assert_json "$OUT" '.results | [length, (map(.key.shop) | unique)]' '[10,["s1"]]'
assert_exit 1 search coffee --select nothing
assert_contains "$ERR" nothing
assert_exit 1 search coffee --where 'nothing = 1'
assert_exit 2 search coffee --select 'body,,shop'
assert_exit 2 search coffee -l 0

# A table for people: no control character of a row reaches the terminal, lines are cut.
assert_exit 0 search 'two lines and colour' -l 500
assert_contains "$OUT" distance shop id body
assert_lacks "$OUT" $'\e'
assert_equal 501 "$(wc -l <<<"$OUT")"
COLUMNS=60 assert_exit 0 search 'a very long text' -l 3
assert_contains "$OUT" 'a very long text'

# The text from standard input; a long one; one that is none.
echo 'a thermos flask that keeps coffee hot' >"$TEST_TMP/question"
assert_exit 0 search - --json <"$TEST_TMP/question"
assert_json "$OUT" '.results[0].key.id' 1
assert_exit 0 search "$(head -c 100000 /dev/zero | tr '\0' 'x')" --json
for text in '' ' ' $'\t\n' $'\u3000'; do
    assert_exit 2 search "$text"
    assert_contains "$ERR" 'empty'
done
assert_exit 2 search - </dev/null
assert_exit 2 search $'bad \xff\xfe'
assert_contains "$ERR" 'UTF-8'

# -m is for the same model under another name; another model is refused, a changed one too.
assert_exit 0 search coffee -m "$HASHING"
assert_exit 2 search coffee -m module:gate
assert_contains "$ERR" "$HASHING" 'module:gate'
assert_exit 2 search # no text
