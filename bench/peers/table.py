# SPDX-License-Identifier: Apache-2.0
"""Markdown tables of a CSV that bench/peers/run.py wrote, on standard output.

    python3 table.py CSV [DOCUMENT]

With DOCUMENT, what stands there between the two lines <!-- peers --> is replaced by them."""

import csv
import pathlib
import statistics
import sys
from collections import defaultdict

SETS = ("short", "long")
MARK = "<!-- peers -->\n"


def read(path):
    facts, lines = {}, []
    for line in pathlib.Path(path).read_text().splitlines():
        if line.startswith("# "):
            key, value = line[2:].split(": ", 1)
            facts[key] = value
        else:
            lines.append(line)
    return facts, list(csv.DictReader(lines))


def numbers(rows, column):
    return [float(r[column]) for r in rows if r[column]]


def median(rows, column):
    found = numbers(rows, column)
    return statistics.median(found) if found else None


def shown(value, form):
    return "–" if value is None else format(value, form)


def markdown(heading, rows):
    """The first column of a table is text, the others are numbers."""
    lines = ["| " + " | ".join(heading) + " |", "|---" + "|--:" * (len(heading) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def ceilings(rows):
    """{(set, threads, precision): tokens/s at the machine's matrix product's best}, by ours."""
    measured = [r for r in rows if r["ceiling_gflops"]]
    best = {}
    for key, group in grouped(measured, "threads", "precision").items():
        best[key] = max(numbers(group, "ceiling_gflops"))
    found = {}
    for key, group in grouped(measured, "set", "threads", "precision").items():
        row = group[0]
        flop = float(row["gflops"]) * float(row["seconds"]) / float(row["tokens"])
        found[key] = best[key[1:]] / flop
    return found


def grouped(rows, *columns):
    groups = defaultdict(list)
    for row in rows:
        groups[tuple(row[c] for c in columns)].append(row)
    return groups


def rates(group):
    return [float(r["tokens"]) / float(r["seconds"]) for r in group]


def rate_table(rows, ceiling):
    """Fastest first; the drift is how far the rounds lie apart, of their median."""
    lines = []
    for (engine, precision), group in grouped(rows, "engine", "precision").items():
        all_rates = rates(group)
        rate = statistics.median(all_rates)
        seconds = statistics.median(numbers(group, "seconds"))
        share = rate / ceiling[precision] if precision in ceiling else None
        row = group[0]
        batch = f"{row['batch'].rstrip('t')} tokens" if row["batch"].endswith("t") else row["batch"]
        setup = ", ".join(x for x in (row["variant"], f"batch {batch}") if x)
        lines.append(
            (
                -rate,
                [
                    f"**{engine}**" if engine == "vectorize" else engine,
                    precision,
                    f"{float(row['texts']) / seconds:.0f}",
                    f"{rate:.0f}",
                    f"{float(row['tokens']) / median(group, 'cpu_s'):.0f}",
                    shown(share, ".0%"),
                    f"{(max(all_rates) - min(all_rates)) / rate:.0%}",
                    shown(median(group, "worst_cosine"), ".6f"),
                    shown(median(group, "mean_cosine"), ".6f"),
                    "its own" if engine == "vectorize" else setup,
                ],
            )
        )
    heading = "engine|precision|texts/s|tokens/s|tokens/CPU s|of ceiling|drift"
    heading = f"{heading}|worst cosine|mean cosine|set-up".split("|")
    return markdown(heading, [line for _, line in sorted(lines)])


def median_rate(group):
    return statistics.median(rates(group)) if group else None


def glance_table(rows):
    """An engine a line, with as many threads as were measured; fastest on short texts first."""
    threads = sorted({r["threads"] for r in rows}, key=int)
    most = threads[-1]
    lines = []
    for (engine, precision), group in grouped(rows, "engine", "precision").items():
        by = grouped(group, "set", "threads")
        own = [r for r in group if r["threads"] == most]
        cells = [f"**{engine}**" if engine == "vectorize" else engine, precision]
        for name in SETS:
            cells.append(shown(median_rate(by[name, most]), ".0f"))
        for name in SETS:
            one, all_ = median_rate(by[name, threads[0]]), median_rate(by[name, most])
            cells.append(f"{all_ / one:.2f}" if one and all_ else "–")
        worst = numbers(group, "worst_cosine")
        cells.append(shown(min(worst) if worst else None, ".4f"))
        cells.append(shown(median(own, "query_ms"), ".1f"))
        cells.append(shown(median(own, "cold_s"), ".2f"))
        cells.append(shown(max(numbers(own, "peak_mib")), ".0f"))
        lines.append((-(median_rate(by["short", most]) or 0), cells))
    heading = "engine|precision|short, tokens/s|long, tokens/s|short, times one thread"
    heading += "|long, times one thread|worst cosine|one query, ms|cold start, s|memory, MiB"
    return markdown(heading.split("|"), [cells for _, cells in sorted(lines)])


def tokenizer_table(path):
    """Of the file beside `path` that tokenizing.py wrote; None when there is none."""
    file = pathlib.Path(path).with_suffix("").as_posix() + "-tokenizers.csv"
    if not pathlib.Path(file).exists():
        return None
    lines = []
    for row in csv.DictReader(pathlib.Path(file).read_text().splitlines()):
        own, other = float(row["ours_per_s"]), float(row["reference_per_s"])
        own_cell, other_cell = f"{own / 1e6:.1f}", f"{other / 1e6:.2f}"
        lines.append([row["set"], row["tokens"], own_cell, other_cell, f"{own / other:.0f}"])
    heading = "texts|tokens|vectorize, million tokens/s|tokenizers, million tokens/s|times"
    return markdown(heading.split("|"), lines)


def query_table(rows):
    lines = []
    for (engine, precision, threads), group in grouped(
        rows, "engine", "precision", "threads"
    ).items():
        query = median(group, "query_ms")
        cold, peak = median(group, "cold_s"), max(numbers(group, "peak_mib"))
        cells = [engine, precision, threads, f"{query:.2f}", f"{cold:.2f}", f"{peak:.0f}"]
        lines.append((threads, query, cells))
    heading = "engine|precision|threads|one query, ms|cold start, s|peak memory, MiB"
    return markdown(heading.split("|"), [cells for _, _, cells in sorted(lines)])


def report(path):
    facts, rows = read(path)
    top = ceilings(rows)
    out = [
        f"Measured {facts['date']} on {facts['machine']}. Model {facts['model']}. "
        f"Sets: {facts['sets']}. Medians of {facts['rounds']} rounds. "
        f"Other processes used {statistics.mean(numbers(rows, 'others')):.2f} cores meanwhile."
    ]
    most = max(int(r["threads"]) for r in rows)
    out += [f"### At a glance, {most} threads", glance_table(rows)]
    tables = grouped(rows, "set", "threads").items()
    for (name, threads), group in sorted(tables, key=lambda t: (SETS.index(t[0][0]), int(t[0][1]))):
        here = {p: v for (s, t, p), v in top.items() if (s, t) == (name, threads)}
        plural = "thread" if threads == "1" else "threads"
        out.append(f"### {name} texts, {threads} {plural}")
        out += [f"Ceiling, {p}: {v:.0f} tokens/s." for p, v in here.items()]
        out.append(rate_table(group, here))
    out += ["### One query, cold start, memory", query_table(rows)]
    tokenizers = tokenizer_table(path)
    if tokenizers:
        out += ["### Tokenising, one core, beside Hugging Face's tokenizers", tokenizers]
    absent = [f"- {k[len('absent ') :]}: {v}" for k, v in facts.items() if k.startswith("absent ")]
    if absent:
        out += ["### Not measured here", "\n".join(absent)]
    run = {row["engine"] for row in rows}
    versions = [
        f"- {k[len('packages of ') :]}: {v}" for k, v in facts.items() if k.startswith("packages")
    ]
    out += ["### Versions", "\n".join(versions)]
    return "\n\n".join(out) + "\n"


def main(path, document=None):
    text = report(path)
    if not document:
        print(text, end="")
        return
    file = pathlib.Path(document)
    parts = file.read_text().split(MARK)
    if len(parts) != 3:
        sys.exit(f"{document}: needs two lines {MARK.strip()}")
    file.write_text(f"{parts[0]}{MARK}\n{text}\n{MARK}{parts[2]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
