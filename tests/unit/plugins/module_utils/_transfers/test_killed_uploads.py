# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Uploads that empty a drop folder are killed with SIGKILL: no file is gone, none is half, and the next run ends it.

`make kills` does so fifty times. KILLS says how often otherwise.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION
from tests.conftest import ROOT
from tests.support.assets import Dam
from tests.support.transfers import outcome, write_files
from tests.support.uploads import HERE

KILLS = int(os.environ.get("KILLS", "4"))
FILES = 60
LONGEST = 0.5
"""Seconds after which the last of them is killed."""
PROGRAM = """
import json, sys
import tests.conftest
from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION
from tests.support.operations import result_of
print("ready", flush=True)
result_of(OPERATION, tell=lambda line: None, **json.loads(sys.stdin.readline()))
"""


def run_and_kill(options: dict[str, Any], seconds: float) -> None:
    """Run an upload in a process of its own, and kill it so many seconds after it began."""
    command = [sys.executable, "-c", PROGRAM]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == "ready\n", process.communicate()
        process.stdin.write(json.dumps(options) + "\n")
        process.stdin.flush()
        time.sleep(seconds)
        process.kill()


def checksums_in(dam: Dam) -> dict[str, str]:
    found = dam.metadata(f'ancestorPaths:"{HERE}"')
    return {path.removeprefix(f"{HERE}/"): metadata["firstExtractedChecksum"] for path, metadata in found.items()}


def checksums_of(folder: Path) -> dict[str, str]:
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.jpg")}
    return {name: hashlib.md5(content, usedforsecurity=False).hexdigest() for name, content in files.items()}


@pytest.mark.parametrize("number", range(KILLS))
def test_a_killed_upload_loses_nothing(dam: Dam, src: Path, tmp_path: Path, number: int) -> None:
    done = tmp_path / "done"
    done.mkdir()
    write_files(src, {f"{place % 3}/{place:02}.jpg": f"content of {place}" * 500 for place in range(FILES)})
    expected = checksums_of(src)
    options: dict[str, Any] = {"session": dam.session, "src": str(src), "path": HERE}
    options |= {"uploaded": "move", "move_to": str(done)} if number % 2 else {"uploaded": "remove"}
    run_and_kill(options, LONGEST * number / KILLS)
    gone = expected.keys() - checksums_of(src).keys()
    stored = checksums_in(dam)
    assert {name: stored.get(name) for name in gone} == {name: expected[name] for name in gone}
    assert stored.items() <= expected.items()
    if number % 2:
        assert checksums_of(done).items() <= expected.items()
    result = outcome(OPERATION, dam, **{name: value for name, value in options.items() if name != "session"})
    assert (result.get("reason"), checksums_of(src), checksums_in(dam)) == (None, {}, expected)
    assert checksums_of(done) == (expected if number % 2 else {})
