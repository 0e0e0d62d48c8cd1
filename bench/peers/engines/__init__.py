# SPDX-License-Identifier: Apache-2.0
"""All engines of the comparison, ours first."""

from engines import ctranslate2, llama_cpp, onnxruntime, openvino, sentence_transformers, vectorize

ENGINES = {
    engine.name: engine
    for engine in (
        vectorize.Vectorize(),
        ctranslate2.CTranslate2(),
        onnxruntime.OnnxRuntime(),
        openvino.OpenVino(),
        sentence_transformers.SentenceTransformers(),
        llama_cpp.LlamaCpp(),
    )
}
