# SPDX-License-Identifier: Apache-2.0
"""The texts to measure with: WordNet's glosses (short), Debian's package descriptions (long), and
what tests/golden/scripts has in other scripts."""

import pathlib
import random
import re
import subprocess

SEED = 20261123
MAX_TOKENS = 256
QUERY = "a small brown fox jumps over the lazy dog"
LONG_SHARE = 5  # a description has five times the tokens of a gloss: so many fewer are drawn
WORDNET = pathlib.Path("/usr/share/wordnet")
SCRIPTS = pathlib.Path(__file__).parents[2] / "tests/golden/scripts"


def glosses():
    """All of each gloss, with its examples: what stands after the bar."""
    out = set()
    for part in ("noun", "verb", "adj", "adv"):
        for line in (WORDNET / f"data.{part}").read_text().splitlines():
            if not line.startswith("  ") and " | " in line:
                out.add(one_line(line.split(" | ", 1)[1]))
    return out


def descriptions(folder):
    """Short and long description. Debian keeps the long ones in files of their own, which many
    machines are told not to fetch: they are fetched into `folder`, without touching the system."""
    lists = pathlib.Path(folder) / "apt"
    if not list(lists.glob("*Translation-en*")):
        lists.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [
                "apt-get",
                "-q",
                "update",
                "-o",
                f"Dir::State::Lists={lists}",
                "-o",
                "Acquire::Languages=en",
            ]
            + [
                "-o",
                "APT::Sandbox::User=root",
                "-o",
                "Dir::Etc::sourceparts=/etc/apt/sources.list.d",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    files = sorted(str(p) for p in lists.glob("*Translation-en*"))
    raw = subprocess.run(
        ["/usr/lib/apt/apt-helper", "cat-file", *files], check=True, capture_output=True
    )
    found = re.findall(r"^Description-en: (.*\n(?: .*\n)*)", raw.stdout.decode(), re.MULTILINE)
    return {one_line(re.sub(r"^ \.$", "", text, flags=re.MULTILINE)) for text in found}


def one_line(text):
    return " ".join(text.split())


def draw(folder, count):
    """{"short": texts, "long": texts}, the same on every run over the same sources."""
    sources = {
        "short": (glosses(), count),
        "long": (descriptions(folder), max(1, count // LONG_SHARE)),
    }
    drawn = {}
    for name, (texts, n) in sources.items():
        texts.discard("")
        drawn[name] = random.Random(SEED).sample(sorted(texts), n)
    return drawn


def scripts():
    """{"arabic": texts, …}: pieces of the sentences in tests/golden/scripts, so many and so mixed
    that no branch of a tokenizer is learnt by heart."""
    found = {}
    for file in sorted(SCRIPTS.glob("*.txt")):
        sentences = file.read_text().splitlines()
        draw = random.Random(SEED)
        found[file.stem] = [" ".join(piece(draw, sentences) for _ in range(4)) for _ in range(2000)]
    return found


def piece(draw, sentences):
    """A stretch of one sentence."""
    sentence = draw.choice(sentences)
    start = draw.randrange(len(sentence))
    return one_line(sentence[start : start + draw.randrange(5, 40)])
