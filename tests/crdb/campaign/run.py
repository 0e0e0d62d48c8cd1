#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The fault campaign: run.py RUNS FIRST-SEED LANES REPORT. Called by ../campaign.sh, which has
started the server and set VECTORIZE, PGBIN, CRDB_FRONT, CAMPAIGN_SERVER (a URL of its database postgres) and
TEST_TMP.

A run has a database and a front of its own; several runs go side by side (LANES). What a run is
comes from draw.py, what it left behind is judged by check.py. REPORT gets one line a run. The
first failure ends the campaign; its folder is kept, and its seed is said.
"""
import concurrent.futures
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

from draw import Draw

HERE = os.path.dirname(os.path.abspath(__file__))
VECTORIZE, PGBIN, FRONT = (os.environ[k] for k in ("VECTORIZE", "PGBIN", "CRDB_FRONT"))
SERVER, TMP = os.environ["CAMPAIGN_SERVER"].removesuffix("postgres"), os.environ["TEST_TMP"]
PATIENCE = 300  # seconds that a process may take: longer is hung
DONE, FAILED, ROWS_FAILED, INTERRUPTED = 0, 1, 3, 130
FIELDS = ("seed", "version", "table", "rows", "writers", "changes", "processes", "exits", "faults", "away",
          "killed", "repeats", "embedded_before_last", "seconds", "result")

SCHEMA = """
SELECT 'relation ' || relname FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S', 'm', 'p')
UNION ALL SELECT CASE WHEN h.attname IS NULL THEN 'column t.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
                      ELSE 'hidden t.' || a.attname END
  FROM pg_attribute a LEFT JOIN crdb_front.hidden_column h ON h.relid = a.attrelid AND h.attname = a.attname
 WHERE a.attrelid = 't'::regclass AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL SELECT 'index t ' || indexname FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function ' || proname FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""
TABLE = """SELECT json_build_object('tenant', tenant, 'id', id, 'body', body, 'other', other,
                                    'vector', body_vector::text) FROM t"""
# Ends the program's sessions that are in a writer's way.
GIVE_WAY = """SELECT pg_terminate_backend(way) FROM pg_stat_activity w, unnest(pg_blocking_pids(w.pid)) way
 WHERE w.datname = current_database() AND w.application_name = 'psql'"""


class Failure(Exception):
    """Something that a promise excludes."""


