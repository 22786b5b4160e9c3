# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders are there, or are not; what check mode says is what is done then."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam import asset_finder
from ansible_collections.damops.elvis.plugins.module_utils._operations.folder import OPERATION
from tests.support.assets import Dam
from tests.support.emulator import Emulator
from tests.support.gateway import Refusal, gateway_to
from tests.support.operations import fail, run, shown
from tests.support.scripted import HttpResponse, hang_up, json_reply, scripted_server


def folders(dam: Dam, path: str = "/") -> set[str]:
    """Return every folder below one."""
    found: set[str] = set()
    for entry in dam.post("browse", path=path, includeFolders="true", includeAsset="false"):
        found |= {entry["assetPath"], *folders(dam, entry["assetPath"])}
    return found


def both_ways(dam: Dam, **options: Any) -> dict[str, Any]:
    """Run a task in check mode, and then for real: the first writes nothing, and says what the second does."""
    before = folders(dam)
    checked = run(OPERATION, session=dam.session, check_mode=True, **options)
    assert (folders(dam), dam.writes()) == (before, [])
    done = run(OPERATION, session=dam.session, **options)
    assert {**checked, "msg": ""} == {**done, "msg": ""}
    return done


@pytest.mark.parametrize(
    ("present", "paths", "made"),
    [
        ([], ["/Zone"], [True]),
        (["/Zone"], ["/Zone"], [False]),
        (["/Zone"], ["/Zone/", "/Zone/a", "/Zone/b c/ü/&%+',=@~()[]{}!$"], [False, True, True]),
        ([], ["/Zone/a/b", "/Zone/a", "/Zone"], [True, True, True]),
        (["/Zone/Inbox"], ["/zone/INBOX"], [False]),
        ([], ["/Zone/a", "/Zone/a/"], [True]),
        ([], ["/"], [False]),
    ],
)
def test_present(dam: Dam, present: list[str], paths: list[str], made: list[bool]) -> None:
    dam.folder(*present, "/Other")
    dam._elvis.forget_requests()
    result = both_ways(dam, path=paths)

    assert result["changed"] is any(made)
    assert [folder["changed"] for folder in result["folders"]] == made
    assert {folder["path"].lower() for folder in result["folders"]} - {"/"} <= {path.lower() for path in folders(dam)}
    again = run(OPERATION, session=dam.session, path=paths)
    assert again["changed"] is False
    assert dam.writes() == ([f"{dam._elvis.prefix}/services/createFolder"] if any(made) else [])


def test_another_form_of_unicode_is_the_same_folder(dam: Dam) -> None:
    composed, decomposed = (unicodedata.normalize(form, "/Zone/Übung") for form in ("NFC", "NFD"))
    dam.folder(composed)
    assert run(OPERATION, session=dam.session, path=[decomposed])["changed"] is False


def test_an_asset_has_the_name(dam: Dam) -> None:
    dam.create("/Zone/a")
    for check_mode in (True, False):
        error = fail(OPERATION, session=dam.session, path=["/Zone/b", "/Zone/a"], check_mode=check_mode)
        assert error.reason == "conflict"
        assert "an asset has that path" in error.message
    assert folders(dam) == {"/Zone"}


def test_a_folder_that_can_not_be_made_fails_alone(dam: Dam) -> None:
    error = fail(OPERATION, session=dam.session, path=["/Users/bob/x", "/Zone/a"])
    assert error.reason == "forbidden"
    assert "make the folder /Users/bob/x" in error.message
    result = error.as_result()
    assert (result["changed"], result["folders"]) == (True, [{"path": "/Zone/a", "changed": True}])


@pytest.mark.parametrize(
    ("paths", "mistake"),
    [
        (["Zone"], "does not begin with a slash"),
        (["/Zone/a:b"], "has a:b, which has :"),
        (["/Zone", "/Zone/../x"], "has .., which is .."),
        ([], "names no folder"),
    ],
)
def test_what_is_no_path_is_refused_before_anything_is_sent(
    dam: Dam, one_elvis: Emulator, paths: list[str], mistake: str
) -> None:
    error = fail(OPERATION, session=dam.session, path=paths)
    assert (error.reason, one_elvis.requests()) == ("bad_request", [])
    assert mistake in error.message


