# SPDX-License-Identifier: Apache-2.0
"""Installs the engines, each at its pinned version, in a virtual environment of their own, and
converts the model for them. A second run only does what is missing. An engine that cannot be set
up does not stop the others: its reason is kept, and the tables print it.

    python3 setup.py FOLDER MODEL [ENGINE...]

torch, as the Python package index has it for Linux, brings CUDA's libraries: 5 GB in all."""

import json
import os
import pathlib
import subprocess
import sys
import venv

WORKER = pathlib.Path(__file__).parent / "worker.py"
BASE = ("numpy==2.4.6", "tokenizers==0.23.3")


def say(text):
    print(f"peers: {text}", flush=True)


def missing(python, packages):
    code = (
        "import sys, importlib.metadata as m\n"
        "for p in sys.argv[1:]:\n"
        "    name, version = p.split('==')\n"
        "    try: found = m.version(name)\n"
        "    except m.PackageNotFoundError: found = None\n"
        "    if found != version: print(p)\n"
    )
    run = subprocess.run(
        [python, "-c", code, *packages], check=True, capture_output=True, text=True
    )
    return run.stdout.split()


def logged(command, log, environment=None):
    """Runs it with its output in the file `log`; a failure is its last line."""
    with log.open("a") as f:
        done = subprocess.run(
            command, stdout=f, stderr=subprocess.STDOUT, env={**os.environ, **(environment or {})}
        )
    if done.returncode:
        lines = [line for line in log.read_text().splitlines() if line.strip()]
        raise RuntimeError(lines[-1] if lines else f"exit status {done.returncode}")


def install(python, packages, log, environment=None):
    wanted = missing(python, packages)
    if wanted:
        say(f"installing {' '.join(wanted)}")
        # Stating what is there keeps pip from moving one engine's packages for another's.
        logged([python, "-m", "pip", "install", *packages], log, environment)


def make_python(folder):
    python = folder / "venv/bin/python"
    if not python.exists():
        say(f"a virtual environment in {folder}")
        venv.create(folder / "venv", with_pip=True)
    install(python, BASE, folder / "setup.log")
    return python


def set_up(python, engine, folder, model):
    """What was wrong, or None."""
    home = folder / engine["name"]
    done = home / "prepared"
    wanted = json.dumps([engine["packages"], str(model)])
    if done.exists() and done.read_text() == wanted:
        return None
    home.mkdir(parents=True, exist_ok=True)
    log = home / "setup.log"
    log.write_text("")
    job = {"mode": "prepare", "engine": engine["name"], "model": str(model), "folder": str(home)}
    try:
        install(python, engine["packages"], log, engine["build"])
        if engine["packages"]:
            say(f"converting the model for {engine['name']}")
        logged([python, WORKER, json.dumps(job)], log)
    except RuntimeError as e:
        return str(e).replace(str(folder), "")
    done.write_text(wanted)
    return None


def main(folder, model, *names):
    folder = pathlib.Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    python = make_python(folder)
    listed = subprocess.run(
        [python, WORKER, json.dumps({"mode": "list"})],
        check=True,
        capture_output=True,
    )
    kept = folder / "absent.json"
    reasons = json.loads(kept.read_text()) if names and kept.exists() else {}
    for engine in json.loads(listed.stdout):
        if not names or engine["name"] in names:
            reason = set_up(python, engine, folder, pathlib.Path(model).resolve())
            reasons.pop(engine["name"], None)
            if reason:
                reasons[engine["name"]] = reason
                say(f"no {engine['name']}: {reason} (more in {folder / engine['name']}/setup.log)")
    kept.write_text(json.dumps(reasons))


if __name__ == "__main__":
    main(*sys.argv[1:])