def psql(url, sql, check=True):
    done = subprocess.run([f"{PGBIN}/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", url, "-f", "-"], input=sql,
                          capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise Failure(f"psql: {done.stderr.strip()[:300]}")
    return done.stdout


def quote(value):
    if value is None:
        return "NULL"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def insert(row):
    return f"INSERT INTO t (tenant, id, body, other) VALUES ({', '.join(quote(row[k]) for k in ('tenant', 'id', 'body', 'other'))});"


def statement(entry):
    """A change as SQL. A new text and no vector stand in one statement, as the guide says."""
    op = entry["op"]
    if op == "text":
        return f"UPDATE t SET body = {quote(entry['text'])}, body_vector = NULL WHERE id IN ({', '.join(map(str, entry['ids']))});"
    if op == "other":
        return f"UPDATE t SET other = {entry['other']} WHERE id IN ({', '.join(map(str, entry['ids']))});"
    if op == "insert":
        return insert(entry["row"])
    return {"begin": "BEGIN;", "commit": "COMMIT;", "rollback": "ROLLBACK;",
            "delete": "DELETE FROM t WHERE id = {id};", "rekey": "UPDATE t SET id = {to} WHERE id = {id};",
            "sleep": "SELECT pg_sleep({ms} / 1000.0);"}[op].format(**entry)


class Process:
    """One embed beside the others."""

    def __init__(self, run, number, options):
        self.run, self.number, self.options = run, number, options
        self.may_end = {DONE}
        self.start()

    def start(self):
        self.out = open(f"{self.run.folder}/embed-{self.number}.err", "ab")
        self.began = time.monotonic()
        self.popen = subprocess.Popen(
            [VECTORIZE, "embed", "-vv", "-m", "module:gate", "-t", "t", "-i", "body", *self.options],
            stdout=self.out, stderr=self.out, env=self.run.env)

    def stop(self, sig):
        """True when it was still there."""
        if self.popen.poll() is not None:
            return False
        self.popen.send_signal(sig)
        return True

    def finish(self, lenient):
        try:
            code = self.popen.wait(max(1, self.began + PATIENCE - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.popen.kill()
            raise Failure(f"hung: process {self.number}") from None
        if code == FAILED and lenient and self.said("could not connect"):
            return "away"  # no server to be had when it began
        if code not in self.may_end:
            raise Failure(f"process {self.number} ended with {code}")
        return str(code)

    def said(self, text):
        with open(self.out.name, encoding="utf-8", errors="replace") as file:
            return any(text in line for line in file.readlines()[-4:])


class Run:
    def __init__(self, seed):
        self.draw = Draw(seed)
        self.folder = f"{TMP}/run-{seed}"
        self.database = f"campaign_{os.getpid()}_{seed}"
        self.direct = SERVER + self.database
        self.killed = self.away = 0
        os.mkdir(self.folder)

    def save(self, name, rows):
        with open(f"{self.folder}/{name}", "w", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)

    def open(self):
        psql(SERVER + "postgres", f"CREATE DATABASE {self.database}")
        psql(self.direct, "CREATE EXTENSION IF NOT EXISTS vector")
        for _ in range(5):  # on a machine that is busy it may give up waiting for the server
            words = self.start_front()
            if len(words) == 4:
                break
        else:
            raise Failure("the front did not start")
        self.control_url = f"http://{words[3]}/"
        user = urllib.parse.urlsplit(self.direct).netloc.rpartition("@")[0]
        self.through = f"postgresql://{user}@{words[1]}/{self.database}"
        self.env = {**os.environ, "VECTORIZE_URL": self.through}

    def start_front(self):
        with open(f"{self.folder}/front.err", "wb") as errors:
            self.front = subprocess.Popen(
                [FRONT, "-upstream", self.direct, "-persona", self.draw.persona, "-seed", str(self.draw.seed),
                 "-follower-lag", self.draw.follower_lag], stdout=subprocess.PIPE, stderr=errors, text=True)
        return self.front.stdout.readline().split()

    def close(self):
        if hasattr(self, "front"):
            self.front.terminate()
            self.front.wait()
        psql(SERVER + "postgres", f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)", check=False)

    def control(self, method, path, **values):
        values = {k: v for k, v in values.items() if v is not None}
        request = urllib.request.Request(self.control_url + path, method=method,
                                         data=urllib.parse.urlencode(values).encode())
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            return json.loads(answer.read())

    def command(self, *arguments, expect=(DONE,)):
        try:
            done = subprocess.run([VECTORIZE, *arguments], capture_output=True, text=True, env=self.env,
                                  timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            raise Failure(f"hung: {arguments[0]}") from None
        if done.returncode not in expect:
            raise Failure(f"{arguments[0]} ended with {done.returncode}: {done.stderr.strip()[-300:]}")
        return done.stdout

    def embed(self, *options):
        codes = (DONE, ROWS_FAILED) if self.draw.poison else (DONE,)
        return json.loads(self.command("embed", "-m", "module:gate", "-t", "t", "-i", "body", "--json",
                                       *options, expect=codes))

    def make_table(self):
        psql(self.through, "SET CLUSTER SETTING feature.vector_index.enabled = true;")
        psql(self.through, self.draw.create + ";")
        psql(self.direct, "\n".join(insert(row) for row in self.draw.rows))
        self.save("initial.jsonl", self.draw.rows)
        for number, log in enumerate(self.draw.writers):
            self.save(f"writer-{number}.jsonl", log)
        if self.draw.column_first:
            self.embed("-b", "5", "-n", "1", "--no-index")

    def has_column(self):
        return psql(self.direct, "SELECT 1 FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'body_vector'") != ""

    def wait_for_column(self):
        """Writers set the vector to NULL: it has to be there."""
        while not self.has_column():
            if all(p.popen.poll() is not None for p in self.processes):
                self.control("DELETE", "faults")
                self.embed("-b", "5", "-n", "1", "--no-index")
            time.sleep(0.05)

    def start_writers(self):
        # Of two sessions that lock each other out, the program is the one that gives way.
        head = "SET deadlock_timeout = '10min';\n"
        self.writers = []
        for log in self.draw.writers:
            popen = subprocess.Popen([f"{PGBIN}/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", self.direct, "-f", "-"],
                                     stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            threading.Thread(target=popen.communicate,
                             args=(head + "\n".join(map(statement, log)),), daemon=True).start()
            self.writers.append(popen)

    def wait_for_writer(self, writer):
        """PostgreSQL looks for a deadlock once, a second after a session began to wait. One that closes
        later, on a busy machine, the writer alone would find, ten minutes from then."""
        for _ in range(PATIENCE // 10):
            try:
                return writer.wait(10)
            except subprocess.TimeoutExpired:
                psql(self.direct, GIVE_WAY)
        raise Failure("a writer hangs")

    def event(self, event):
        kind = event["kind"]
        if kind in ("drain", "down", "full"):
            self.away += 1
            self.control("POST", kind, ms=event["ms"])
        elif kind == "network":
            self.control("POST", "network", ms=event["ms"], drip=event["drip"])
        else:
            process = self.processes[event["process"]]
            if process.stop(signal.SIGTERM if kind == "terminate" else signal.SIGKILL):
                self.killed += 1
                process.may_end |= {-signal.SIGKILL, INTERRUPTED, -signal.SIGTERM}
                if kind == "kill-restart":
                    process.popen.wait()
                    process.start()

    def stir(self):
        """Processes, writers and faults at the same time, until writers and processes are done."""
        for fault in self.draw.faults:
            self.control("POST", "faults", **fault)
        self.control("POST", "jobs", ms=self.draw.job_ms)
        self.processes = [Process(self, n, o) for n, o in enumerate(self.draw.processes)]
        for process in self.processes:
            process.may_end |= {ROWS_FAILED} if self.draw.poison else set()
        began = time.monotonic()
        self.wait_for_column()
        self.start_writers()
        for event in self.draw.events:
            time.sleep(max(0, began + event["at"] - time.monotonic()))
            self.event(event)
        for number, writer in enumerate(self.writers):
            if self.wait_for_writer(writer):
                raise Failure(f"writer {number} failed")
        self.exits = [process.finish(self.away > 0) for process in self.processes]
        stats = self.control("GET", "stats")
        self.control("DELETE", "faults")
        self.control("POST", "network", ms=0)
        self.control("POST", "jobs", ms=0)
        return sum(n for kind, n in (stats["errors"] or {}).items() if kind.startswith("fault"))

    def judge(self, state):
        with open(f"{self.folder}/table.jsonl", "w", encoding="utf-8") as file:
            file.write(psql(self.direct, TABLE))
        with open(f"{self.folder}/schema.txt", "w", encoding="utf-8") as file:
            file.write(psql(self.direct, SCHEMA))
        with open(f"{self.folder}/status.json", "w", encoding="utf-8") as file:
            file.write(self.command("status", "-t", "t", "-i", "body", "--json"))
        done = subprocess.run([sys.executable, f"{HERE}/check.py", self.folder, state], capture_output=True,
                              text=True, check=False)
        if done.returncode:
            raise Failure(f"{state}: {(done.stdout + done.stderr)[:1500]}")

    def do(self):
        began = time.monotonic()
        self.make_table()
        faults = self.stir()
        self.judge("underway")
        last = self.embed()
        self.judge("finished")
        d = self.draw
        return dict(zip(FIELDS, (
            d.seed, d.persona, d.shape, len(d.rows), len(d.writers), sum(e["op"] != "sleep" for w in d.writers for e in w),
            len(d.processes), ",".join(self.exits), faults, self.away, self.killed, self.repeats(),
            last["rows"]["total"] - last["rows"]["left"] - last["rows"]["written"] if "total" in last["rows"] else last["rows"]["written"],
            f"{time.monotonic() - began:.1f}", "ok")))

    def repeats(self):
        """Attempts that were repeated, as the processes' own logs tell."""
        count = 0
        for process in self.processes:
            with open(process.out.name, encoding="utf-8", errors="replace") as file:
                count += sum("again in" in line for line in file)
        return count


def one(seed):
    run = Run(seed)
    try:
        run.open()
        result = run.do()
        shutil.rmtree(run.folder)
        return result
    except Failure as failure:
        kept = f"/tmp/vectorize-campaign-{seed}" if os.environ.get("CAMPAIGN_KEEP") else None
        if kept:
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(run.folder, kept)
        return {"seed": seed, "version": run.draw.persona, "table": run.draw.shape, "result": str(failure)}
    finally:
        for process in getattr(run, "processes", []):
            process.stop(signal.SIGKILL)
        run.close()


def main():
    runs, first, lanes = map(int, sys.argv[1:4])
    failed = 0
    with open(sys.argv[4], "w", encoding="utf-8") as report, concurrent.futures.ThreadPoolExecutor(lanes) as pool:
        report.write("\t".join(FIELDS) + "\n")
        for result in pool.map(one, range(first, first + runs)):
            report.write("\t".join(str(result.get(field, "-")).replace("\n", "; ") for field in FIELDS) + "\n")
            report.flush()
            if result["result"] != "ok":
                failed += 1
                print(f"seed {result['seed']} ({result['version']}, {result['table']}): {result['result']}", flush=True)
    print(f"{runs} runs: {failed} failed" if failed else f"{runs} runs: 0 wrong, 0 lost, 0 stale, 0 hung")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
