# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# For the scripts that embed: an encoder that needs no model, one that waits on a file, and a
# check of vectors that does not believe the program's own counts. Source it after functions.sh.
#
#     embed -t notes -i body                    # vectorize embed with the fast encoder
#     assert_vectors notes body                 # every vector is that of the row's present text
#     assert_vectors notes body -v v2 -m "$M"   # another column, another model

HASHING=module:hashing:64
# shellcheck disable=SC2034 # for the scripts
GATE=module:gate
export VECTORIZE_MODULE_PATH=$VECTORIZE_BUILD/modules/hashing:$VECTORIZE_BUILD/tests/module
EMBED_MODEL=$HASHING

embed() {
    vectorize embed -m "$EMBED_MODEL" "$@"
}

# All rows of a table as text, for "nothing has changed": system columns too, where there are any.
table_state() {
    if is_cluster; then
        sql "SELECT * FROM $1" | sort
        return
    fi
    sql "SELECT xmin, ctid, t.* FROM $1 t ORDER BY ctid"
}

# assert_vectors TABLE INPUT [-v VECTOR] [-m MODEL]: each row with a usable text has a vector, no
# other row has one, and each equals a fresh encoding of the text that stands there now.
assert_vectors() {
    local table=$1 input=$2 vector=${2}_vector model=$EMBED_MODEL
    shift 2
    while [ $# -gt 0 ]; do
        case $1 in
        -v) vector=$2 ;;
        -m) model=$2 ;;
        esac
        shift 2
    done
    sql "SELECT json_build_object('text', $input::text, 'vector', $vector::text) FROM $table" \
        >"$TEST_TMP/rows.jsonl"
    python3 "$TEST_ROOT/tests/lib/check_vectors.py" "$TEST_TMP/rows.jsonl" \
        "$VECTORIZE" encode -m "$model" --input-format jsonl || fail "vectors of $table.$vector"
}
