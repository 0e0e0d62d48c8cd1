#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Judges a table after a run of the campaign: check.py FOLDER finished|underway.

Shares no code with what wrote the table, and none with the program. In the folder:
    initial.jsonl    the first rows
    writer-N.jsonl   what each writer did, in its order
    table.jsonl      the table as it is
    status.json      what `vectorize status` says of it
    schema.txt       every relation, column, index, trigger and function of the schema

Every row is held against the writers' own log, every vector against the encoding of the text
that stands in its row, computed here. `underway`: vectors may be missing, never wrong. Prints what
is wrong, one line each, beginning with the kind: wrong, stale, lost, status, schema.
"""
import glob
import json
import re
import struct
import sys

DIM = 8
BLANK = re.compile("^[\\s\u200b\ufeff]*$")


def encode(text):
    """What the encoder `gate` (tests/module/gate.c) makes of a text."""
    x = 1469598103934665603
    for byte in text.encode():
        x = (x ^ byte) * 1099511628211 % 2**64
    vector = []
    for _ in range(DIM):
        vector.append(single(single((x >> 44) / 1048576) + single(0.01)))
        x = (x * 6364136223846793005 + 1442695040888963407) % 2**64
    return vector


def single(value):
    return struct.unpack("f", struct.pack("f", value))[0]


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def replay(rows, log):
    """Does to the rows what a writer did to the table."""
    saved = None
    for entry in log:
        op = entry["op"]
        if op == "begin":
            saved = {key: dict(row) for key, row in rows.items()}
        elif op == "rollback":
            rows.clear()
            rows.update(saved)
        elif op in ("text", "other"):
            field = "body" if op == "text" else "other"
            for key in entry["ids"]:
                rows[key][field] = entry[op]
        elif op == "insert":
            rows[entry["row"]["id"]] = dict(entry["row"])
        elif op == "delete":
            del rows[entry["id"]]
        elif op == "rekey":
            row = rows.pop(entry["id"])
            rows[entry["to"]] = {**row, "id": entry["to"]}


def expected_rows(folder):
    """Each row has one writer, so the logs can be replayed one after the other."""
    logs = [lines(path) for path in sorted(glob.glob(f"{folder}/writer-*.jsonl"))]
    rows = {}
    first = lines(f"{folder}/initial.jsonl")
    for w, log in enumerate(logs):
        own = {row["id"]: dict(row) for row in first if row["id"] % len(logs) == w}
        replay(own, log)
        rows.update(own)
    return rows


def check_rows(table, expected):
    seen = set()
    for row in table:
        key = row["id"]
        if key in seen:
            yield f"lost: row {key} is there twice"
        seen.add(key)
        if key not in expected:
            yield f"lost: row {key} should not be there"
            continue
        for field in ("tenant", "body", "other"):
            if row[field] != expected[key][field]:
                yield f"lost: column {field} of row {key} is not what its writer wrote"
    for key in expected.keys() - seen:
        yield f"lost: row {key} is gone"


def is_usable(text):
    return text is not None and not BLANK.match(text)


def check_vectors(table, finished):
    for row in table:
        text, vector = row["body"], row["vector"]
        if vector is None:
            if finished and is_usable(text) and not text.startswith("poison"):
                yield f"lost: row {row['id']} has no vector"
        elif not is_usable(text):
            yield f"stale: row {row['id']} has a vector and no text"
        else:
            numbers, fresh = json.loads(vector), encode(text)
            if len(numbers) != DIM or any(abs(a - b) > 1e-6 for a, b in zip(numbers, fresh)):
                yield f"wrong: row {row['id']} has the vector of another text"


def check_status(table, status):
    have = sum(row["vector"] is not None for row in table)
    usable = sum(is_usable(row["body"]) for row in table)
    null = sum(row["body"] is None for row in table)
    want = {"total": len(table), "embedded": have, "missing": usable - have, "null": null,
            "blank": len(table) - usable - null, "stale": 0}
    for name, number in want.items():
        if status["rows"][name] != number:
            yield f"status: {name} is {status['rows'][name]}, counted {number}"


def check_schema(text):
    allowed = ("relation t", "column t.tenant text", "column t.id bigint", "column t.body text",
               "column t.other bigint", "column t.body_vector vector(8)")
    found = text.splitlines()
    for line in found:
        if line not in allowed and not re.match(r"index t (t_pkey|t_body_vector_\w+_idx)$", line) \
                and not re.match(r"hidden t\.(rowid|crdb_region|crdb_internal_\w+_shard_\d+)$", line):
            yield f"schema: {line}"
    for line in allowed:
        if line not in found:
            yield f"schema: no {line}"


def main():
    folder, state = sys.argv[1:]
    table = lines(f"{folder}/table.jsonl")
    with open(f"{folder}/status.json", encoding="utf-8") as file:
        status = json.load(file)
    with open(f"{folder}/schema.txt", encoding="utf-8") as file:
        schema = file.read()
    found = [*check_rows(table, expected_rows(folder)), *check_vectors(table, state == "finished"),
             *check_status(table, status), *check_schema(schema)]
    print("\n".join(found[:20]), end="\n" if found else "")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
