# SPDX-License-Identifier: Apache-2.0
"""CTranslate2: its own converter; int8 is made from the same file when it is loaded."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from peer import TORCH, Peer, batches_by_length, gather, make_tokenizer, normalized, token_ids

COMPUTE = {"fp32": "float32", "int8": "int8_float32"}


class CTranslate2(Peer):
    name = "ctranslate2"
    packages = ("ctranslate2==4.8.5", "tokenizers==0.23.3", *TORCH)
    precisions = ("fp32", "int8")

    def variants(self, threads):
        return ("1 worker",) if threads == 1 else ("1 worker", f"{threads} workers")

    def prepare(self, model, folder):
        from ctranslate2.converters import TransformersConverter

        TransformersConverter(model).convert(f"{folder}/model", force=True)

    def load(self, model, folder, precision, threads, variant):
        import ctranslate2

        workers = int(variant.split()[0])
        self.encoder = ctranslate2.Encoder(
            f"{folder}/model",
            compute_type=COMPUTE[precision],
            inter_threads=workers,
            intra_threads=threads // workers,
        )
        self.pool = ThreadPoolExecutor(workers)
        self.tokenizer = make_tokenizer(model)

    def encode(self, texts, batch):
        ids = token_ids(self.tokenizer, texts)
        batches = batches_by_length(ids, batch)
        return gather(self.pool.map(lambda b: (b, self.run(ids, b)), batches), len(ids))

    def run(self, ids, indexes):
        rows = [ids[i] for i in indexes]
        hidden = np.array(self.encoder.forward_batch(rows).last_hidden_state)
        mask = np.arange(hidden.shape[1]) < np.array([len(r) for r in rows])[:, None]
        return normalized(np.einsum("tld,tl->td", hidden, mask.astype(np.float32), optimize=True))
