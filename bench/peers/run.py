# SPDX-License-Identifier: Apache-2.0
"""Runs all engines that are set up, round by round, one at a time, each in a process of its own,
and writes one line of CSV for each measurement. bench/peers/table.py makes the tables of it.

The order changes from round to round, so that no engine always follows the same other one."""

import argparse
import csv
import datetime
import json
import os
import pathlib
import random
import shlex
import subprocess
import sys

import machine
import numpy as np
import texts as sources
from engines import ENGINES
from peer import make_tokenizer, token_ids

REFERENCE = ("sentence-transformers", "fp32")
COLUMNS = (
    "engine precision set threads round variant batch texts tokens seconds cpu_s query_ms cold_s "
    "peak_mib gflops ceiling_gflops worst_cosine mean_cosine others"
).split()
WORKER = pathlib.Path(__file__).parent / "worker.py"
PREFIX = shlex.split(os.environ.get("BENCH_PREFIX", ""))
TUNING_SHARE = 4  # of the texts; enough to tell sizes of batches apart


def say(text):
    print(f"peers: {text}", file=sys.stderr, flush=True)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True, type=pathlib.Path, help="made by setup.py")
    parser.add_argument("--model", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path, help="CSV")
    parser.add_argument("--peers", default="", help="names, by commas; all if empty")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--texts", type=int, default=2000, help="short ones; a fifth of it long")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--retune", action="store_true", help="look for the best batches again")
    return parser.parse_args()


# ---- one process ----