@pytest.mark.parametrize(
    ("paths", "options", "expected"),
    [
        (["/Zone/empty"], {}, [{"path": "/Zone/empty", "changed": True, "assets": 0}]),
        (["/Zone/nothing", "/No/such"], {}, [{"path": p, "changed": False} for p in ("/Zone/nothing", "/No/such")]),
        (["/Zone/full"], {"recursive": True}, [{"path": "/Zone/full", "changed": True, "assets": 3}]),
        (
            ["/Zone/full", "/Zone/full/sub"],
            {"recursive": True},
            [{"path": "/Zone/full", "changed": True, "assets": 3}, {"path": "/Zone/full/sub", "changed": False}],
        ),
        (["/Zone/EMPTY"], {}, [{"path": "/Zone/EMPTY", "changed": True, "assets": 0}]),
    ],
)
def test_absent(dam: Dam, paths: list[str], options: dict[str, Any], expected: list[dict[str, Any]]) -> None:
    dam.folder("/Zone/empty", "/Zone/full/sub")
    for path in ("/Zone/full/a", "/Zone/full/sub/b", "/Zone/full/c.collection", "/Zone/fuller"):
        dam.create(path, None if path.endswith("collection") else b"x")
    dam._elvis.forget_requests()
    result = both_ways(dam, path=paths, state="absent", **options)

    assert result["folders"] == expected
    assert not folders(dam) & {path for path in paths if path.islower()}
    assert run(OPERATION, session=dam.session, path=paths, state="absent", **options)["changed"] is False
    assert "/Zone/fuller" in dam.metadata("*:*")


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("path", "message"),
    [("/Zone/full", "2 assets in it and in its sub-folders would go"), ("/Zone/deep", "0 assets in it")],
)
def test_a_folder_that_is_not_empty_needs_recursive(dam: Dam, path: str, message: str, check_mode: bool) -> None:
    dam.folder("/Zone/deep/er")
    dam.create("/Zone/full/a")
    dam.create("/Zone/full/sub/b")
    error = fail(OPERATION, session=dam.session, path=[path], state="absent", check_mode=check_mode)
    assert error.reason == "conflict"
    assert message in error.message
    assert path in folders(dam)


def test_what_somebody_works_on_is_not_removed(dam: Dam) -> None:
    ours, theirs = dam.create("/Zone/ours/a"), dam.create("/Zone/theirs/a")
    dam.post(f"checkout/{ours}")
    Dam(dam._elvis, "api", "api").post(f"checkout/{theirs}")
    error = fail(OPERATION, session=dam.session, path=["/Zone/theirs", "/Zone/ours"], state="absent", recursive=True)
    assert error.reason == "conflict"
    assert "/Zone/theirs/a is in it, and api has it checked out since" in error.message
    assert error.as_result()["folders"] == [{"path": "/Zone/ours", "changed": True, "assets": 1}]
    assert set(dam.metadata("*:*")) == {"/Zone/theirs/a"}


@pytest.mark.parametrize("path", ["/", "/Zone", "/Zone/"])
def test_the_root_and_a_zone_are_never_removed(dam: Dam, path: str) -> None:
    dam.folder("/Zone/a")
    error = fail(OPERATION, session=dam.session, path=["/Zone/a", path], state="absent", recursive=True)
    assert error.reason == "bad_request"
    assert "is never removed" in error.message
    assert folders(dam) == {"/Zone", "/Zone/a"}


def test_diff(dam: Dam) -> None:
    dam.folder("/Zone/a")
    made = run(OPERATION, session=dam.session, path=["/Zone/a", "/Zone/b"], diff=True)
    assert list(map(shown, made["diff"])) == [
        {
            "before_header": "/Zone/b",
            "after_header": "/Zone/b",
            "before": {"path": "/Zone/b", "state": "absent"},
            "after": {"path": "/Zone/b", "state": "present"},
        }
    ]
    assert run(OPERATION, session=dam.session, path=["/Zone/b"], diff=True)["diff"] == []


