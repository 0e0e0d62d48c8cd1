#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes ids.bin: the token ids that sentence-transformers gives all-MiniLM-L6-v2 for texts.jsonl.

For each text, in order: how many ids (16 bits, little-endian), then that many ids of 16 bits; at
most 256, the model's limit.

    python3 make_ids.py MODEL_FOLDER > ids.bin      # needs sentence-transformers
"""
import json
import pathlib
import struct
import sys

from sentence_transformers import SentenceTransformer


def main():
    model = SentenceTransformer(sys.argv[1], device="cpu")
    assert model.max_seq_length == 256
    texts = pathlib.Path(__file__).with_name("texts.jsonl").read_text(encoding="utf-8").split("\n")
    for line in texts[:-1]:
        ids = model.preprocess([json.loads(line)])["input_ids"][0].tolist()
        sys.stdout.buffer.write(struct.pack(f"<{len(ids) + 1}H", len(ids), *ids))


main()
