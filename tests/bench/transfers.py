# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What files cost that go up to the server and come down again, a small one and a large one."""

from __future__ import annotations

from pathlib import Path

from tests.bench.scenarios import Scenario, Task, login_and_logout

SMALL, LARGE = 1 << 20, 1 << 30
"""Bytes."""


def transfers(url: str, folder: Path) -> dict[tuple[str, int], Scenario]:
    """Return the playbooks, by direction and size; what comes down went up before. The files lie in a folder."""
    return {
        (direction, size): Scenario(_session(url, work(folder, size)))
        for size in (SMALL, LARGE)
        for direction, work in (("up", _up), ("down", _down))
    }


def _session(url: str, work: list[Task]) -> list[Task]:
    login, logout = login_and_logout(url)
    return [login, *work, logout]


def _up(folder: Path, size: int) -> list[Task]:
    source = folder / f"{size}.bin"
    with source.open("wb") as file:
        file.truncate(size)
    asset = {"form": {"assetPath": f"/{size}/file.bin"}, "files": {"Filedata": str(source)}}
    return [_request(path="services/create", method="POST", **asset)]


def _down(folder: Path, size: int) -> list[Task]:
    find = _request(path="services/search", query={"q": f'folderPath:"/{size}"'})
    fetch = _request(path="{{ found.body.hits[0].originalUrl }}", dest=str(folder / f"{size}.fetched"))
    return [{**find, "register": "found"}, fetch]


def _request(**options: object) -> Task:
    return {"damops.elvis.elvis_request": {"session": "{{ elvis.session }}", **options}}
