# SPDX-License-Identifier: Apache-2.0
"""One engine, one job, one process: what the job is comes as JSON in the only argument, what came
of it goes out as the last line. Memory, threads and start are the engine's alone this way."""

import json
import os
import pathlib
import sys
import time

from machine import busy_seconds, own_seconds


def measured(engine, job):
    """What the engine measured, and how many cores other processes used meanwhile."""
    busy, own, start = busy_seconds(), own_seconds(), time.monotonic()
    result, vectors = engine.measure(job)
    others = busy_seconds() - busy - (own_seconds() - own)
    return {**result, "others": max(0.0, others) / (time.monotonic() - start)}, vectors


def main(job):
    # Before any package is read: they make their pools of threads on import.
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"):
        os.environ[name] = str(job.get("threads", 2))
    os.environ["HF_HUB_OFFLINE"] = "1"
    from engines import ENGINES

    if job["mode"] == "list":
        return [{"name": e.name, "packages": e.packages, "build": e.build} for e in ENGINES.values()]
    engine = ENGINES[job["engine"]]
    if job["mode"] == "prepare":
        return engine.prepare(job["model"], job["folder"])
    job["texts"] = pathlib.Path(job["texts"]).read_text().splitlines()
    if job["mode"] == "tune":
        return list(engine.tune(job).items())
    result, vectors = measured(engine, job)
    if job.get("vectors"):
        import numpy

        numpy.save(job["vectors"], vectors)
    return result


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
