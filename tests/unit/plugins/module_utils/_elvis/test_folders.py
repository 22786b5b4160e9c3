# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders: what became of those that were to be made, and what lies in them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.client import Client
from ansible_collections.damops.elvis.plugins.module_utils._elvis.folders import (
    Entry,
    browse,
    create_folders,
    find_folder,
)
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import ConnectionOptions
from tests.support.assets import Dam
from tests.support.emulator import Emulator
from tests.support.scripted import json_reply, scripted_server


def test_folders_are_made_with_those_on_the_way(dam: Dam) -> None:
    client = dam.client
    assert create_folders(client, ["/Zone/a/b", "/Zone/Ü ber"]) == {"/Zone/a/b": True, "/Zone/Ü ber": True}
    assert create_folders(client, ["/Zone/a", "/Zone/c"]) == {"/Zone/a": False, "/Zone/c": True}
    assert create_folders(client, []) == {}
    assert [find_folder(client, path) for path in ("/", "/Zone/a/b", "/Zone/a/x", "/nothing/at all")] == [
        "/",
        "/Zone/a/b",
        None,
        None,
    ]
    assert find_folder(client, "/Zone/A") == "/Zone/a"


def test_many_folders_take_a_call_for_a_hundred(dam: Dam, one_elvis: Emulator) -> None:
    outcomes = create_folders(dam.client, [f"/Zone/{number}" for number in range(205)])
    assert len(outcomes) == 205
    assert all(outcomes.values())
    assert len(one_elvis.requests()) == 3


def test_what_lies_in_a_folder(dam: Dam) -> None:
    dam.folder("/Zone/a/b")
    dam.create("/Zone/a/x.jpg")
    dam.create("/Zone/a/y.collection", None)
    folder, asset = Entry("b", "/Zone/a/b", True), Entry("x.jpg", "/Zone/a/x.jpg", False)
    assert browse(dam.client, "/Zone/a") == [folder]
    assert set(browse(dam.client, "/Zone/a", with_assets=True) or ()) > {folder, asset}
    assert browse(dam.client, "/Zone/a/b", with_assets=True) == []
    assert not browse(dam.client, "/Zone/nothing")


@pytest.mark.parametrize(
    ("asked", "answer", "expected"),
    [
        # The keys are normalised paths.
        (["/Z/a "], {"/Z/a": "created"}, {"/Z/a ": True}),
        (
            ["/Z/u\u0308", "/Z/A"],
            {"/Z/a": "already exists", "/Z/\u00fc": "created"},
            {"/Z/u\u0308": True, "/Z/A": False},
        ),
        (["/Z/a", "/Z/b"], {"/Z/1": "created", "/Z/2": "already exists"}, {"/Z/a": True, "/Z/b": False}),
        (["/Z/a", "/Z/a"], {"/Z/a": "created"}, {"/Z/a": True}),
    ],
)
def test_what_became_of_each_folder(asked: list[str], answer: Any, expected: dict[str, bool]) -> None:
    with scripted_server(json_reply(200, answer)) as server:
        assert create_folders(Client(server.url, ConnectionOptions(retries=0)), asked) == expected


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"/a": "access denied", "/b": "created"}, "forbidden"),
        ({"/a": "created", "/b": "name too long"}, "bad_request"),
        ({"/a": "created"}, "bad_response"),
        ({}, "bad_response"),
        ([], "bad_response"),
        ("created", "bad_response"),
    ],
)
def test_folders_that_could_not_be_made(answer: Any, reason: str) -> None:
    with scripted_server(json_reply(200, answer)) as server:
        with pytest.raises(ElvisError) as caught:
            create_folders(Client(server.url, ConnectionOptions(retries=0)), ["/a", "/b"])
        assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({}, "bad_response"),
        ([{"name": "a"}], "bad_response"),
        ([{"assetPath": "/a", "directory": "yes"}], "bad_response"),
        (["/a"], "bad_response"),
        ({"errorcode": 403, "message": "no"}, "forbidden"),
    ],
)
def test_what_can_not_be_listed(answer: Any, reason: str) -> None:
    with scripted_server(json_reply(200, answer)) as server:
        with pytest.raises(ElvisError) as caught:
            browse(Client(server.url, ConnectionOptions(retries=0)), "/a")
        assert caught.value.reason == reason


def test_a_folder_that_is_not_there() -> None:
    with scripted_server(json_reply(200, {"errorcode": 404, "message": "Folder not found"})) as server:
        assert browse(Client(server.url, ConnectionOptions(retries=0)), "/a") is None
