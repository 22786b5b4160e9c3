# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program: its options, its ready line, how it stops, how it takes load."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from tests.emulator.options import read_options

ROOT = Path(__file__).parents[3]


def run(*arguments):
    command = [sys.executable, "-m", "tests.emulator", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=10, check=False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stops_quickly_with_open_connections(start, number):
    emulator = start()
    assert re.fullmatch(r"Elvis emulator listening on http://127\.0\.0\.1:\d+", emulator.ready_line)
    emulator.get("/services/ping")
    began = time.monotonic()
    assert emulator.stop(number) == (0, "")
    assert time.monotonic() - began < 5


def test_stops_in_the_middle_of_a_call(start):
    emulator = start("--latency", "60000")
    with pytest.raises(requests.Timeout):
        emulator.get("/services/ping", timeout=0.1)
    assert emulator.stop()[0] == 0


def test_files_are_gone_at_exit(start, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    emulator = start()
    emulator.post("/services/create", files={"Filedata": ("a", b"x" * 100_000)}, headers=emulator.bearer())
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) == 100_000
    emulator.stop()
    assert list(tmp_path.iterdir()) == []


def test_unused_upload_is_deleted_at_once(start, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    emulator = start()
    emulator.post("/services/create", files={"Filedata": ("a", b"x" * 100_000)})
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_latency(start):
    emulator = start("--latency", "150")
    assert emulator.get("/services/ping").elapsed.total_seconds() >= 0.15


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl to make a certificate")
def test_tls(start, tmp_path):
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x"]
    make += ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    emulator = start("--tls-cert", str(certificate), "--tls-key", str(key))
    assert emulator.base.startswith("https://")
    assert emulator.get("/services/ping", verify=str(certificate)).json()["state"] == "running"


@pytest.mark.parametrize(
    "arguments", [["--user", "nocolon"], ["--port", "x"], ["--seats", "0"], ["--tls-key", "k"], ["--errors", "no"]]
)
def test_wrong_options_are_refused(arguments, capsys):
    with pytest.raises(SystemExit) as left:
        read_options(arguments)
    assert left.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_used_port_is_told(shared):
    done = run("--port", str(shared.address[1]))
    assert (done.returncode, done.stdout) == (1, "")
    assert "can't start" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_tells_the_default_accounts(capsys):
    with pytest.raises(SystemExit):
        read_options(["--help"])
    assert "alice:wonderland" in capsys.readouterr().out


def test_a_thousand_sessions_live(start):
    emulator = start("--seats", "1000")
    headers = [emulator.bearer() for _ in range(1000)]
    assert len(emulator.observe("sessions")) == 1000
    assert all("totalHits" in emulator.get("/services/search", headers=headers[n]).json() for n in (0, 500, 999))
