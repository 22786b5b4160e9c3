# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast the emulated server answers, so that it is never what is measured elsewhere.

``python -m tests.bench.emulator [--against CHECKOUT]`` shows it alone, or beside the emulator of another checkout.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tests.bench.markdown import table as as_table
from tests.support.emulator import Emulator, start_emulator

OURS = "this checkout"
ASSETS = 10_000
ROUNDS = 5
CONNECTIONS = 2
FILE = os.urandom(4096)
BOUNDARY = "damops-elvis-bench"
HEADINGS = ("what", "a second", "a second of the server's processor", "to reach", "reached")
GIVE_UP_AFTER = 60.0

Requests = Iterator[bytes]


@dataclass(frozen=True)
class Workload:
    """Calls of one kind, made from the sender; `goal` is how many a second there are to be."""

    what: str
    goal: int
    count: int
    requests: Callable[[Sender], Requests]


@dataclass(frozen=True)
class Rate:
    """What came of one round."""

    per_second: float
    per_processor_second: float


class Sender:
    """Plain sockets with a request on its way on each of them: what a sender can do the least for."""

    def __init__(self, server: Emulator) -> None:
        address = urlsplit(server.url)
        self._process = server.process.pid
        self._host = address.netloc
        place = address.hostname or "", address.port or 0
        self._sockets = [socket.create_connection(place, GIVE_UP_AFTER) for _number in range(CONNECTIONS)]
        self.token = ""
        self.ids: list[str] = []
        self.paths: list[str] = []
        self._number = itertools.count()

    def close(self) -> None:
        for connection in self._sockets:
            connection.close()

    def log_in(self) -> None:
        self.token = str(
            json.loads(self.ask(self.form("apilogin", username="alice", password="wonderland")))["authToken"]
        )

    def fill(self) -> None:
        """Upload what all workloads but the first look into."""
        requests = uploads(self)
        while len(self.ids) < ASSETS:
            hit = json.loads(self.ask(next(requests)))
            self.ids.append(hit["id"])
            self.paths.append(hit["metadata"]["assetPath"])

    def form(self, service: str, token: str = "", **fields: str) -> bytes:
        return self.post(service, "application/x-www-form-urlencoded", urlencode(fields).encode(), token)

    def post(self, service: str, content_type: str, body: bytes, token: str = "") -> bytes:
        head = (
            f"POST /services/{service} HTTP/1.1\r\nHost: {self._host}\r\n"
            f"Authorization: Bearer {token or self.token}\r\n"
            f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def number(self) -> int:
        return next(self._number)

    def ask(self, request: bytes) -> bytes:
        self._sockets[0].sendall(request)
        return _answer(self._sockets[0])

    def measure(self, workload: Workload) -> Rate:
        """Send a workload, and tell how fast it was answered. Every failure ends it."""
        requests = list(itertools.islice(workload.requests(self), workload.count))
        before, processor = time.perf_counter(), _processor_seconds(self._process)
        waiting: list[socket.socket] = []
        for request, connection in zip(requests, itertools.cycle(self._sockets), strict=False):
            if len(waiting) == CONNECTIONS:
                _check(_answer(waiting.pop(0)))
            connection.sendall(request)
            waiting.append(connection)
        for connection in waiting:
            _check(_answer(connection))
        seconds = time.perf_counter() - before
        spent = _processor_seconds(self._process) - processor
        return Rate(workload.count / seconds, workload.count / max(spent, 0.01))


def uploads(sender: Sender) -> Requests:
    while True:
        number = sender.number()
        fields = {"assetPath": f"/Bench/{number % 100}/file {number}.jpg", "metadata": '{"rating": 3, "status": "new"}'}
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        start = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="Filedata"; filename="f.jpg"\r\n\r\n'
        body = "".join([*parts, start]).encode() + FILE + f"\r\n--{BOUNDARY}--\r\n".encode()
        yield sender.post("create", f"multipart/form-data; boundary={BOUNDARY}", body)


def searches(sender: Sender) -> Requests:
    for path in itertools.cycle(sender.paths):
        yield sender.form("search", q=f'assetPath:"{path}"')


def searches_for_a_hundred(values: Callable[[Sender], list[str]], field: str) -> Callable[[Sender], Requests]:
    def requests(sender: Sender) -> Requests:
        every = values(sender)
        for start in itertools.cycle(range(0, ASSETS - 100, 37)):
            yield sender.form(
                "search", q=" OR ".join(f'{field}:"{value}"' for value in every[start : start + 100]), num="100"
            )

    return requests


def arrays_of_updates(sender: Sender) -> Requests:
    for turn, start in enumerate(itertools.cycle(range(0, ASSETS - 100, 100))):
        rows = [{"id": asset, "metadata": {"status": f"turn {turn}"}} for asset in sender.ids[start : start + 100]]
        yield sender.post("updatebulk", "application/json", json.dumps(rows).encode())


def pages(sender: Sender) -> Requests:
    for start in itertools.cycle(range(0, ASSETS, 500)):
        yield sender.form("search", q='ancestorPaths:"/Bench"', sort="assetPath", start=str(start), num="500")


UPLOADS = Workload("uploads of 4 kB", 0, 500, uploads)
LOGINS = "logins with their logouts"
WORKLOADS = (
    Workload("searches for a path", 300, 500, searches),
    Workload("searches for a hundred paths", 100, 50, searches_for_a_hundred(lambda sender: sender.paths, "assetPath")),
    Workload("searches for a hundred ids", 100, 50, searches_for_a_hundred(lambda sender: sender.ids, "id")),
    Workload("`updatebulk` arrays of 100 rows", 100, 50, arrays_of_updates),
    Workload("pages of 500 hits", 25, 20, pages),
)


def measure_logins(sender: Sender, server: Emulator, count: int = 300) -> Rate:
    """Log in and out again and again; a pair counts as one, and has one connection as the one needs the other."""
    before, processor = time.perf_counter(), _processor_seconds(server.process.pid)
    request = sender.form("apilogin", username="alice", password="wonderland")
    for _turn in range(count):
        token = json.loads(sender.ask(request))["authToken"]
        _check(sender.ask(sender.form("logout", token)))
    seconds = time.perf_counter() - before
    return Rate(count / seconds, count / max(_processor_seconds(server.process.pid) - processor, 0.01))


def measure(servers: dict[str, Emulator], rounds: int = ROUNDS) -> dict[str, dict[str, list[Rate]]]:
    """Return the rates by server and workload, a rate a round; the servers take turns."""
    measured: dict[str, dict[str, list[Rate]]] = {name: {} for name in servers}
    senders = {name: Sender(server) for name, server in servers.items()}
    for sender in senders.values():
        sender.log_in()
        sender.fill()
    for _round in range(rounds):
        for name, sender in senders.items():
            rates = measured[name]
            rates.setdefault(UPLOADS.what, []).append(sender.measure(UPLOADS))
            rates.setdefault(LOGINS, []).append(measure_logins(sender, servers[name]))
            for workload in WORKLOADS:
                rates.setdefault(workload.what, []).append(sender.measure(workload))
    for sender in senders.values():
        sender.close()
    return measured


def table(measured: dict[str, list[Rate]]) -> str:
    """Return what was measured as a table in Markdown."""
    goals = {LOGINS: 700} | {workload.what: workload.goal for workload in WORKLOADS}
    rows = []
    for what, rates in measured.items():
        rate = statistics.median(rate.per_second for rate in rates)
        spent = statistics.median(rate.per_processor_second for rate in rates)
        goal = goals.get(what)
        reached = "" if goal is None else ("yes" if rate >= goal else "**no**")
        rows.append((what, f"{rate:,.0f}", f"{spent:,.0f}", f"{goal:,}" if goal else "(reported)", reached))
    return as_table([HEADINGS, *rows])


def comparison(ours: dict[str, list[Rate]], others: dict[str, list[Rate]]) -> str:
    """Return our rates as a share of those of another checkout, by the clock and by the server's processor."""
    rows = [
        (
            what,
            f"{_median(rates, 'per_second') / _median(others[what], 'per_second'):.2f}",
            f"{_median(rates, 'per_processor_second') / _median(others[what], 'per_processor_second'):.2f}",
        )
        for what, rates in ours.items()
    ]
    return as_table([("what", "a second", "a second of the server's processor"), *rows])


def _median(rates: list[Rate], name: str) -> float:
    return float(statistics.median(getattr(rate, name) for rate in rates))


def _check(body: bytes) -> None:
    assert b'"errorcode"' not in body, body[:500]


def _answer(connection: socket.socket) -> bytes:
    """Read one response that tells its length."""
    received = bytearray()
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += _some(connection)
    head = bytes(received[:end]).lower()
    assert head.startswith(b"http/1.1 200"), head
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
    while len(received) < end + 4 + length:
        received += _some(connection)
    return bytes(received[end + 4 :])


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(1 << 18)
    assert data, "the server has closed the connection"
    return data


def _processor_seconds(process: int) -> float:
    """Return what a process used so far, which tells more than a clock when the machine has other work too."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.emulator", description="Measure the emulated server.")
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="another checkout; the servers take turns")
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N", help="default: %(default)s")
    given = parser.parse_args()
    with ExitStack() as running:
        servers = {OURS: running.enter_context(start_emulator())}
        if given.against:
            servers[str(given.against)] = running.enter_context(start_emulator(root=given.against))
        measured = measure(servers, given.rounds)
        for name, rates in measured.items():
            print(f"{name}\n\n{table(rates)}\n")
        if given.against:
            print(f"ours as a share of the other's\n\n{comparison(measured[OURS], measured[str(given.against)])}\n")


if __name__ == "__main__":
    main()
