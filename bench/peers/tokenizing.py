# SPDX-License-Identifier: Apache-2.0
"""Tokens a second of CPU time: Hugging Face's tokenizers and ours, turn by turn, on the same
texts: the two English sets and tests/golden/scripts. One line of CSV for each set, with medians.

    python3 tokenizing.py BENCH_TOKENIZER MODEL FOLDER OUT"""

import csv
import io
import os
import pathlib
import statistics
import subprocess
import sys
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"

import texts as sources  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402  (reads the variable)

ROUNDS = 5
SECONDS = "0.3"  # of ours, a round
COLUMNS = ("set", "texts", "bytes", "tokens", "ours_per_s", "reference_per_s")


def ours(program, model, path):
    command = [program, f"{model}/tokenizer.json", path, SECONDS]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return next(csv.DictReader(io.StringIO(out)))


def reference(tokenizer, texts):
    start = time.process_time()
    encoded = tokenizer.encode_batch_fast(texts)
    return sum(map(len, encoded)), time.process_time() - start


def measure(program, model, tokenizer, name, texts, folder):
    path = folder / f"tokenizing-{name}.txt"
    path.write_text("".join(t + "\n" for t in texts))
    own, other = [], []
    for _ in range(ROUNDS):
        row = ours(program, model, path)
        own.append(float(row["tokens_per_second"]))
        tokens, seconds = reference(tokenizer, texts)
        other.append(tokens / seconds)
        if tokens != int(row["tokens"]):
            sys.exit(f"tokenizing: {name}: {row['tokens']} tokens, not {tokens}")
    rates = (f"{statistics.median(r):.0f}" for r in (own, other))
    return (name, len(texts), row["bytes"], tokens, *rates)


def main(program, model, folder, out):
    tokenizer = Tokenizer.from_file(f"{model}/tokenizer.json")
    tokenizer.no_truncation()
    tokenizer.no_padding()
    folder = pathlib.Path(folder)
    sets = {**sources.draw(folder, 8000), **sources.scripts()}
    with open(out, "w", newline="") as f:
        writer = csv.writer(f, lineterminator="\n")
        writer.writerow(COLUMNS)
        for name, texts in sets.items():
            writer.writerow(measure(program, model, tokenizer, name, texts, folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
