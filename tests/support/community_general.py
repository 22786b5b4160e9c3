# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Callbacks of the collection community.general, which send what they can read of each task to a server of theirs.

They come with the package ``ansible`` of the index, which is fetched when a test wants them: of 50 MB some files stay.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tools.collection import CACHE

PACKAGE = "ansible==12.3.0 --hash=sha256:cd156f82fa87f7a899212b0efa9f7ca3a24d609212de9f78428a572eb01e5414"
FOLDER = CACHE / "community.general"
_PREFIX = "ansible_collections/community/general/"
_FILES = (
    *("MANIFEST.json", "meta/runtime.yml", "plugins/module_utils/datetime.py"),
    *(f"plugins/callback/{name}.py" for name in ("splunk", "sumologic")),
)


class NotFetched(Exception):
    """The package could not be had; the text says why."""


def fetch() -> Path:
    """Return the folder of collections that has the callbacks.

    :raises NotFetched: when they are not there, and the index can't be asked
    """
    stamp = FOLDER / ".complete"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != PACKAGE:
        with tempfile.TemporaryDirectory() as folder:
            _unpack(_download(Path(folder)))
        stamp.write_text(PACKAGE, encoding="utf-8")
    return FOLDER


def _download(folder: Path) -> Path:
    requirements = folder / "requirements.txt"
    requirements.write_text(PACKAGE, encoding="utf-8")
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps")
    done = subprocess.run(
        (*pip, "--only-binary", ":all:", "--require-hashes", "-r", requirements, "-d", folder),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise NotFetched(f"the package ansible can't be fetched: {done.stderr.strip().splitlines()[-1]}")
    (wheel,) = folder.glob("*.whl")
    return wheel


def _unpack(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for name in _FILES:
            archive.extract(_PREFIX + name, FOLDER)
