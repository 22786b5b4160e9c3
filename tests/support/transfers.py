# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs uploads and downloads, each with a look before it at what check mode says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._task.operation import Operation
from tests.support.assets import Dam
from tests.support.operations import run

OLD = 1_600_000_000
"""A date before anything was in a DAM."""
FOREKNOWN = ("changed", "counts", "reason", "folders", "put_away")
LISTS = ("created", "updated", "removed", "left_out", "failures")


def write(folder: Path, *names: str, **contents: str) -> None:
    """Write files that are older than anything in the DAM; what has no content of its own has its name for one."""
    for name, content in {**{name: name for name in names}, **contents}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        os.utime(path, (OLD, OLD))


def outcome(operation: Operation, dam: Dam, *, url: str | None = None, **options: Any) -> dict[str, Any]:
    """Return what a task returns, whether it fails or not.

    :param url: the address of a gateway in front of the server
    """
    session = {**dam.session, "server_url": url or dam.session["server_url"]}
    try:
        return run(operation, session=session, **options)
    except ElvisError as error:
        return error.as_result()


def both_ways(operation: Operation, dam: Dam, **options: Any) -> dict[str, Any]:
    """Run a task in check mode, and then for real: the first writes nothing, and says what the second does."""
    dam._elvis.forget_requests()
    said = outcome(operation, dam, check_mode=True, **options)
    assert [path for path in dam.writes() if "/file/" not in path] == []
    done = outcome(operation, dam, **options)
    for key in FOREKNOWN:
        assert said.get(key) == done.get(key), (key, said, done)
    for key in LISTS:
        assert _paths(said, key) == _paths(done, key), (key, said, done)
    return done


def _paths(result: dict[str, Any], key: str) -> list[str]:
    return [entry["path"] for entry in result.get(key, ())]
