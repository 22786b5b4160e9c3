# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs uploads and downloads, each with a look before it at what check mode says."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.damops.elvis.plugins.module_utils._task.operation import Operation
from tests.support.assets import Dam
from tests.support.operations import result_of

OLD = 1_600_000_000
"""A date before anything was in a DAM."""
FOREKNOWN = ("changed", "counts", "reason", "folders", "put_away")
LISTS = ("created", "updated", "removed", "left_out", "failures")


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files that are older than anything in the DAM."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        os.utime(path, (OLD, OLD))


def write(folder: Path, *names: str, **contents: str) -> None:
    """Do as `write_files`; what has no content of its own has its name for one."""
    write_files(folder, {**{name: name for name in names}, **contents})


def outcome(operation: Operation, dam: Dam, *, url: str | None = None, **options: Any) -> dict[str, Any]:
    """Return what a task returns, whether it fails or not.

    :param url: the address of a gateway in front of the server
    """
    session = {**dam.session, "server_url": url or dam.session["server_url"]}
    return result_of(operation, **{"session": session, **options})


def both_ways(operation: Operation, dam: Dam, *, shown: Callable[[str], str] = str, **options: Any) -> dict[str, Any]:
    """Run a task in check mode, and then for real: the first writes nothing, and says what the second does.

    :param shown: what of a path must be the same in both
    """
    dam._elvis.forget_requests()
    said = outcome(operation, dam, check_mode=True, **options)
    assert dam.writes() == []
    done = outcome(operation, dam, **options)
    for key in FOREKNOWN:
        assert said.get(key) == done.get(key), (key, said, done)
    for key in LISTS:
        paths = [[shown(entry["path"]) for entry in result[key]] for result in (said, done)]
        assert paths[0] == paths[1], (key, said, done)
    return done
