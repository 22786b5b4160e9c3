# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program: its options, its ready line, how it stops, how it takes load."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from elvis_emulator.options import read_options
from emulator.tests.client import Client, Start
from emulator.tests.running import FOLDER


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stops_with_open_connections(start: Start, number: signal.Signals) -> None:
    client = start()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", client.server.url)
    client.get("/services/ping")
    assert client.server.stop(number) == (0, "")


def test_stops_in_the_middle_of_a_call(start: Start) -> None:
    client = start("--latency", "60000")
    with pytest.raises(requests.Timeout):
        client.get("/services/ping", timeout=0.1)
    assert client.server.stop()[0] == 0


def test_stops_with_the_program_that_started_it() -> None:
    program = """if True:
        from emulator.tests.running import start_emulator
        with start_emulator() as server:
            print(server.url, flush=True)
            input()
    """
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=FOLDER.parent, stdin=pipe, stdout=pipe, text=True
    ) as starter:
        assert starter.stdout
        port = urlsplit(starter.stdout.readline().strip()).port
        assert port
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            starter.kill()
            assert connection.recv(1) == b""


def test_files_are_gone_at_exit(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    client = start()
    client.post("/services/create", files={"Filedata": ("a", b"x" * 100_000)}, headers=client.bearer())
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) == 100_000
    client.server.stop()
    assert list(tmp_path.iterdir()) == []


def test_unused_upload_is_deleted_at_once(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    client = start()
    client.post("/services/create", files={"Filedata": ("a", b"x" * 100_000)})
    # The small files of all assets have one place, which is there from the start.
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["small"]


def test_seed(start: Start, tmp_path: Path) -> None:
    (tmp_path / "Demo/empty").mkdir(parents=True)
    (tmp_path / "Demo/a b.txt").write_bytes(b"text")
    (tmp_path / "large.bin").write_bytes(b"x" * 100_000)
    (tmp_path / ".hidden").write_bytes(b"")
    client = start("--seed", str(tmp_path))
    header = client.bearer()
    hits = client.get("/services/search?q=*&sort=assetPath", headers=header).json()["hits"]
    assert [hit["metadata"]["assetPath"] for hit in hits] == ["/Demo/a b.txt", "/large.bin"]
    assert [client.http.get(hit["originalUrl"], headers=header, timeout=30).content for hit in hits] == [
        b"text",
        b"x" * 100_000,
    ]
    assert (hits[0]["metadata"]["textContent"], hits[1]["metadata"]["fileSize"]["value"]) == ("text", 100_000)
    assert client.get("/services/browse?path=/Demo", headers=header).json()[0]["name"] == "empty"
    # They are copies.
    assert client.post("/services/remove", data={"q": "*"}, headers=header).json()["processedCount"] == 2
    assert (tmp_path / "large.bin").exists()


def test_what_is_not_modelled_is_named_once(start: Start) -> None:
    client = start("--errors", "status")
    for _turn in range(2):
        assert client.post("/services/no/such?password=x").status_code == 404
    client.get("/services/checkout/x")
    assert [entry["modelled"] for entry in client.server.requests()] == [False, False, True]
    assert client.server.stop() == (0, "Not modelled, answered with 404: POST /services/no/such\n")


def test_latency(start: Start) -> None:
    client = start("--latency", "150")
    assert client.get("/services/ping").elapsed.total_seconds() >= 0.15


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl to make a certificate")
def test_tls(start: Start, tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x"]
    make += ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    client = start("--tls-cert", str(certificate), "--tls-key", str(key))
    assert client.server.url.startswith("https://")
    assert client.get("/services/ping", verify=str(certificate)).json()["state"] == "running"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--user", "nocolon"],
        ["--port", "x"],
        ["--seats", "0"],
        ["--tls-key", "k"],
        ["--errors", "no"],
        *[["--idle-timeout", "0"], ["--idle-timeout", "nan"], ["--token-lifetime", "inf"]],
    ],
)
def test_wrong_options_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        read_options(arguments)
    assert left.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_used_port_is_told(shared: Client) -> None:
    port = shared.server.url.rpartition(":")[2]
    command = [sys.executable, "-m", "elvis_emulator", "serve", "--port", port]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "can't start" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_tells_the_default_accounts(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_options(["--help"])
    assert "alice:wonderland" in capsys.readouterr().out


def test_a_thousand_sessions_live(start: Start) -> None:
    client = start("--seats", "1000")
    headers = [client.bearer() for dummy in range(1000)]
    assert len(client.server.sessions()) == 1000
    assert all("totalHits" in client.get("/services/search?q=x", headers=headers[n]).json() for n in (0, 500, 999))
