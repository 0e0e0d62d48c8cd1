# SPDX-License-Identifier: Apache-2.0
"""What machine this is, and how much of it others use. As a program: its name for a file."""

import os
import pathlib
import re
import resource

WANTED = ("avx2", "avx512f", "avx_vnni", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8")


def field(name):
    info = pathlib.Path("/proc/cpuinfo").read_text()
    found = re.search(rf"^{name}\s*: (.*)$", info, re.MULTILINE)
    return found.group(1) if found else ""


def flags():
    return set(field("flags").split())


def description():
    model = f"{field('model name')}, family {field('cpu family')} model {field('model')}"
    has = flags()
    return f"{model}, {os.cpu_count()} cores; {' '.join(f for f in WANTED if f in has)}"


def file_name():
    parts = " ".join(map(field, ("model name", "cpu family", "model")))
    return re.sub(r"[^a-z0-9]+", "-", parts.lower()).strip("-") or os.uname().machine


def busy_seconds():
    """CPU time that all of the machine has used so far, without waiting and without stolen time."""
    fields = pathlib.Path("/proc/stat").read_text().split(None, 9)[1:9]
    user, nice, system, _, _, irq, softirq, _ = map(int, fields)
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def own_seconds():
    """CPU time of this process and of the children that it waited for."""
    own, children = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    print(file_name())
