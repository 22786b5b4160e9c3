# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where rulebooks can't be run, their tests say why."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import rulebook
from tools.programs import Skipped


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (None, "needs Java 17, and there is none"),
        ('openjdk version "11.0.2" 2019-01-15', '17 or newer, and this one is: openjdk version "11.0.2"'),
        ('java version "1.8.0_392"', '17 or newer, and this one is: java version "1.8.0_392"'),
        ("The operation could not be completed.", "17 or newer, and this one is: The operation"),
        ("", "17 or newer, and this one is: it says nothing"),
    ],
)
def test_without_a_java_that_is_new_enough(
    told: str | None, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if told is not None:
        java = tmp_path / "java"
        java.write_text(f"#!/bin/sh\nprintf '%s\\n' '{told}' >&2\n", encoding="utf-8")
        java.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Skipped, match=reason.replace("(", r"\(")):
        rulebook.program()


def test_without_an_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java = tmp_path / "java"
    java.write_text("#!/bin/sh\necho 'openjdk version \"21\"' >&2\n", encoding="utf-8")
    java.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(rulebook, "FOLDER", tmp_path / "venv")
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    with pytest.raises(Skipped, match="ansible-rulebook can't be had here: ERROR: "):
        rulebook.program()
