# SPDX-License-Identifier: Apache-2.0
"""ONNX Runtime: torch's export, its own fusion for BERT, int8 by its dynamic quantizer."""

import json
import pathlib
from concurrent.futures import ThreadPoolExecutor

from peer import (
    TORCH,
    Peer,
    batches_by_length,
    gather,
    make_tokenizer,
    mean_pooled,
    padded,
    token_ids,
)

INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def export(model, path):
    """The encoder without its pooling, as ONNX; OpenVINO reads the same file."""
    import torch
    from transformers import BertModel

    class Encoder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.bert = BertModel.from_pretrained(model, attn_implementation="eager")

        def forward(self, ids, mask, types):
            return self.bert(ids, attention_mask=mask, token_type_ids=types).last_hidden_state

    ids = torch.ones(2, 16, dtype=torch.int64)
    axes = {0: "texts", 1: "tokens"}
    torch.onnx.export(
        Encoder().eval(),
        (ids, ids, ids),
        str(path),
        input_names=list(INPUTS),
        output_names=["hidden"],
        dynamic_axes=dict.fromkeys((*INPUTS, "hidden"), axes),
        opset_version=17,
        dynamo=False,
    )


class OnnxRuntime(Peer):
    name = "onnxruntime"
    packages = ("onnxruntime==1.32.0", "onnx==1.23.2", "tokenizers==0.23.3", *TORCH)
    precisions = ("fp32", "int8")
    batches = ("512t", "2048t", 4, 8, 32)

    def variants(self, threads):
        return ("1 worker",) if threads == 1 else ("1 worker", f"{threads} workers")

    def prepare(self, model, folder):
        import onnx
        from onnxruntime.quantization import QuantType, quantize_dynamic
        from onnxruntime.transformers import optimizer

        folder = pathlib.Path(folder)
        export(model, folder / "plain.onnx")
        config = json.loads((pathlib.Path(model) / "config.json").read_text())
        fused = optimizer.optimize_model(
            str(folder / "plain.onnx"),
            "bert",
            num_heads=config["num_attention_heads"],
            hidden_size=config["hidden_size"],
        )
        found = fused.get_fused_operator_statistics()
        if found["Attention"] != config["num_hidden_layers"]:
            raise RuntimeError(f"the fusion found {found['Attention']} attentions")
        fused.save_model_to_file(str(folder / "fp32.onnx"))
        # Per tensor, the quantizer's own default, costs this model a worst cosine of 0.92.
        quantize_dynamic(
            folder / "fp32.onnx",
            folder / "int8.onnx",
            op_types_to_quantize=["MatMul", "Attention"],
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=not has_vnni(),
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},  # not known after a fusion
        )

    def load(self, model, folder, precision, threads, variant):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        workers = int(variant.split()[0])
        options.intra_op_num_threads = threads // workers
        options.inter_op_num_threads = 1
        path = f"{folder}/{precision}.onnx"
        self.session = onnxruntime.InferenceSession(path, options, ["CPUExecutionProvider"])
        self.inputs = [i.name for i in self.session.get_inputs()]
        self.pool = ThreadPoolExecutor(workers)
        self.tokenizer = make_tokenizer(model)

    def encode(self, texts, batch):
        ids = token_ids(self.tokenizer, texts)
        batches = batches_by_length(ids, batch)
        return gather(self.pool.map(lambda b: (b, self.run(ids, b)), batches), len(ids))

    def run(self, ids, indexes):
        tokens, mask = padded(ids, indexes)
        values = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": 0 * tokens}
        if self.session.get_inputs()[0].type == "tensor(int32)":
            values = {name: v.astype("int32") for name, v in values.items()}
        feed = {name: values[name] for name in self.inputs}
        return mean_pooled(self.session.run(["hidden"], feed)[0], mask)


def has_vnni():
    """Without VNNI 8-bit products of pairs overflow 16 bits: weights need to be 7 bits then."""
    return "vnni" in pathlib.Path("/proc/cpuinfo").read_text()
