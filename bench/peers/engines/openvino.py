# SPDX-License-Identifier: Apache-2.0
"""OpenVINO, from the plain ONNX graph; int8 by NNCF with calibration texts of its own."""

import pathlib

from engines.onnxruntime import INPUTS, export
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
from texts import glosses

CALIBRATION = 300
ROUND = 8  # lengths are padded to it: fewer shapes to compile for


class OpenVino(Peer):
    name = "openvino"
    packages = (
        "openvino==2026.4.1",
        "nncf==3.4.0",
        "onnx==1.23.2",
        "tokenizers==0.23.3",
        *TORCH,
    )
    precisions = ("fp32", "bf16", "int8")
    needs = {"bf16": ("avx512_bf16", "amx_bf16")}
    batches = ("512t", "2048t", 8, 32)

    def variants(self, threads):
        return ("latency",) if threads == 1 else ("latency", "throughput")

    def prepare(self, model, folder):
        import openvino

        plain = pathlib.Path(folder) / "plain.onnx"
        export(model, plain)
        graph = openvino.convert_model(plain)
        openvino.save_model(graph, f"{folder}/fp32.xml", compress_to_fp16=False)
        self.quantize(graph, model, folder)

    def quantize(self, graph, model, folder):
        import nncf
        import openvino

        tokenizer = make_tokenizer(model)
        ids = token_ids(tokenizer, sorted(glosses())[:: 100000 // CALIBRATION][:CALIBRATION])
        data = nncf.Dataset([feed_of(*padded(ids, [i], ROUND)) for i in range(len(ids))])
        small = nncf.quantize(graph, data, model_type=nncf.ModelType.TRANSFORMER)
        openvino.save_model(small, f"{folder}/int8.xml", compress_to_fp16=False)

    def load(self, model, folder, precision, threads, variant):
        import openvino

        core = openvino.Core()
        settings = {
            "PERFORMANCE_HINT": variant.upper(),
            "INFERENCE_NUM_THREADS": threads,
            "INFERENCE_PRECISION_HINT": "bf16" if precision == "bf16" else "f32",
        }
        if variant == "throughput":
            settings["NUM_STREAMS"] = threads
        file = "int8.xml" if precision == "int8" else "fp32.xml"
        compiled = core.compile_model(f"{folder}/{file}", "CPU", settings)
        self.queue = openvino.AsyncInferQueue(compiled)
        self.queue.set_callback(self.finished)
        self.tokenizer = make_tokenizer(model)

    def finished(self, request, work):
        indexes, mask = work
        self.out.append((indexes, mean_pooled(request.get_output_tensor(0).data, mask)))

    def encode(self, texts, batch):
        ids = token_ids(self.tokenizer, texts)
        self.out = []
        for indexes in batches_by_length(ids, batch):
            tokens, mask = padded(ids, indexes, ROUND)
            self.queue.start_async(feed_of(tokens, mask), (indexes, mask))
        self.queue.wait_all()
        return gather(self.out, len(ids))


def feed_of(tokens, mask):
    return dict(zip(INPUTS, (tokens, mask, 0 * tokens)))
