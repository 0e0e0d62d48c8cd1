#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A server that misbehaves: hostile.py HOST PORT COMMAND...

Runs the command again and again, each time through a proxy before the real server at HOST:PORT
that spoils one message of the server (its n-th, in one of the ways below), with PGHOST and PGPORT
set to the proxy. However the message is spoilt, the command must end within a minute, with exit
code 0 (it asked again) or 1 and a sentence on standard error. Ways that spoil every answer of a
kind must end in 1. Says what went wrong, one line each, and exits with 1 then.
"""
import concurrent.futures
import os
import random
import socket
import struct
import subprocess
import sys
import threading

PATIENCE = 60


def message(kind, body):
    return kind + struct.pack("!I", len(body) + 4) + body


def fields(body):
    """The values of a DataRow; None is NULL."""
    count, at, found = struct.unpack("!H", body[:2])[0], 2, []
    for _ in range(count):
        (size,) = struct.unpack("!i", body[at:at + 4])
        at += 4
        found.append(None if size < 0 else body[at:at + size])
        at += max(size, 0)
    return found


def row(values):
    parts = [struct.pack("!i", -1) if v is None else struct.pack("!I", len(v)) + v for v in values]
    return message(b"D", struct.pack("!H", len(values)) + b"".join(parts))


def columns(body, change):
    """A RowDescription, each column's (name, fixed part) changed."""
    count, at, parts = struct.unpack("!H", body[:2])[0], 2, []
    for _ in range(count):
        end = body.index(0, at) + 1
        parts.append(change(body[at:end], body[end:end + 18]))
        at = end + 18
    parts = [p for p in parts if p is not None]
    return message(b"T", struct.pack("!H", len(parts)) + b"".join(parts))


def noise(kind, body):
    return random.Random(len(body)).randbytes(200)


# Of any message; the connection is closed after it.
BREAKS = {
    "closed": lambda k, b: b"",
    "truncated": lambda k, b: message(k, b)[:max(1, len(b) // 2)],
    "garbage": noise,
    "zeros": lambda k, b: bytes(100),
    "length of 2 GiB": lambda k, b: k + b"\x7f\xff\xff\xff" + b,
    "length of 4 GiB": lambda k, b: k + b"\xff\xff\xff\xff" + b,
    "length of nothing": lambda k, b: k + bytes(4) + b,
    "too short a length": lambda k, b: k + struct.pack("!I", 4 + len(b) // 2) + b,
    "unknown kind": lambda k, b: message(b"~", b),
    "row out of turn": lambda k, b: row([b"1", b"2"]) + message(k, b),
    "10 GB of columns": lambda k, b: message(b"T", b"\xff\xff" + b),
    "value of 2 GiB": lambda k, b: message(b"D", b"\x00\x01\x7f\xff\xff\xff"),
    "error without fields": lambda k, b: message(b"E", b"\0") + message(b"Z", b"I"),
    "error without an end": lambda k, b: message(b"E", b"SERROR\0C42"),
    "error without a code": lambda k, b: message(b"E", b"SERROR\0Modd\0\0") + message(b"Z", b"I"),
    "a query to COPY": lambda k, b: message(b"G", b"\0\0\1\0\0") + message(k, b),
}
# Of every row or row description of a statement that the program reads with care.
LIES = {
    "NULL everywhere": {b"D": lambda b: row([None for _ in fields(b)])},
    "other texts": {b"D": lambda b: row([b"\xff{\"'%s" for _ in fields(b)])},
    "binary": {b"T": lambda b: columns(b, lambda n, f: n + f[:16] + b"\0\1")},
    "more columns": {
        b"T": lambda b: message(b"T", struct.pack("!H", struct.unpack("!H", b[:2])[0] + 1) + b[2:] + b"x\0" + bytes(18)),
        b"D": lambda b: row(fields(b) + [b"1"]),
    },
    "no columns": {b"T": lambda b: message(b"T", b"\0\0"), b"D": lambda b: row([])},
}
# Wrong, and of no consequence: nobody reads it.
HARMLESS = {
    "other types": {b"T": lambda b: columns(b, lambda n, f: n + f[:6] + b"\x7f\xff\xff\xfe" + f[10:])},
    "no names": {b"T": lambda b: columns(b, lambda n, f: b"\0" + f)},
}


class Proxy:
    """Spoils message `at` of the server in one way, once; or answers of a kind, always."""

    def __init__(self, upstream, at=None, spoil=None, lies=None):
        self.upstream, self.at, self.spoil, self.lies = upstream, at, spoil, lies or {}
        self.seen, self.spoilt, self.lock = 0, False, threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.upstream)
            threading.Thread(target=self.forward, args=(client, server), daemon=True).start()
            threading.Thread(target=self.answer, args=(server, client), daemon=True).start()

    @staticmethod
    def forward(client, server):
        try:
            while data := client.recv(65536):
                server.sendall(data)
        except OSError:
            pass
        server.close()

    def answer(self, server, client):
        try:
            with server.makefile("rb") as stream:
                while (kind := stream.read(1)):
                    (size,) = struct.unpack("!I", stream.read(4))
                    if not self.pass_on(client, kind, stream.read(size - 4)):
                        break
        except (OSError, struct.error):
            pass
        try:
            client.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        client.close()
        server.close()

    def pass_on(self, client, kind, body):
        with self.lock:
            self.seen += 1
            hit = self.at == self.seen
            self.spoilt = self.spoilt or hit
        if hit:
            client.sendall(self.spoil(kind, body))
            return False
        # The session's own settings and its version are not lied about: there is nothing to see.
        lie = self.lies.get(kind) if self.seen > 40 else None
        client.sendall(lie(body) if lie else message(kind, body))
        return True


def run(command, proxy):
    env = {**os.environ, "PGHOST": "127.0.0.1", "PGPORT": str(proxy.port), "PGSSLMODE": "disable",
           "PGGSSENCMODE": "disable"}
    try:
        done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return "hung", b""
    finally:
        proxy.listener.close()
    return done.returncode, done.stderr


def judge(what, result, allowed):
    code, said = result
    if code not in allowed:
        return f"{what}: {code}: {said.decode(errors='replace')[-300:]}"
    if code == 1 and (b"vectorize: " not in said or len(said) < 30):
        return f"{what}: no sentence: {said.decode(errors='replace')}"
    return None


def main():
    upstream = (sys.argv[1], int(sys.argv[2]))
    command = sys.argv[3:]
    honest = Proxy(upstream)
    if run(command, honest)[0] != 0:
        sys.exit("the command fails by itself")
    length = honest.seen

    def broken(case):
        name, at = case
        return judge(f"{name} at message {at}", run(command, Proxy(upstream, at, BREAKS[name])), (0, 1))

    # Every way at a third of the messages; which third differs from way to way.
    cases = [(name, at) for i, name in enumerate(BREAKS) for at in range(1 + i % 3, length + 1, 3)]
    stride = max(1, len(cases) // int(os.environ.get("HOSTILE_CASES", "160")))
    cases = cases[::stride]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        wrong = [w for w in pool.map(broken, cases) if w]
    for name, lies in LIES.items():
        wrong.append(judge(name, run(command, Proxy(upstream, lies=lies)), (1,)))
    for name, lies in HARMLESS.items():
        wrong.append(judge(name, run(command, Proxy(upstream, lies=lies)), (0,)))
    wrong = [w for w in wrong if w]
    print("\n".join(wrong) or f"{len(cases) + len(LIES) + len(HARMLESS)} ways, {length} messages")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
