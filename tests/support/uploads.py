# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs uploads to one folder, each with a look before it at what check mode says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION
from tests.support.assets import Dam
from tests.support.operations import run
from tests.support.transfers import OLD

HERE = "/Demo Zone/Inbox"


def write(folder: Path, files: dict[str, str | bytes]) -> None:
    """Write files that are older than anything in the DAM."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        os.utime(path, (OLD, OLD))


def upload(dam: Dam, src: Path | list[Path], **options: Any) -> dict[str, Any]:
    """Run the task, with a look before it at what check mode says."""
    sources = [str(path) for path in src] if isinstance(src, list) else str(src)
    options = {"session": dam.session, "src": sources, "path": HERE, **options}
    dam._elvis.forget_requests()
    said = outcome(options, check_mode=True)
    assert dam.writes() == []
    done = outcome(options)
    for key in ("changed", "counts", "folders", "put_away", "reason"):
        assert said.get(key) == done.get(key), (key, said, done)
    for key in ("created", "updated", "removed", "left_out", "failures"):
        assert paths(said[key]) == paths(done[key]), key
    return done


def paths(entries: list[dict[str, Any]]) -> list[str]:
    """Return the paths of entries; a server may take blanks off the ends of a name."""
    return ["/".join(map(str.strip, item["path"].split("/"))) for item in entries]


def outcome(options: dict[str, Any], check_mode: bool = False) -> dict[str, Any]:
    try:
        return run(OPERATION, check_mode=check_mode, **options)
    except ElvisError as error:
        return error.as_result()


def unchanged(dam: Dam, src: Path | list[Path], **options: Any) -> dict[str, Any]:
    """Run the task, which has nothing to do."""
    result = upload(dam, src, **options)
    assert (result["changed"], result.get("reason")) == (False, None), result
    assert dam.writes() == []
    return result


def names(result: dict[str, Any], key: str) -> list[str]:
    return [item["path"].removeprefix(f"{HERE}/") for item in result[key]]


def in_dam(dam: Dam) -> list[str]:
    return sorted(path.removeprefix(f"{HERE}/") for path in dam.metadata(f'ancestorPaths:"{HERE}"'))
