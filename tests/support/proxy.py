# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts a real forward proxy as a process of its own, and tells what reached it.

It takes every name for this machine: a server of a test is reached through it as dam.example.com.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proxy import Proxy as ForwardProxy

from tests.support.proxy_recorder import VARIABLE

ROOT = Path(__file__).parents[2]
SECONDS_TO_STOP = 10
PLUGIN = "tests.support.proxy_recorder.Recorder"
USUAL = ("--hostname", "127.0.0.1", "--port", "0", "--num-workers", "1", "--num-acceptors", "1")


@dataclass(frozen=True)
class Proxy:
    """A running proxy, and the file of what reached it."""

    port: int
    record: Path

    def url(self, user_info: str = "", scheme: str = "http") -> str:
        # urllib3 1 can't compare an IP address with the certificate of a proxy.
        host = "127.0.0.1" if scheme == "http" else "localhost"
        return f"{scheme}://{user_info and f'{user_info}@'}{host}:{self.port}"

    def take_requests(self) -> list[dict[str, Any]]:
        """Return what came since the last call: method, target, the names of headers."""
        lines = self.record.read_text(encoding="utf-8").splitlines()
        self.record.write_text("", encoding="utf-8")
        return [json.loads(line) for line in lines]


@contextmanager
def start_proxy(record: Path, *arguments: str) -> Iterator[Proxy]:
    """Run a proxy with these options of proxy.py's command line; stop it at the end, whatever happens."""
    record.touch()
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.proxy", *arguments],
        cwd=ROOT,
        env={**os.environ, VARIABLE: str(record)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout
            port = process.stdout.readline()
            assert port, "the proxy did not start"
            yield Proxy(int(port), record)
        finally:
            process.communicate(timeout=SECONDS_TO_STOP)


def main() -> None:
    """Serve until the standard input ends."""
    with ForwardProxy([*USUAL, "--log-level", "CRITICAL", "--plugins", PLUGIN, *sys.argv[1:]]) as proxy:
        print(proxy.flags.port, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