def test_a_simulated_session() -> None:
    session = {"server_url": "http://127.0.0.1:9", "auth_method": "bearer", "auth_token": "t", "simulated": True}
    result = run(OPERATION, session=session, path=["/Zone"], check_mode=True)
    assert (result["changed"], result["simulated"], result["folders"]) == (True, True, [])
    assert len(result["warnings"]) == 1


# --- Folders that are moved

OLD, NEW = "/Zone/Old", "/Zone/made/New"


@pytest.fixture
def old(dam: Dam) -> str:
    """A folder with three assets and an empty folder in it."""
    for path in (f"{OLD}/a", f"{OLD}/sub/b", f"{OLD}/c.collection"):
        dam.create(path, None if path.endswith("collection") else b"x")
    dam.folder(f"{OLD}/empty")
    dam._elvis.forget_requests()
    return OLD


@pytest.mark.parametrize("target", [NEW, "/Zone/New", "/Zone/OLD", "/Other/Old", "/Zone/Oldest"])
def test_a_folder_is_moved_with_all_that_is_in_it(dam: Dam, old: str, target: str) -> None:
    result = both_ways(dam, path=[target], moved_from=old)
    assert result["folders"] == [{"path": target, "changed": True, "moved_from": old, "assets": 3}]
    assert set(dam.ids()) == {f"{target}/{name}" for name in ("a", "sub/b", "c.collection")}
    assert {target, f"{target}/sub", f"{target}/empty"} <= folders(dam)
    assert old not in folders(dam)
    dam._elvis.forget_requests()
    again = both_ways(dam, path=[target], moved_from=old)
    assert (again["changed"], again["folders"]) == (False, [{"path": target, "changed": False}])


@pytest.mark.usefixtures("old")
def test_the_diff_of_a_move(dam: Dam) -> None:
    (diff,) = map(shown, run(OPERATION, session=dam.session, path=[NEW], moved_from=OLD, diff=True)["diff"])
    assert (diff["before"], diff["after"]) == ({"path": OLD}, {"path": NEW})
    assert run(OPERATION, session=dam.session, path=[NEW], moved_from=OLD, diff=True)["diff"] == []


def test_more_check_outs_below_than_one_search_returns(dam: Dam, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asset_finder, "MOST_HITS", 2)
    for number in range(3):
        dam.post(f"checkout/{dam.create(f'{OLD}/{number}/a.jpg')}")
    assert run(OPERATION, session=dam.session, path=[NEW], moved_from=OLD)["folders"][0]["assets"] == 3


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("options", "reason", "said"),
    [
        ({"path": ["/Zone/There"]}, "conflict", "/Zone/Old with 3 assets, and /Zone/There with 1 asset"),
        ({"path": ["/Zone/There/x"]}, "conflict", "an asset has the path /Zone/There/x"),
        ({"path": ["/Zone/There/x/New"]}, "conflict", "an asset has that path"),
        ({"path": [NEW], "moved_from": "/Zone/None"}, "not_found", "Neither /Zone/None nor /Zone/made/New"),
        ({"path": ["/Zone/Old/sub/deep"]}, "bad_request", "which is inside it"),
        ({"path": ["/Zone/OLD/sub"]}, "bad_request", "which is inside it"),
        ({"path": [OLD]}, "bad_request", "are one folder"),
        ({"path": ["/New"]}, "bad_request", "/New is a zone"),
        ({"path": ["/"]}, "bad_request", "/ is the DAM"),
        ({"path": [NEW], "moved_from": "/Zone"}, "bad_request", "/Zone is a zone"),
        ({"path": [NEW], "moved_from": "Old"}, "bad_request", "moved_from Old does not begin with a slash"),
        ({"path": [NEW, OLD]}, "bad_request", "exactly one path"),
        ({"path": [NEW], "state": "absent"}, "bad_request", "exactly one path"),
    ],
)
def test_what_is_not_moved(dam: Dam, check_mode: bool, options: dict[str, Any], reason: str, said: str) -> None:
    dam.create("/Zone/There/x")
    before = set(dam.ids())
    error = fail(OPERATION, session=dam.session, check_mode=check_mode, **{"moved_from": OLD, **options})
    assert (error.reason, said in error.message, set(dam.ids())) == (reason, True, before), error.message


