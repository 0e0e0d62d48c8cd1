# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# encode: one vector a line, in order, in three formats that hold the same numbers, on any number
# of threads.

. "$(dirname "$0")/../lib/functions.sh"
requires jq python3
export VECTORIZE_MODULE_PATH=$VECTORIZE_BUILD/tests/module
encode() {
    vectorize encode -m module:gate "$@"
}

# Empty lines, CRLF and a last line without an end are texts like any other.
printf 'one\n\ntwo\r\n\nthree' >"$TEST_TMP/lines"
assert_exit 0 encode <"$TEST_TMP/lines"
assert_equal 5 "$(wc -l <<<"$OUT")"
lines=$OUT
printf '"one"\n{"text":""}\n{"id":7,"text":"two"}\n""\n"three"\n' >"$TEST_TMP/jsonl"
assert_exit 0 encode --input-format jsonl <"$TEST_TMP/jsonl"
assert_equal "$lines" "$OUT"
assert_exit 0 encode </dev/null
assert_equal '' "$OUT"

# Order and bytes do not depend on threads.
seq 1 5000 | sed 's/$/ is a number/' >"$TEST_TMP/many"
vectorize encode -m module:gate --threads 1 <"$TEST_TMP/many" >"$TEST_TMP/1.jsonl"
vectorize encode -m module:gate --threads 5 <"$TEST_TMP/many" >"$TEST_TMP/5.jsonl"
cmp "$TEST_TMP/1.jsonl" "$TEST_TMP/5.jsonl"
for line in 1 129 2500 5000; do
    assert_equal "$(sed -n "${line}p" "$TEST_TMP/many" | vectorize encode -m module:gate)" \
        "$(sed -n "${line}p" "$TEST_TMP/1.jsonl")" "vector of line $line"
done

# A module apart from the program, with its own options.
export VECTORIZE_MODULE_PATH=$VECTORIZE_BUILD/modules/hashing
assert_exit 0 vectorize encode -m module:hashing --encoder-options dim=16,ngram-max=4 <"$TEST_TMP/lines"
assert_equal 5 "$(wc -l <<<"$OUT")"
assert_json "$(head -n 1 <<<"$OUT")" 'length == 16 and ((map(. * .) | add) - 1 | fabs) < 1e-5'
assert_equal "$(sed -n 2p <<<"$OUT")" "$(sed -n 4p <<<"$OUT")" 'vector of an empty text'
export VECTORIZE_MODULE_PATH=$VECTORIZE_BUILD/tests/module

# The formats: written to a file, to a pipe, appended to a file.
cd "$TEST_TMP"
encode --format f32 <many >many.f32
encode --format npy <many >many.npy
encode --format npy <many | cat >piped.npy
echo before >appended.npy
encode --format npy <many >>appended.npy
{ echo before; encode --format npy <many; } >behind.npy
encode --format npy </dev/null >empty.npy
cat >compare.py <<'END'
import json, struct

def npy(data):
    assert data[:8] == b"\x93NUMPY\x01\x00", data[:8]
    size = struct.unpack("<H", data[8:10])[0]
    assert (10 + size) % 64 == 0 and data[9 + size] == 10
    head = eval(data[10:10 + size].decode("ascii"))
    assert head["descr"] == "<f4" and head["fortran_order"] is False
    body = data[10 + size:]
    assert len(body) == 4 * head["shape"][0] * head["shape"][1], head
    return head["shape"], body

rows = [json.loads(line) for line in open("1.jsonl")]
raw = open("many.f32", "rb").read()
dim = len(rows[0])
assert len(raw) == 4 * len(rows) * dim == 4 * 5000 * dim
assert struct.pack("<%df" % (len(rows) * dim), *[x for r in rows for x in r]) == raw
whole = open("many.npy", "rb").read()
assert npy(whole) == ((5000, dim), raw)
assert open("piped.npy", "rb").read() == whole
assert open("appended.npy", "rb").read() == b"before\n" + whole
assert open("behind.npy", "rb").read() == b"before\n" + whole
assert npy(open("empty.npy", "rb").read()) == ((0, dim), b"")
try:
    import numpy
except ImportError:
    pass
else:
    a = numpy.load("many.npy")
    assert a.shape == (5000, dim) and a.dtype == numpy.dtype("<f4")
    assert a.tobytes() == raw
END
python3 compare.py

# The decimal point is a point in every locale that is installed.
for locale in $(locale -a 2>/dev/null | sed -nE '/^(de|fr)_.*[uU][tT][fF]-?8/p' | head -n 2); do
    LC_ALL=$locale assert_exit 0 encode <lines
    assert_equal "$lines" "$OUT"
done
