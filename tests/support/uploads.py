# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs uploads to one folder, each with a look before it at what check mode says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION
from tests.support.assets import Dam
from tests.support.transfers import both_ways

HERE = "/Demo Zone/Inbox"


def upload(dam: Dam, src: Path | list[Path], **options: Any) -> dict[str, Any]:
    """Run the task, with a look before it at what check mode says."""
    sources = [str(path) for path in src] if isinstance(src, list) else str(src)
    return both_ways(OPERATION, dam, shown=_trimmed, **{"src": sources, "path": HERE, **options})


def _trimmed(path: str) -> str:
    """Return a path as a server may know it, which takes blanks off the ends of a name."""
    return "/".join(map(str.strip, path.split("/")))


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
