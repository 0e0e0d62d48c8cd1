# SPDX-License-Identifier: Apache-2.0
"""sentence-transformers on torch: what most people use, and the reference of the cosines."""

from peer import TORCH, Peer
from texts import MAX_TOKENS


class SentenceTransformers(Peer):
    name = "sentence-transformers"
    packages = ("sentence-transformers==6.2.0", *TORCH)
    precisions = ("fp32", "bf16")
    needs = {"bf16": ("avx512_bf16", "amx_bf16")}  # without one it is five times slower than fp32
    batches = (8, 32, 128)

    def load(self, model, folder, precision, threads, variant):
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(threads)
        dtype = torch.bfloat16 if precision == "bf16" else torch.float32
        self.model = SentenceTransformer(model, device="cpu", model_kwargs={"dtype": dtype})
        assert self.model.max_seq_length == MAX_TOKENS

    def encode(self, texts, batch):
        # It sorts by length itself.
        return self.model.encode(
            texts, batch_size=batch, show_progress_bar=False, normalize_embeddings=True
        ).astype("float32")
