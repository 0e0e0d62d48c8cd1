# SPDX-License-Identifier: Apache-2.0
"""llama.cpp through llama-cpp-python, built from source here; mean pooling by itself."""

import json
import pathlib

import numpy as np
from peer import Peer, batches_by_length, gather, make_tokenizer, normalized, token_ids

FILES = {"fp32": "f32.gguf", "int8": "q8_0.gguf"}
NAMES = {
    "embeddings.word_embeddings": "token_embd",
    "embeddings.position_embeddings": "position_embd",
    "embeddings.token_type_embeddings": "token_types",
    "embeddings.LayerNorm": "token_embd_norm",
    "attention.self.query": "attn_q",
    "attention.self.key": "attn_k",
    "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output",
    "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up",
    "output.dense": "ffn_down",
    "output.LayerNorm": "layer_output_norm",
}


def gguf_name(name):
    """encoder.layer.3.output.dense.weight: blk.3.ffn_down.weight. None: BERT's pooler has it."""
    stem, kind = name.rsplit(".", 1)
    block = ""
    if stem.startswith("encoder.layer."):
        _, _, number, stem = stem.split(".", 3)
        block = f"blk.{number}."
    return f"{block}{NAMES[stem]}.{kind}" if stem in NAMES else None


def add_vocabulary(writer, model):
    import gguf

    vocabulary = json.loads((model / "tokenizer.json").read_text())["model"]["vocab"]
    tokens = sorted(vocabulary, key=vocabulary.get)
    special = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
    # llama.cpp marks beginnings of words, WordPiece what goes on.
    writer.add_token_list(
        [t if t in special else t[2:] if t.startswith("##") else "\u2581" + t for t in tokens]
    )
    writer.add_token_types(
        [gguf.TokenType.CONTROL if t in special else gguf.TokenType.NORMAL for t in tokens]
    )
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_bos_token_id(vocabulary["[CLS]"])
    writer.add_sep_token_id(vocabulary["[SEP]"])
    writer.add_pad_token_id(vocabulary["[PAD]"])
    writer.add_unk_token_id(vocabulary["[UNK]"])


def convert(model, path, quantized):
    import gguf
    from safetensors.numpy import load_file

    model = pathlib.Path(model)
    config = json.loads((model / "config.json").read_text())
    writer = gguf.GGUFWriter(path, "bert")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_layer_norm_eps(config["layer_norm_eps"])
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    writer.add_token_type_count(config["type_vocab_size"])
    add_vocabulary(writer, model)
    for name, data in load_file(model / "model.safetensors").items():
        to = gguf_name(name)
        if to is None:
            continue
        kind = gguf.GGMLQuantizationType.F32
        if quantized and data.ndim == 2 and to.startswith(("blk.", "token_embd.")):
            kind = gguf.GGMLQuantizationType.Q8_0
            data = gguf.quantize(data, kind)
        writer.add_tensor(to, data, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


class LlamaCpp(Peer):
    name = "llama.cpp"
    packages = (
        "llama-cpp-python==0.3.36",
        "gguf==0.19.0",
        "safetensors==0.8.0",
        "tokenizers==0.23.3",
    )
    build = {"CMAKE_ARGS": "-DLLAVA_BUILD=OFF"}  # the half of it that is about pictures
    precisions = ("fp32", "int8")
    batches = ("64t", "128t", "256t", "512t")  # tokens of one call, over all of which attention runs

    def prepare(self, model, folder):
        convert(model, f"{folder}/{FILES['fp32']}", False)
        convert(model, f"{folder}/{FILES['int8']}", True)

    def load(self, model, folder, precision, threads, variant):
        import llama_cpp

        self.api = llama_cpp
        self.llama = llama_cpp.Llama(
            f"{folder}/{FILES[precision]}",
            embedding=True,
            n_ctx=2048,
            n_batch=1024,
            n_ubatch=1024,
            n_threads=threads,
            n_threads_batch=threads,
            verbose=False,
        )
        self.tokenizer = make_tokenizer(model)

    def encode(self, texts, batch):
        # Its own tokenizer gives the same ids, without a limit to the length.
        ids = token_ids(self.tokenizer, texts)
        return gather(((b, self.run(ids, b)) for b in batches_by_length(ids, batch)), len(ids))

    def run(self, ids, indexes):
        # As Llama.embed() does, with tokens instead of texts.
        llama = self.llama
        llama._batch.reset()
        for sequence, i in enumerate(indexes):
            llama._batch.add_sequence(ids[i], sequence, True)
        llama._ctx.kv_cache_clear()
        llama._ctx.decode(llama._batch)
        rows = [
            np.ctypeslib.as_array(
                self.api.llama_get_embeddings_seq(llama._ctx.ctx, s), (llama.n_embd(),)
            )
            for s in range(len(indexes))
        ]
        return normalized(np.array(rows, np.float32))
