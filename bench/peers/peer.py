# SPDX-License-Identifier: Apache-2.0
"""What every engine of the comparison has in common: the class, batches, pooling, the measuring."""

import os
import pathlib
import statistics
import time

import numpy as np
from texts import MAX_TOKENS, QUERY

QUERIES = 60
TORCH = ("torch==2.15.0", "transformers==5.23.0", "numpy==2.4.6")  # what the converters read with


class Peer:
    """One engine. A subclass imports its packages inside its methods: the file that lists the
    engines is read where they are not installed, too."""

    name = ""
    packages = ()  # pinned, for pip
    build = {}  # environment for packages that are built here
    precisions = ("fp32",)
    needs = {}  # precision: flags of /proc/cpuinfo of which the CPU must have one
    batches = ("512t", "2048t", 8, 32)  # tried; texts a batch, or padded tokens ("512t")

    def variants(self, threads):
        """Ways to spread one batch, or several, over the threads; the best is looked for."""
        return ("",)

    def unsupported(self, precision):
        """Why it cannot run at that precision here, or None."""
        return None

    def prepare(self, model, folder):
        """Converts the model folder `model` into `folder`, once."""

    def load(self, model, folder, precision, threads, variant):
        raise NotImplementedError

    def encode(self, texts, batch):
        """Unit vectors of the texts, in their order, as [texts, dim] float32."""
        raise NotImplementedError

    # Not to be overridden by an engine that lives in this process.

    def measure(self, job):
        self.load(job["model"], job["folder"], job["precision"], job["threads"], job["variant"])
        self.encode([QUERY], 1)
        cold = age()
        texts = job["texts"]
        self.encode(texts[: max(32, len(texts) // 10)], job["batch"])  # buffers, caches, threads
        start, cpu = time.monotonic(), time.process_time()
        vectors = self.encode(texts, job["batch"])
        seconds, cpu = time.monotonic() - start, time.process_time() - cpu
        return {
            "seconds": seconds,
            "cpu_s": cpu,
            "query_ms": latency_ms(lambda: self.encode([QUERY], 1)),
            "cold_s": cold,
            "peak_mib": peak_mib(),
        }, vectors

    def tune(self, job):
        """Seconds for the texts with each size of batch."""
        self.load(job["model"], job["folder"], job["precision"], job["threads"], job["variant"])
        seconds = {}
        for batch in self.batches:
            self.encode(job["texts"][:32], batch)
            seconds[batch] = min(self.timed(job["texts"], batch) for _ in range(2))
        return seconds

    def timed(self, texts, batch):
        start = time.monotonic()
        self.encode(texts, batch)
        return time.monotonic() - start


def age():
    """Seconds since this process began, whatever stood in front of its command."""
    ticks = int(pathlib.Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def latency_ms(one_query):
    times = []
    for _ in range(QUERIES):
        start = time.monotonic()
        one_query()
        times.append(1e3 * (time.monotonic() - start))
    return statistics.median(times)


def peak_mib():
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmHWM")) / 1024


def make_tokenizer(model):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(f"{model}/tokenizer.json")
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def token_ids(tokenizer, texts):
    return [e.ids for e in tokenizer.encode_batch_fast(texts)]


def batches_by_length(ids, batch):
    """Index lists over ids, sorted by length: `batch` texts each, or "512t" padded tokens."""
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    if isinstance(batch, int):
        return [order[i : i + batch] for i in range(0, len(order), batch)]
    budget, out = int(batch.rstrip("t")), [[]]
    for i in order:
        if out[-1] and (len(out[-1]) + 1) * len(ids[i]) > budget:
            out.append([])
        out[-1].append(i)
    return out


def padded(ids, indexes, multiple=1):
    """Ids and attention mask of one batch, as int64 [texts, longest]."""
    length = max(len(ids[i]) for i in indexes)
    length = -(-length // multiple) * multiple
    tokens = np.zeros((len(indexes), length), np.int64)
    mask = np.zeros_like(tokens)
    for row, i in enumerate(indexes):
        tokens[row, : len(ids[i])] = ids[i]
        mask[row, : len(ids[i])] = 1
    return tokens, mask


def mean_pooled(hidden, mask):
    sums = np.einsum("tld,tl->td", hidden, mask.astype(np.float32), optimize=True)
    return normalized(sums)  # the division by the count falls away in the norm


def normalized(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def gather(parts, count):
    """Puts (indexes, rows) of the batches back in the order of the texts."""
    out = None
    for indexes, rows in parts:
        if out is None:
            out = np.empty((count, rows.shape[1]), np.float32)
        out[indexes] = rows
    return out
