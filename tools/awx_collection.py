# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gets the collection awx.awx, which no Python package holds alone: it is in the wheel of the package ``ansible``.

That wheel is large, so it is fetched when it is asked for, once, and only this collection is taken out of it.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

from tools import pip
from tools.collection import CACHE, ROOT
from tools.programs import Skipped

LOCK = ROOT / "requirements/awx.txt"
FOLDER = CACHE / "awx"
MEMBERS = "ansible_collections/awx/awx/"
# Whoever has no index must not wait long for hearing that.
PATIENCE = "--retries=1", "--timeout=15"


def fetched() -> Path:
    """Return the folder of collections that has awx.awx, fetched when it is not there yet.

    :raises Skipped: when it can't be had here
    """
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    stamp = FOLDER / ".stamp"
    FOLDER.mkdir(parents=True, exist_ok=True)
    # Several processes run tests.
    with (FOLDER / ".lock").open("w", encoding="utf-8") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
            stamp.unlink(missing_ok=True)
            _fetch()
            stamp.write_text(wanted, encoding="utf-8")
    return FOLDER


def _fetch() -> None:
    python = Path(sys.executable)
    options = "--no-deps", "--require-hashes", "--ignore-requires-python", "--only-binary=:all:", *PATIENCE
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        done = pip.start(
            python,
            "download",
            "--quiet",
            *options,
            "--dest",
            folder,
            "--requirement",
            str(LOCK),
            environment=pip.environment(python),
        )
        if done.returncode:
            last = (done.stdout.strip() or "pip said nothing").splitlines()[-1]
            raise Skipped(f"The collection awx.awx can't be had here: {last}")
        (wheel,) = Path(folder).glob("*.whl")
        shutil.rmtree(FOLDER / "ansible_collections", ignore_errors=True)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(FOLDER, [name for name in archive.namelist() if name.startswith(MEMBERS)])
