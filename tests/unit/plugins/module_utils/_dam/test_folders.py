# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders: what became of those that were to be made, and what lies in them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam.folders import (
    FolderEntry,
    browse,
    find_folder,
    make_folders,
)
from ansible_collections.damops.elvis.plugins.module_utils._elvis.client import Client
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import ConnectionOptions
from tests.support.assets import Dam
from tests.support.emulator import Emulator
from tests.support.scripted import json_reply, scripted_server


def test_folders_are_made_with_those_on_the_way(dam: Dam) -> None:
    client = dam.client
    assert make_folders(client, ["/Zone/a/b", "/Zone/Ü ber"]) == (["/Zone/a/b", "/Zone/Ü ber"], {})
    assert make_folders(client, ["/Zone/a", "/Zone/c"]) == (["/Zone/c"], {})
    assert make_folders(client, []) == ([], {})
    assert [find_folder(client, path) for path in ("/", "/Zone/a/b", "/Zone/a/x", "/nothing/at all")] == [
        "/",
        "/Zone/a/b",
        None,
        None,
    ]
    assert find_folder(client, "/Zone/A") == "/Zone/a"


def test_many_folders_take_a_call_for_a_hundred(dam: Dam, one_elvis: Emulator) -> None:
    paths = [f"/Zone/{number}" for number in range(205)]
    assert make_folders(dam.client, paths) == (paths, {})
    assert len(one_elvis.requests()) == 3


def test_what_lies_in_a_folder(dam: Dam) -> None:
    dam.folder("/Zone/a/b")
    dam.create("/Zone/a/x.jpg")
    dam.create("/Zone/a/y.collection", None)
    folder, asset = FolderEntry("b", "/Zone/a/b", True), FolderEntry("x.jpg", "/Zone/a/x.jpg", False)
    assert browse(dam.client, "/Zone/a") == [folder]
    assert set(browse(dam.client, "/Zone/a", with_assets=True) or ()) > {folder, asset}
    assert browse(dam.client, "/Zone/a/b", with_assets=True) == []
    assert not browse(dam.client, "/Zone/nothing")


@pytest.mark.parametrize(
    ("asked", "answer", "new"),
    [
        # The keys are normalised paths.
        (["/Z/a "], {"/Z/a": "created"}, ["/Z/a "]),
        (
            ["/Z/u\u0308", "/Z/A"],
            {"/Z/a": "already exists", "/Z/\u00fc": "created"},
            ["/Z/u\u0308"],
        ),
        (["/Z/a", "/Z/b"], {"/Z/1": "created", "/Z/2": "already exists"}, ["/Z/a"]),
        (["/Z/a", "/Z/a"], {"/Z/a": "created"}, ["/Z/a"]),
    ],
)
def test_what_became_of_each_folder(asked: list[str], answer: Any, new: list[str]) -> None:
    with scripted_server(json_reply(200, answer)) as server:
        assert make_folders(Client(server.url, ConnectionOptions(retries=0)), asked) == (new, {})


@pytest.mark.parametrize(
    ("answer", "new", "reasons"),
    [
        ({"/a": "access denied", "/b": "created"}, ["/b"], {"/a": "forbidden"}),
        ({"/a": "created", "/b": "name too long"}, ["/a"], {"/b": "bad_request"}),
    ],
)
def test_folders_that_could_not_be_made(answer: Any, new: list[str], reasons: dict[str, str]) -> None:
    with scripted_server(json_reply(200, answer)) as server:
        made = make_folders(Client(server.url, ConnectionOptions(retries=0)), ["/a", "/b"])
    assert made.new == new
    assert {path: error.reason for path, error in made.failed.items()} == reasons


@pytest.mark.parametrize("answer", [{"/a": "created"}, {}, [], "created"])
def test_an_answer_that_does_not_tell_of_each_folder(answer: Any) -> None:
    with scripted_server(json_reply(200, answer)) as server:
        with pytest.raises(ElvisError) as caught:
            make_folders(Client(server.url, ConnectionOptions(retries=0)), ["/a", "/b"])
        assert caught.value.reason == "bad_response"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({}, "bad_response"),
        ([{"name": "a"}], "bad_response"),
        ([{"assetPath": "/a", "directory": "yes"}], "bad_response"),
        (["/a"], "bad_response"),
        ([{"assetPath": "/a", "directory": True}], "bad_response"),
        ([{"assetPath": "/a/", "directory": True}], "bad_response"),
        ([{"assetPath": "/", "directory": True}], "bad_response"),
        ([{"assetPath": "/b", "directory": True}], "bad_response"),
        ([{"assetPath": "/ab/c", "directory": True}], "bad_response"),
        ([{"assetPath": "a/b", "directory": True}], "bad_response"),
        ({"errorcode": 403, "message": "no"}, "forbidden"),
    ],
)
def test_what_can_not_be_listed(answer: Any, reason: str) -> None:
    with scripted_server(json_reply(200, answer)) as server:
        with pytest.raises(ElvisError) as caught:
            browse(Client(server.url, ConnectionOptions(retries=0)), "/a")
        assert caught.value.reason == reason


@pytest.mark.parametrize("path", ["/a/b", "/A/b", "/a/b/c", "/a /b"])
def test_what_lies_in_a_folder_may_be_spelled_as_the_server_does(path: str) -> None:
    with scripted_server(json_reply(200, [{"assetPath": path, "directory": True}])) as server:
        assert [entry.path for entry in browse(Client(server.url, ConnectionOptions(retries=0)), "/a") or ()] == [path]


def test_whether_it_is_a_folder_may_be_text() -> None:
    listed = [{"assetPath": f"/a/{word}", "directory": word} for word in ("true", "false")]
    with scripted_server(json_reply(200, listed)) as server:
        entries = browse(Client(server.url, ConnectionOptions(retries=0)), "/a")
    assert entries == [FolderEntry("true", "/a/true", True)]


def test_a_folder_that_is_not_there() -> None:
    with scripted_server(json_reply(200, {"errorcode": 404, "message": "Folder not found"})) as server:
        assert browse(Client(server.url, ConnectionOptions(retries=0)), "/a") is None
