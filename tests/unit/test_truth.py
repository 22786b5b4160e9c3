# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lie of a task fails the test that runs it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from tests.support import truth
from tests.support.assets import Dam, logged_in
from tests.support.emulator import start_emulator
from tests.support.operations import run
from tests.support.transfers import write

HERE = "/Demo Zone/Inbox"
Lie = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture(scope="module")
def dam() -> Iterator[Dam]:
    with start_emulator() as emulator, logged_in(emulator) as dam:
        yield dam


LIES: list[tuple[str, Lie]] = [
    ("nothing has changed", lambda result: result | {"changed": False}),
    ("too few", lambda result: result | {"counts": result["counts"] | {"created": 1}}),
    ("too many", lambda result: result | {"counts": result["counts"] | {"updated": 1}}),
    ("another reason", lambda result: result | {"reason": "server"}),
    ("another message", lambda result: result | {"msg": "It failed."}),
    (
        "no failure",
        lambda result: result | {"counts": result["counts"] | {"failed": 1}, "failures": [], "reason": None},
    ),
]


@pytest.mark.parametrize("lie", [row[1] for row in LIES], ids=[row[0] for row in LIES])
def test_a_lie_fails(dam: Dam, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lie: Lie) -> None:
    dam.clear()
    write(tmp_path / "src", "a.jpg", "b.jpg", "c#.jpg")

    def work(call: Any) -> Any:
        try:
            return lie(truth.UPLOAD.work(call))
        except ElvisError as error:
            told = lie(error.as_result())
            lied = ElvisError(told["msg"], told["reason"])
            lied.done = {name: value for name, value in told.items() if name not in ("msg", "reason", "warnings")}
            raise lied from None

    liar = dataclasses.replace(truth.UPLOAD, work=work)
    monkeypatch.setattr(truth, "WRITERS", (liar,))
    monkeypatch.setattr(truth, "COUNTERS", (liar,))
    with pytest.raises(AssertionError):
        run(liar, session=dam.session, src=str(tmp_path / "src"), path=HERE)
    dam.clear()
    with pytest.raises(ElvisError):
        run(truth.UPLOAD, session=dam.session, src=str(tmp_path / "src"), path=HERE)


@pytest.mark.parametrize("told", [{"changed": False}, {"counts": {"created": 2}}, {"counts": {}}])
def test_a_lie_about_relations_fails(dam: Dam, monkeypatch: pytest.MonkeyPatch, told: dict[str, Any]) -> None:
    dam.clear()
    ends = {"from": dam.create("/Demo Zone/a.jpg"), "to": dam.create("/Demo Zone/b.jpg")}
    liar = dataclasses.replace(truth.RELATION, work=lambda call: truth.RELATION.work(call) | told)
    for name in ("WRITERS", "RELATORS"):
        monkeypatch.setattr(truth, name, (liar,))
    with pytest.raises(AssertionError):
        run(liar, session=dam.session, relations=[{"type": "related", **ends}])
    run(truth.RELATION, session=dam.session, relations=[{"type": "related", **ends}], state="absent")


def test_a_lie_about_a_webhook_fails(dam: Dam, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = truth.WEBHOOK
    liar = dataclasses.replace(honest, work=lambda call: honest.work(call) | {"changed": False})
    monkeypatch.setattr(truth, "WEBHOOK", liar)
    admin = Dam(dam._elvis, "admin", "changemenow")
    options = {"session": admin.session, "name": "liar", "url": "http://127.0.0.1:9/", "event_types": ["asset_create"]}
    with pytest.raises(AssertionError):
        run(liar, **options)
    admin.leave()


def test_a_check_that_writes_fails(dam: Dam, monkeypatch: pytest.MonkeyPatch) -> None:
    dam.clear()

    def work(call: Any) -> Any:
        call.check_mode = False
        return truth.FOLDER.work(call)

    liar = dataclasses.replace(truth.FOLDER, work=work)
    monkeypatch.setattr(truth, "WRITERS", (liar,))
    with pytest.raises(AssertionError):
        run(liar, check_mode=True, session=dam.session, path=[f"{HERE}/new"])
