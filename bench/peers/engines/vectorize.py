# SPDX-License-Identifier: Apache-2.0
"""Ours, as a user runs it: rates by `vectorize bench`, the rest by `vectorize encode` on a pipe."""

import json
import os
import pathlib
import resource
import subprocess
import tempfile
import time

import numpy as np
from peer import Peer, latency_ms
from texts import QUERY

PROGRAM = pathlib.Path(
    os.environ.get("VECTORIZE", pathlib.Path(__file__).parents[3] / "build/src/vectorize")
)


class Vectorize(Peer):
    name = "vectorize"
    precisions = ("fp32", "bf16", "int8")
    needs = {"bf16": ("avx512_bf16", "amx_bf16")}
    batches = (0,)  # it makes its own

    def unsupported(self, precision):
        """Why this build cannot run at that precision, or None."""
        if not PROGRAM.exists():
            return f"there is no {PROGRAM.name}: run `make build`"
        shown = subprocess.run([PROGRAM, "bench", "--help"], capture_output=True, text=True)
        if precision != "fp32" and "--precision" not in shown.stdout:
            return "this build has no --precision"
        return None

    def measure(self, job):
        common = ["-m", job["model"], "-w", str(job["threads"])]
        if job["precision"] != "fp32":
            common += ["--precision", job["precision"]]
        dim = json.loads((pathlib.Path(job["model"]) / "config.json").read_text())["hidden_size"]
        result = {**self.rates(common, job["texts"]), **self.pipe(common, dim)}
        _, alone = run_encode(common, [QUERY])
        raw, cpu = run_encode(common, job["texts"])
        result["cpu_s"] = cpu - alone  # without the start of the process
        return result, np.frombuffer(raw, np.float32).reshape(-1, dim)

    def rates(self, common, texts):
        with tempfile.NamedTemporaryFile("w") as f:
            f.writelines(t + "\n" for t in texts)
            f.flush()
            command = [PROGRAM, "bench", "--json", "-q", *common, "--input", f.name]
            report = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        assert report["texts"] == len(texts)
        return {
            "seconds": report["seconds"],
            "peak_mib": report["peak_memory_mib"],
            "tokens": report["tokens"],
            "gflops": report["gflops"],
            "ceiling_gflops": report["ceiling_gflops"],
        }

    def pipe(self, common, dim):
        """From the start of the process to the first vector, then one text after another."""
        start = time.monotonic()
        with subprocess.Popen(
            encode(common), stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        ) as process:

            def one_query():
                process.stdin.write(f"{QUERY}\n".encode())
                left = 4 * dim
                while left:
                    part = process.stdout.read(left)
                    if not part:
                        raise RuntimeError("vectorize encode ended before its answer")
                    left -= len(part)

            one_query()
            cold = time.monotonic() - start
            return {"cold_s": cold, "query_ms": latency_ms(one_query)}


def run_encode(common, texts):
    """What it wrote, and its CPU time."""
    lines = "".join(t + "\n" for t in texts).encode()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(encode(common), input=lines, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout, cpu


def encode(common):
    return [PROGRAM, "encode", "--format", "f32", "-q", *common]
