#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tokens a second of one core: the reference library and ours, on the same texts, in turns.

    bench/tokenizer.py BUILD/bench/bench_tokenizer MODEL/tokenizer.json TEXTS
"""
import csv
import json
import os
import subprocess
import sys
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
from tokenizers import Tokenizer  # noqa: E402  (reads the variable)


def ours(program, model, path):
    out = subprocess.run([program, model, path, "2"], check=True, capture_output=True, text=True)
    return next(csv.DictReader(out.stdout.splitlines()))


def reference(model, path):
    tokenizer = Tokenizer.from_file(model)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    with open(path, encoding="utf-8") as f:
        lines = f.read().split("\n")[:-1]
    texts = [json.loads(line) if line.startswith('"') else line for line in lines]
    encode = getattr(tokenizer, "encode_batch_fast", tokenizer.encode_batch)
    best, tokens = float("inf"), 0
    for _ in range(3):
        start = time.process_time()
        tokens = sum(len(e) for e in encode(texts))
        best = min(best, time.process_time() - start)
    return tokens, tokens / best


def main():
    program, model, path = sys.argv[1:4]
    row = ours(program, model, path)
    tokens, rate = reference(model, path)
    assert int(row["tokens"]) == tokens, (row["tokens"], tokens)
    print("tokens,ours_per_second,reference_per_second,ratio")
    mine = float(row["tokens_per_second"])
    print(f"{tokens},{mine:.0f},{rate:.0f},{mine / rate:.1f}")


main()
