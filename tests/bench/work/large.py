# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Large files: how near their sending comes to curl's, and whether they come back as they went."""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench import runs
from tests.bench.work.files import sparse
from tests.bench.work.sides import Collection
from tests.support.emulator import start_emulator
from tools.collection import ROOT

COUNT, SIZE = 10, 1 << 30
"""Ten files of 1 GiB, and one of them there and back."""
CURL = "curl"


@contextmanager
def sink(*certificate: str) -> Iterator[str]:
    """Run a server that counts bytes and throws them away, with TLS if it has a certificate; give its address."""
    command = [sys.executable, "-m", "tests.bench.work.sink", *certificate]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin
        assert process.stdout
        yield process.stdout.readline().strip()
        process.stdin.close()


def send(program: Path, collections: Path, place: Path, bundle: Path, size: int = SIZE) -> dict[str, float]:
    """Send files to the sink; return the seconds by who did it, and the collection's peak memory in bytes."""
    folder = sparse(place / "large", COUNT, size)
    # Whoever reads them first would also fill the system's cache, where there is room for them.
    for path in folder.iterdir():
        _read(path)
    measured = {}
    with sink() as url:
        side = Collection(program, collections, url, place / "collection-large", bundle)
        measured["the collection"] = side.time("upload", None, src=str(folder))
        measured["memory"] = side.peak_memory("upload", None, src=str(folder))
        measured["memory of a start"] = side.peak_memory("start", None)
        if shutil.which(CURL):
            measured["curl --form"] = _curl(url, folder, "--form", "Filedata=@{}")
            measured["curl --upload-file"] = _curl(url, folder, "--upload-file", "{}", "--request", "POST")
    shutil.rmtree(folder)
    return measured


def _read(path: Path) -> None:
    with path.open("rb", buffering=0) as file:
        while file.read(1 << 18):
            pass


def _curl(url: str, folder: Path, *options: str) -> float:
    """Send each file by one call after the other, of one curl."""
    print(f"\rcurl: {options[0]:36}", end="", file=sys.stderr, flush=True)
    command: list[str | Path] = [CURL, "--silent", "--show-error", "--fail"]
    for number, path in enumerate(sorted(folder.iterdir())):
        command += ["--next"] * bool(number)
        command += ["--output", os.devnull, *(option.format(path) for option in options), f"{url}/services/create"]
    return runs.seconds(command, os.environ)


def there_and_back(program: Path, collections: Path, place: Path, bundle: Path, size: int = SIZE) -> dict[str, float]:
    """Bring one file to the emulated server and fetch it again; return the seconds, and whether it is the same."""
    folder = place / "one"
    folder.mkdir()
    with (folder / "large.bin").open("wb") as file:
        for _number in range(0, size, 1 << 20):
            file.write(os.urandom(1 << 20))
    with start_emulator() as server:
        side = Collection(program, collections, server.url, place / "collection-one", bundle)
        up = side.time("upload", None, src=str(folder))
        down = side.time("download", None)
    is_same = filecmp.cmp(folder / "large.bin", side.fetched / "large.bin", shallow=False)
    shutil.rmtree(folder)
    shutil.rmtree(side.fetched)
    return {"up": up, "down": down, "is the same": is_same}
