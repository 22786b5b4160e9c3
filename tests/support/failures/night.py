# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One playbook in which every task fails."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.support.failures import limited
from tests.support.failures.places import DISK, DISK_SIZE
from tests.support.failures.screen import run_in_terminal
from tests.support.failures.table import Failure

_FAILED = re.compile(r"^fatal: \[localhost\]: FAILED! => (.*)$", re.MULTILINE)
_TASK = re.compile(r"^TASK \[(.*?)\] \*+\n.*?(?=^TASK|^PLAY RECAP)", re.DOTALL | re.MULTILINE)
_WITHOUT_TASKS = re.compile(r".*?^localhost \| FAILED! => \{.*?^\}\n", re.DOTALL | re.MULTILINE)
_RECAP = re.compile(r"^PLAY RECAP.*", re.DOTALL | re.MULTILINE)


def run_all(
    failures: Mapping[str, Failure],
    variables: Mapping[str, Any],
    program: Path,
    folder: Path,
    env: Mapping[str, str],
) -> dict[str, str]:
    """Run a task for each failure, and return what a terminal shows of each, as if it were the last one."""
    tasks: list[dict[str, Any]] = [
        {"name": title, f"damops.elvis.{failure.module}": dict(failure.options), "ignore_errors": True}
        for title, failure in failures.items()
    ]
    play = {"hosts": "localhost", "gather_facts": False, "tasks": tasks}
    (folder / "night.yml").write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
    (folder / "variables.json").write_text(json.dumps(variables), encoding="utf-8")
    command = [program, "night.yml", "-e", "@variables.json"]
    disk = Path(variables["folder"], DISK)
    if limited.can_mount(disk):
        # Even root may not write everywhere then.
        command = [sys.executable, limited.__file__, disk, str(DISK_SIZE), *command]
    shown = run_in_terminal(command, folder, {**env, "ANSIBLE_NOCOLOR": "1"})
    recap = "".join(_RECAP.findall(shown))
    parts = [found[0] for found in _TASK.finditer(shown)] or _WITHOUT_TASKS.findall(shown)
    assert len(parts) == len(failures), shown
    return {title: part.replace("...ignoring\n", "") + recap for title, part in zip(failures, parts, strict=True)}


def message(screen: str) -> str:
    """Return the message of the result on a screen of the default callback."""
    found = _FAILED.search(screen)
    assert found, screen
    return str(json.loads(found[1])["msg"])
