# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the rulebook of examples/eda as its page says, and sends it events of its own."""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
import signal
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.integration.support import BIN, environment_for
from tests.support.emulator import ROOT, Emulator

EXAMPLE = ROOT / "examples/eda"
SECONDS_TO_START = 60
SECONDS_TO_ACT = 120
WINDOW = "10 seconds"
"""How long the rules of the example collect."""


@dataclass(frozen=True)
class Station:
    """What it takes to start a rulebook. The folder is for copies of the example."""

    program: Path
    collections: Path
    folder: Path
    certificate: str
    key: str
    ca: str


class Listener:
    """A copy of the example, for one server."""

    def __init__(self, station: Station, server: Emulator) -> None:
        self.station = station
        self.server = server
        self.folder = station.folder / f"{time.monotonic_ns()}"
        shutil.copytree(EXAMPLE, self.folder)
        self.port = _free_port()
        self.dest = self.folder / "fetched"
        self.log = self.folder / "rulebook.log"
        self._process: subprocess.Popen[bytes] | None = None
        variables = {
            **yaml.safe_load((EXAMPLE / "vars.yml").read_text(encoding="utf-8")),
            "listen_host": "127.0.0.1",
            "listen_port": self.port,
            "listen_certificate": station.certificate,
            "listen_key": station.key,
            "final_dest": str(self.dest),
            "overnight_report": str(self.folder / "overnight.csv"),
        }
        (self.folder / "vars.yml").write_text(yaml.safe_dump(variables), encoding="utf-8")

    @property
    def address(self) -> str:
        return f"https://localhost:{self.port}/elvis"

    @property
    def secret(self) -> str:
        """The key of the signatures, as `register.yml` left it."""
        return (self.folder / "webhook.env").read_text(encoding="utf-8").partition("=")[2].rstrip("\n")

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def change(self, name: str, before: str, after: str) -> None:
        """Change a file of the example, for this run."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after), encoding="utf-8")

    def hurry(self) -> None:
        """Let rules collect for two seconds, and playbooks look again after one."""
        self.change("rulebook.yml", f"once_after: {WINDOW}", "once_after: 2 seconds")
        for name in ("final.yml", "uploaded.yml"):
            self.change(name, "index_lag: 15", "index_lag: 1")

    def register(self) -> None:
        """Run the playbook that registers the webhook."""
        environment = {**self._environment(), "ELVIS_USERNAME": "admin", "ELVIS_PASSWORD": "changemenow"}
        command: list[str | Path] = [
            BIN / "ansible-playbook",
            self.folder / "register.yml",
            "-e",
            f"url={self.address}",
        ]
        done = subprocess.run(
            command, cwd=self.folder, env=environment, check=False, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert self.secret not in done.stdout + done.stderr
        assert "admin" not in [session["user"] for session in self.server.sessions()]

    def start(self, key: str | None = None) -> None:
        """Register the webhook, start the rulebook, and wait until it listens and has looked what there is to do.

        :param key: what the rulebook is given to check signatures with, instead of the webhook's own
        """
        self.register()
        self.server.forget_requests()
        options = ["--rulebook", "rulebook.yml", "--inventory", "inventory.yml", "--vars", "vars.yml"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [self.station.program, *options, "--env-vars", "ELVIS_WEBHOOK_SECRET", "--shutdown-delay", "1"],
                cwd=self.folder,
                env={**self._environment(), "ELVIS_WEBHOOK_SECRET": self.secret if key is None else key},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        # Three rules look at the start.
        self.wait_until(lambda: self.logins() == 3 and self.is_idle())
        self.server.forget_requests()

    def stop(self) -> None:
        """End the rulebook, and see that it left no session."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        assert self.secret not in self.said

    def send(self, key: str | None, body: bytes | None = None, **event: Any) -> tuple[int, float]:
        """Send an event as the server does; return the status of the answer, and the seconds that it took."""
        data = body or json.dumps({"timestamp": 1, "metadata": {}, **event}).encode()
        headers = {"Content-Type": "application/json"}
        if key is not None:
            headers["x-hook-signature"] = hmac.new(key.encode(), data, hashlib.sha256).hexdigest()
        request = urllib.request.Request(self.address, data, headers)
        context = ssl.create_default_context(cafile=self.station.ca)
        handlers = urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        begin = time.monotonic()
        try:
            with urllib.request.build_opener(*handlers).open(request, timeout=30) as reply:
                status = reply.status
        except urllib.error.HTTPError as error:
            status = error.code
        return status, time.monotonic() - begin

    def logins(self) -> int:
        return sum(request["path"].endswith("/services/apilogin") for request in self.server.requests())

    def events(self, action: str) -> list[dict[str, Any]]:
        """Return what happened on the server."""
        events: list[dict[str, Any]] = self.server._observe("events")
        return [event for event in events if event["action"] == action]

    def fetched(self) -> set[str]:
        return {path.name for path in self.dest.rglob("*.txt")}

    def is_idle(self) -> bool:
        """Tell whether no playbook is in a session of its own."""
        return not any(session["user"] == "alice" for session in self.server.sessions())

    def wait_until(self, is_so: Callable[[], bool], seconds: float = SECONDS_TO_ACT) -> None:
        """Wait until something is so, or fail with all that the rulebook said."""
        end = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < end, self.said
            assert self._process is None or self._process.poll() is None, self.said
            time.sleep(0.2)

    def wait_for_runs(self, number: int, silence: float = 5) -> None:
        """Wait until playbooks have run so often, see that no further one follows, and count anew."""
        self.wait_until(lambda: self.logins() >= number and self.is_idle())
        assert self.wait_for_silence(silence) == number, self.said
        self.server.forget_requests()

    def wait_for_silence(self, seconds: float) -> int:
        """Wait until there was no login for so long, and return how many there were."""
        known, since = self.logins(), time.monotonic()
        end = since + 4 * SECONDS_TO_ACT
        while time.monotonic() - since < seconds or not self.is_idle():
            assert time.monotonic() < end, self.said
            time.sleep(0.5)
            if self.logins() != known:
                known, since = self.logins(), time.monotonic()
        return known

    def _environment(self) -> dict[str, str]:
        environment = environment_for(self.folder, self.station.collections)
        return {
            **environment,
            # It runs the ansible-playbook that it finds first.
            "PATH": f"{BIN}:{environment['PATH']}",
            "ELVIS_SERVER_URL": self.server.url,
            "ELVIS_USERNAME": "alice",
            "ELVIS_PASSWORD": "wonderland",
            "ANSIBLE_CALLBACKS_ENABLED": "damops.elvis.session_guard",
        }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
