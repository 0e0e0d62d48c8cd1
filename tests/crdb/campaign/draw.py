# SPDX-License-Identifier: Apache-2.0
"""What one run of the campaign is, drawn from its seed: Draw(SEED). Nothing is done here.

    version of CockroachDB, shape of the table, its first rows
    writers: each owns some rows and has a list of changes (also the log that check.py replays)
    processes: the options of each embed
    faults of the front, and events: who is killed, which node goes away, and when
"""
import random

PERSONAS = ("25.2", "25.3", "25.4", "26.1")
COLUMNS = "tenant STRING NOT NULL, id INT NOT NULL, body STRING, other INT"
SHAPES = {
    "plain": f"({COLUMNS}, PRIMARY KEY (id))",
    "composite": f"({COLUMNS}, PRIMARY KEY (tenant, id))",
    "hashed": f"({COLUMNS}, PRIMARY KEY (id) USING HASH)",
    "hashed-composite": f"({COLUMNS}, PRIMARY KEY (id, tenant) USING HASH WITH (bucket_count = 4))",
    "regional": f"({COLUMNS}, PRIMARY KEY (id)) LOCALITY REGIONAL BY ROW",
    "keyless": f"({COLUMNS})",
}
BLANKS = ("", " ", "\t\n", "\u00a0\u2003", "\u200b")
WORDS = (
    "plain", "O'Brien", "back\\slash", '"quoted"', "{1,2}", "NULL", "naïve", "日本語", "🦀", "a\nb",
    "%s", ":name", "$1", "--", "/*", "a,b", "\\N", "é",
)
CODES = ("40001", "40001", "40001", "58C00", "58C01", "53200", "53300", "57P01")


class Draw:
    def __init__(self, seed):
        r = self.random = random.Random(seed)
        self.seed = seed
        self.persona = r.choice(PERSONAS)
        self.shape = r.choice(sorted(SHAPES))
        self.create = f"CREATE TABLE t {SHAPES[self.shape]}"
        self.follower_lag = r.choice(("0s", "200ms"))
        self.poison = r.random() < 0.25
        self.column_first = r.random() < 0.7  # else the processes make it, at the same moment
        self.rows = [self.row(i) for i in range(1, r.randint(100, 500) + 1)]
        self.writers = self.draw_writers(r.randint(1, 3))
        self.processes = [self.process() for _ in range(r.randint(1, 3))]
        self.faults = [self.fault() for _ in range(r.randint(1, 4))]
        if r.random() < 0.33:
            self.faults.append({"kind": r.choice(("drop-after", "drop-before", "error")), "on": "schema", "count": 1})
        self.job_ms = r.choice((0, 0, 300))
        self.events = sorted((self.event() for _ in range(r.randint(0, 4))), key=lambda e: e["at"])

    def text(self):
        r = self.random
        if self.poison and r.random() < 0.03:
            return f"poison {r.randrange(10**6)}"
        words = [r.choice(WORDS) for _ in range(r.randint(1, 12))] + [str(r.randrange(10**6))]
        if r.random() < 0.01:
            words *= 400
        return " ".join(words)

    def row(self, number):
        r = self.random
        body = None if r.random() < 0.08 else r.choice(BLANKS) if r.random() < 0.05 else self.text()
        return {"tenant": f"t{r.randrange(4)}", "id": number, "body": body, "other": r.randrange(100)}

    def draw_writers(self, count):
        """Each row has one writer: what it holds at the end does not depend on who was faster."""
        owned = [[row["id"] for row in self.rows if row["id"] % count == w] for w in range(count)]
        return [self.changes(ids, 200000 + 10000 * w) for w, ids in enumerate(owned)]

    def changes(self, ids, fresh):
        r = self.random
        list_, inside = [], False
        for _ in range(r.randint(20, 80)):
            if inside and r.random() < 0.4:
                list_.append({"op": r.choice(("commit", "commit", "rollback"))})
                inside = False
            elif not inside and r.random() < 0.15:
                list_.append({"op": "begin"})
                inside = True
            if not inside and ids:
                list_.extend(self.moving(ids, fresh + len(list_)))
            if ids:
                list_.append(self.change(ids))
            list_.append({"op": "sleep", "ms": r.randrange(12)})
        if inside:
            list_.append({"op": "commit"})
        return list_

    def change(self, ids):
        r = self.random
        some = r.sample(ids, min(len(ids), r.choice((1, 1, 1, 5, 20))))
        kind = r.choice(("text", "text", "text", "null", "blank", "other"))
        if kind == "text":
            return {"op": "text", "ids": some, "text": self.text()}
        if kind == "blank":
            return {"op": "text", "ids": some, "text": r.choice(BLANKS)}
        if kind == "null":
            return {"op": "text", "ids": some, "text": None}
        return {"op": "other", "ids": some, "other": r.randrange(1000)}

    def moving(self, ids, fresh):
        """Changes of which rows there are; outside transactions, so that none is rolled back."""
        r = self.random
        kind = r.choice(("none", "none", "none", "insert", "delete", "rekey", "replace"))
        at = r.randrange(len(ids))
        if kind == "insert":
            ids.append(fresh)
            return [{"op": "insert", "row": self.row(fresh)}]
        if kind == "delete":
            return [{"op": "delete", "id": ids.pop(at)}]
        if kind == "rekey":
            old, ids[at] = ids[at], ids[at] + 1000000
            return [{"op": "rekey", "id": old, "to": ids[at]}]
        if kind == "replace":  # another row under the same key
            return [{"op": "delete", "id": ids[at]}, {"op": "insert", "row": self.row(ids[at])}]
        return []

    def process(self):
        r = self.random
        options = ["--encoder-options", f"delay-ms={r.choice((0, 5, 20))}", "-w", str(r.randint(1, 3)),
                   "-b", str(r.choice((1, 5, 20, 200)))]
        return options if r.random() < 0.3 else options + ["--no-index"]

    def fault(self):
        r = self.random
        kind = r.choice(("error", "error", "ambiguous-applied", "ambiguous-lost", "drop-before", "drop-mid",
                         "drop-after", "shutdown", "stall"))
        on = r.choice(("read", "write", "write", "commit", "any"))
        one = {"kind": kind, "on": on, "p": r.choice((0.05, 0.1, 0.2, 0.4)), "count": r.randint(1, 15), "ms": 30}
        if kind == "error":
            one["code"] = r.choice(CODES)
        if on in ("read", "any"):
            one["match"] = "body_vector"  # before that there is nothing to lose
        return one

    def event(self):
        r = self.random
        kind = r.choice(("kill", "kill", "kill-restart", "terminate", "drain", "down", "full", "network"))
        one = {"at": r.uniform(0, 1.5), "kind": kind, "ms": r.randint(50, 400)}
        if kind in ("kill", "kill-restart", "terminate"):
            one["process"] = r.randrange(len(self.processes))
        if kind == "network":
            one.update(ms=r.choice((1, 5, 20)), drip=r.choice((0, 0, 100)))
        return one
