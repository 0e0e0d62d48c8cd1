# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The real model, end to end: the only installed one is used without being named, each vector
# equals a fresh encoding, texts that were cut are counted, and a search finds what a person would.

. "$(dirname "$0")/../lib/functions.sh"
. "$TEST_ROOT/tests/lib/embed.sh"
requires jq python3
needs_model
fresh_database

sql 'CREATE TABLE animals (kind TEXT, id INT, body TEXT, PRIMARY KEY (kind, id))'
sql "INSERT INTO animals VALUES
    ('cat', 1, 'The tiger is a large striped cat that hunts alone in the forests of Asia.'),
    ('cat', 2, 'Lions live in prides on the African savanna.'),
    ('bird', 1, 'The penguin is a bird that cannot fly but swims well in cold seas.'),
    ('bird', 2, 'Owls hunt mice at night with silent wings.'),
    ('fish', 1, 'Salmon swim up rivers to lay their eggs.'),
    ('tool', 1, 'A screwdriver turns screws into wood or metal.')"
sql "INSERT INTO animals SELECT 'x', i, 'sentence ' || md5(i::text) || ' ' || repeat('again ', 2 * i) FROM generate_series(1, 40) i"
sql "INSERT INTO animals VALUES ('long', 1, repeat('a text of more than two hundred tokens ', 100))"

assert_exit 0 vectorize embed -t animals -i body --json
assert_json "$OUT" '[.model, .dimension, .rows.written, .rows.truncated]' "[\"$MODEL\",384,47,1]"
assert_json "$OUT" '.dropped_tokens > 400'
assert_vectors animals body -m "$MODEL"

assert_exit 0 vectorize search -t animals 'big wild feline with stripes' -l 2 --json
assert_json "$OUT" '[.results[].key | [.kind, .id]]' '[["cat","1"],["cat","2"]]'
assert_exit 0 vectorize search -t animals 'something to fasten screws with' -l 1 --json
assert_json "$OUT" '.results[0].key.kind' tool
assert_exit 0 vectorize search -t animals 'sea bird' -l 1
assert_contains "$OUT" penguin

# Vectors do not depend on how many workers there are.
sql 'UPDATE animals SET body_vector = NULL'
assert_exit 0 vectorize embed -t animals -w 1
assert_vectors animals body -m "$MODEL"