def test_what_somebody_works_on_is_not_moved(dam: Dam, old: str) -> None:
    ids = dam.ids()
    dam.post(f"checkout/{ids[f'{old}/a']}")
    assert run(OPERATION, session=dam.session, path=[NEW], moved_from=old, check_mode=True)["changed"] is True
    Dam(dam._elvis, "api", "api").post(f"checkout/{ids[f'{old}/sub/b']}")
    for check_mode in (True, False):
        error = fail(OPERATION, session=dam.session, path=[NEW], moved_from=old, check_mode=check_mode)
        assert f"{old}/sub/b is in it, and api has it checked out since" in error.message
    assert set(dam.ids()) == set(ids)


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("fate", ["lose answer", "hang up"])
def test_the_answer_to_a_move_is_lost(dam: Dam, old: str, fate: Any) -> None:
    def decide(number: int, service: str) -> Any:
        return fate if (number, service) == (1, "move") else "pass"

    with gateway_to(dam._elvis.url, decide) as gateway:
        session = {**dam.session, "server_url": gateway.url}
        assert run(OPERATION, session=session, path=[NEW], moved_from=old, index_wait=0)["changed"] is True
        assert gateway.calls["move"] == (1 if fate == "lose answer" else 2)
    assert set(dam.ids()) == {f"{NEW}/{name}" for name in ("a", "sub/b", "c.collection")}


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"processedCount": 2, "errorCount": 1}, "1 asset in /Zone/Old could not be moved"),
        ({"processedCount": 3, "errorCount": 0}, "is not there"),
    ],
)
def test_a_server_that_does_not_move_it_all(dam: Dam, old: str, answer: dict[str, Any], said: str) -> None:
    reply = Refusal(200, {"Content-Type": "application/json"}, json.dumps(answer).encode())
    with gateway_to(dam._elvis.url, lambda _number, service: reply if service == "move" else "pass") as gateway:
        session = {**dam.session, "server_url": gateway.url}
        error = fail(OPERATION, session=session, path=[NEW], moved_from=old)
    assert (error.reason, said in error.message) == ("conflict", True), error.message


# --- Answers that are lost

EMPTY = json_reply(200, [])
ZONE = json_reply(200, [{"name": "a", "assetPath": "/Zone/a", "directory": True}])
NONE_FOUND = json_reply(200, {"totalHits": 0, "hits": []})
REMOVED = json_reply(200, {"processedCount": 1, "errorCount": 0})


@pytest.mark.parametrize(
    ("answers", "reason", "sent"),
    [
        ([hang_up, EMPTY], None, 1),
        ([hang_up, ZONE, REMOVED], None, 2),
        ([hang_up, ZONE, json_reply(200, {"errorcode": 403, "message": "no"})], "forbidden", 2),
        ([REMOVED], None, 1),
        ([json_reply(200, {"processedCount": 1, "errorCount": 1}), ZONE], "conflict", 1),
        (
            [json_reply(200, {"processId": "p"}), json_reply(200, {"state": "COMPLETE"})],
            None,
            1,
        ),
        ([json_reply(200, {"errorcode": 403, "message": "no"})], "forbidden", 1),
    ],
)
@pytest.mark.usefixtures("no_waiting")
def test_a_removal_is_sent_again_only_where_the_folder_is_there(
    answers: list[HttpResponse], reason: str | None, sent: int
) -> None:
    with scripted_server(ZONE, NONE_FOUND, EMPTY, *answers) as server:
        session = {"server_url": server.url, "auth_method": "bearer", "auth_token": "t", "username": "alice"}
        options: dict[str, Any] = {"session": session, "path": ["/Zone/a"], "state": "absent"}
        if reason:
            assert fail(OPERATION, **options).reason == reason
        else:
            assert run(OPERATION, **options)["changed"] is True
        assert [request.path for request in server.requests].count("/services/remove") == sent
