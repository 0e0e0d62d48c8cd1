#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Holds every vector of a table against a fresh encoding of the row's text:
# check_vectors.py ROWS.jsonl ENCODE-COMMAND...
#
# ROWS.jsonl has one {"text": ..., "vector": "[...]" or null} a line. The command reads one
# {"text": ...} a line and answers with one JSON array a line.
import json
import math
import subprocess
import sys

# What a text of nothing else counts as blank for: White_Space, U+200B and U+FEFF.
BLANKS = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u2028\u2029\u202f\u205f\u3000\u200b\ufeff"
)


def fresh(command, texts):
    lines = "".join(json.dumps({"text": t}) + "\n" for t in texts)
    done = subprocess.run(command, input=lines.encode(), stdout=subprocess.PIPE, check=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    if len(rows) != len(texts):
        sys.exit(f"{len(texts)} texts, {len(rows)} vectors")
    return rows


def differs(a, b):
    norm = math.sqrt(sum(x * x for x in b)) or 1
    return len(a) != len(b) or math.sqrt(sum((x - y) ** 2 for x, y in zip(a, b))) > 2e-6 * norm


def main():
    with open(sys.argv[1], encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    bad = 0
    usable = []
    for row in rows:
        has_text = row["text"] is not None and row["text"].strip(BLANKS) != ""
        if has_text != (row["vector"] is not None):
            bad += 1
            print("a vector without a text" if row["vector"] else "a text without a vector")
        elif has_text:
            usable.append(row)
    vectors = fresh(sys.argv[2:], [row["text"] for row in usable])
    for row, vector in zip(usable, vectors):
        if differs(json.loads(row["vector"]), vector):
            bad += 1
            print(f"a vector of another text (length {len(row['text'])})")
    if bad:
        sys.exit(f"{bad} of {len(rows)} rows are wrong")


main()