def work(python, job):
    """What the worker returns."""
    command = [*PREFIX, python, WORKER, json.dumps(job)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
        raise RuntimeError(last[0])
    return json.loads(done.stdout.splitlines()[-1])


class Runner:
    def __init__(self, options):
        self.options = options
        self.python = sys.executable
        self.folder = options.folder.resolve()
        self.machine, self.flags = machine.description(), machine.flags()
        self.absent = json.loads((self.folder / "absent.json").read_text())
        self.reasons = {}  # (engine, precision): why it is not in the tables
        self.jobs = []
        self.cosines = {}
        self.tuned = self.read_tuned()
        self.draw()

    def read_tuned(self):
        """Set-ups found best on this machine by an earlier run."""
        file = self.folder / "tuned.json"
        kept = json.loads(file.read_text()) if file.exists() and not self.options.retune else {}
        return kept if kept.get("machine") == self.machine else {"machine": self.machine}

    def draw(self):
        """Texts into files, and their tokens, counted once for all engines."""
        self.sets = sources.draw(self.folder, self.options.texts)
        tokenizer = make_tokenizer(self.options.model)
        self.tokens = {}
        for name, texts in self.sets.items():
            self.tokens[name] = sum(map(len, token_ids(tokenizer, texts)))
            self.text_file(name).write_text("".join(t + "\n" for t in texts))
            part = texts[: max(32, len(texts) // TUNING_SHARE)]
            self.text_file(name, "-part").write_text("".join(t + "\n" for t in part))
            say(f"{name}: {len(texts)} texts, {self.tokens[name]} tokens")

    def text_file(self, name, part=""):
        return self.folder / f"{name}{part}.txt"

    def reason(self, engine, precision):
        if engine.name in self.absent:
            return self.absent[engine.name]
        flags = engine.needs.get(precision)
        if flags and not self.flags.intersection(flags):
            return f"the CPU has none of {', '.join(flags)}"
        return engine.unsupported(precision)

    def plan(self):
        names = [n for n in self.options.peers.split(",") if n] or list(ENGINES)
        unknown = set(names) - set(ENGINES)
        if unknown:
            sys.exit(f"peers: no such engine: {', '.join(unknown)}; there are {', '.join(ENGINES)}")
        for engine in map(ENGINES.get, names):
            for precision in engine.precisions:
                reason = self.reason(engine, precision)
                if reason:
                    self.leave_out((engine.name, precision), reason)
                    continue
                for threads in map(int, self.options.threads.split(",")):
                    for name in self.sets:
                        self.plan_one(engine, precision, threads, name)

    def leave_out(self, key, reason):
        say(f"no {' '.join(key)}: {reason}")
        self.reasons[key] = reason
        self.jobs = [j for j in self.jobs if (j["engine"], j["precision"]) != key]

    def plan_one(self, engine, precision, threads, name):
        job = {
            "engine": engine.name,
            "precision": precision,
            "threads": threads,
            "set": name,
            "model": str(pathlib.Path(self.options.model).resolve()),
            "folder": str(self.folder / engine.name),
        }
        key = (engine.name, precision)
        if key in self.reasons:
            return
        try:
            job["variant"], job["batch"] = self.best_setup(engine, job)
        except RuntimeError as e:
            self.leave_out(key, str(e))
            return
        say(
            f"{engine.name} {precision}, {threads} threads, {name}: "
            f"best with {job['variant'] or 'its own threads'}, batch {job['batch']}"
        )
        self.jobs.append(job)

    def best_setup(self, engine, job):
        variants = engine.variants(job["threads"])
        if len(variants) == 1 and len(engine.batches) == 1:
            return variants[0], engine.batches[0]
        key = " ".join(str(job[k]) for k in ("engine", "precision", "threads", "set"))
        key += f" {' '.join(engine.packages)}"
        if key not in self.tuned:
            tried = []
            for variant in variants:
                trial = {**job, "mode": "tune", "variant": variant}
                trial["texts"] = str(self.text_file(job["set"], "-part"))
                for batch, seconds in work(self.python, trial):
                    tried.append((seconds, variant, batch))
            self.tuned[key] = min(tried)[1:]
            (self.folder / "tuned.json").write_text(json.dumps(self.tuned, indent=1))
        return self.tuned[key]

    # ---- measuring ----

    def measure(self, job, round_number):
        vectors = self.folder / f"vectors-{job['engine']}-{job['precision']}-{job['set']}.npy"
        texts = str(self.text_file(job["set"]))
        job = {**job, "mode": "measure", "texts": texts, "vectors": str(vectors)}
        result = work(self.python, job)
        name = job["set"]
        if result.get("tokens", self.tokens[name]) != self.tokens[name]:
            raise RuntimeError(f"counts {result['tokens']} tokens, not {self.tokens[name]}")
        row = {**job, **result, "round": round_number}
        return {**row, "texts": len(self.sets[name]), "tokens": self.tokens[name]}

    def add_cosines(self, row):
        own, reference = (
            self.folder / f"vectors-{engine}-{precision}-{row['set']}.npy"
            for engine, precision in ((row["engine"], row["precision"]), REFERENCE)
        )
        if not any((j["engine"], j["precision"]) == REFERENCE for j in self.jobs):
            return
        a, b = np.load(own).astype(np.float64), np.load(reference).astype(np.float64)
        norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
        cosines = np.einsum("td,td->t", a, b) / norms
        row["worst_cosine"], row["mean_cosine"] = cosines.min(), cosines.mean()

    def run(self):
        rows = []
        for round_number in range(1, self.options.rounds + 1):
            order = self.jobs[:]
            random.Random(round_number).shuffle(order)
            fresh = []
            for i, job in enumerate(order, 1):
                if job not in self.jobs:
                    continue
                try:
                    row = self.measure(job, round_number)
                except RuntimeError as e:
                    self.leave_out((job["engine"], job["precision"]), str(e))
                    continue
                fresh.append(row)
                say(
                    f"round {round_number}, {i}/{len(order)}: {job['engine']} {job['precision']}, "
                    f"{job['threads']} threads, {job['set']}: "
                    f"{row['tokens'] / row['seconds']:.0f} tokens/s"
                )
            for row in fresh:
                self.add_cosines(row)
            rows += fresh
            self.write(rows)

    def write(self, rows):
        """What holds for the whole run stands in front, as lines with a # before them."""
        drawn = ", ".join(
            f"{name} {len(t)} texts {self.tokens[name]} tokens" for name, t in self.sets.items()
        )
        facts = {
            "date": datetime.date.today().isoformat(),
            "machine": self.machine,
            "model": pathlib.Path(self.options.model).name,
            "sets": drawn,
            "rounds": rows[-1]["round"] if rows else 0,
            **{
                f"packages of {e.name}": " ".join(e.packages)
                for e in ENGINES.values()
                if e.packages
            },
            **{f"absent {' '.join(key)}": reason for key, reason in self.reasons.items()},
        }
        self.options.out.parent.mkdir(parents=True, exist_ok=True)
        with self.options.out.open("w", newline="") as f:
            f.writelines(f"# {key}: {value}\n" for key, value in facts.items())
            writer = csv.DictWriter(f, COLUMNS, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            for row in rows:
                writer.writerow(
                    {k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()}
                )


def main():
    runner = Runner(arguments())
    runner.plan()
    runner.run()


if __name__ == "__main__":
    main()
