#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes what the engine's tests compare with, by sentence-transformers in fp32.

    python3 make_vectors.py minilm MODEL-FOLDER   vectors of texts.jsonl → minilm.vec
    python3 make_vectors.py tiny                  small random BERTs and their vectors → tiny/

minilm.vec holds a row a text: a float32 scale and 384 int16, little-endian; the vector is their
product. That costs less than 1e-9 of a cosine. tiny/VARIANT is a whole model folder; beside its
files stands expected.json with the vectors of tiny/texts.json for both roles. The weights are
random, from a fixed seed; another version of the libraries may make others, so what is committed
is the reference.
"""
import json
import pathlib
import shutil
import sys

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertForMaskedLM, BertModel, PreTrainedTokenizerFast

HERE = pathlib.Path(__file__).parent
FP32 = {"device": "cpu", "model_kwargs": {"dtype": torch.float32}}

TEXTS = [
    "hello world", "", "a", "the quick brown fox jumps over the lazy dog", "zz zz zz zz",
    "Capital Letters And Numbers 0123456789", "punctuation: (a), [b]; {c}! \"d\" 'e'?",
    "a long one " * 40, "accents: café naïve", "日本", "one two three", "hello  world\n",
]


def minilm(folder):
    texts = [json.loads(line) for line in open(HERE / "texts.jsonl", encoding="utf-8")]
    vectors = SentenceTransformer(folder, **FP32).encode(texts, batch_size=32)
    with open(HERE / "minilm.vec", "wb") as out:
        for v in vectors:
            scale = np.float32(np.abs(v).max() / 32767)
            out.write(scale.tobytes() + np.round(v / scale).astype("<i2").tobytes())


def write_tokenizer(folder):
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocab += [*letters, *("##" + c for c in letters), *":;,.!?()[]{}'\"", "the", "hello", "##ow"]
    t = Tokenizer(models.WordPiece({w: i for i, w in enumerate(vocab)}, unk_token="[UNK]"))
    t.normalizer = normalizers.BertNormalizer(lowercase=True)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.decoder = decoders.WordPiece()
    t.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]",
             "sep_token": "[SEP]", "mask_token": "[MASK]"}
    PreTrainedTokenizerFast(tokenizer_object=t, model_max_length=48, **names).save_pretrained(folder)
    return len(vocab)


def write_bert(folder, vocab, act, kind, dtype, shards):
    config = BertConfig(vocab_size=vocab, hidden_size=32, num_hidden_layers=2,
                        num_attention_heads=4, intermediate_size=48, max_position_embeddings=48,
                        hidden_act=act, initializer_range=0.2)
    model = kind(config).eval()
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "LayerNorm.weight" in name:
                p.copy_(1 + 0.2 * torch.randn_like(p))
            elif name.endswith("bias"):
                p.copy_(0.2 * torch.randn_like(p))
    model.to(dtype).save_pretrained(folder, max_shard_size="20KB" if shards else "5GB")


def dump(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_dense(folder, n_in, n_out, bias, act):
    dump(folder / "config.json", {"in_features": n_in, "out_features": n_out, "bias": bias,
                                  "activation_function": "torch.nn.modules." + act})
    tensors = {"linear.weight": 0.3 * torch.randn(n_out, n_in)}
    if bias:
        tensors["linear.bias"] = 0.3 * torch.randn(n_out)
    save_file(tensors, folder / "model.safetensors")


def write_modules(folder, pooling, stages):
    modules = [("", "Transformer"), ("1_Pooling", "Pooling")]
    dump(folder / "1_Pooling/config.json", {"word_embedding_dimension": 32, **pooling})
    for i, (name, *dense) in enumerate(stages, 2):
        modules.append((f"{i}_{name}", name))
        if dense:
            write_dense(folder / f"{i}_{name}", *dense)
    dump(folder / "modules.json",
         [{"idx": i, "name": str(i), "path": path, "type": "sentence_transformers.models." + name}
          for i, (path, name) in enumerate(modules)])
    dump(folder / "sentence_bert_config.json", {"max_seq_length": 40, "do_lower_case": False})


MEAN, NORM = {"pooling_mode_mean_tokens": True}, [("Normalize",)]
ALL = {"pooling_mode_" + m: True for m in ("cls_token", "max_tokens", "mean_tokens",
                                           "mean_sqrt_len_tokens", "weightedmean_tokens",
                                           "lasttoken")}
VARIANTS = {
    "mean": dict(),
    "cls": dict(pooling={"pooling_mode": "cls"}, stages=[], dtype=torch.float16),
    "poolings": dict(pooling=ALL, stages=[], dtype=torch.bfloat16),
    "dense": dict(stages=[("Dense", 32, 20, True, "activation.Tanh"), *NORM,
                          ("Dense", 20, 7, False, "linear.Identity")], dtype=torch.float16),
    "sharded": dict(dtype=torch.float16, shards=True),
    "prefix": dict(kind=BertForMaskedLM, act="gelu_new", dtype=torch.float16),
    "prompts": dict(pooling={**MEAN, "include_prompt": False}, dtype=torch.bfloat16, search={
        "prompts": {"query": "find: ", "passage": "the text ", "odd": "x "},
        "default_prompt_name": None, "similarity_fn_name": "dot"}),
    "bare": dict(act="relu", dtype=torch.float16, bare=True),
}


def encode(folder, role):
    model = SentenceTransformer(str(folder), **FP32)
    if role == "odd":
        return model.encode(TEXTS, prompt_name="odd")
    prompts = {k: v for k, v in model.prompts.items() if v}
    text = prompts.get("query" if role == "query" else "passage", "")
    return model.encode(TEXTS, prompt=text or None)


def tiny():
    dump(HERE / "tiny/texts.json", TEXTS)
    for seed, (name, v) in enumerate(VARIANTS.items()):
        torch.manual_seed(seed)
        folder = HERE / "tiny" / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        vocab = write_tokenizer(folder)
        write_bert(folder, vocab, v.get("act", "gelu"), v.get("kind", BertModel),
                   v.get("dtype", torch.float32), v.get("shards", False))
        if not v.get("bare"):
            write_modules(folder, v.get("pooling", MEAN), v.get("stages", NORM))
        if "search" in v:
            dump(folder / "config_sentence_transformers.json", v["search"])
        roles = ["document", "query"] + (["odd"] if "search" in v else [])
        expected = {r: [[round(float(x), 7) for x in row] for row in encode(folder, r)]
                    for r in roles}
        (folder / "expected.json").write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    tiny() if sys.argv[1] == "tiny" else minilm(sys.argv[2])
