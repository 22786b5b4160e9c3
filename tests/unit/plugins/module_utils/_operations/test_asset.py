# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One asset: its file, its metadata, its path, and that it is not there."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.asset import OPERATION
from tests.support.assets import Dam
from tests.support.emulator import Emulator, start_emulator
from tests.support.gateway import Fate, Refusal, gateway_to
from tests.support.operations import result_of, run
from tests.support.transfers import outcome

PATH = "/Demo Zone/cover.jpg"


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "local.jpg"
    path.write_text("content")
    os.utime(path, (1_600_000_000, 1_600_000_000))
    return str(path)


def task(dam: Dam, **options: Any) -> dict[str, Any]:
    """Run the task, with a look before it at what check mode says."""
    options = {"session": dam.session, **options}
    dam._elvis.forget_requests()
    said = result_of(OPERATION, check_mode=True, **options)
    assert dam.writes() == []
    done = result_of(OPERATION, **options)
    for key in ("changed", "created", "changes", "compared_by", "reason"):
        assert said.get(key) == done.get(key), (key, said, done)
    return done


def unchanged(dam: Dam, **options: Any) -> dict[str, Any]:
    result = task(dam, **options)
    assert (result["changed"], result["changes"], dam.writes()) == (False, {}, []), result
    return result


def test_an_asset_with_its_file_and_metadata(dam: Dam, file: str) -> None:
    options = {"path": PATH, "file": file, "metadata": {"headline": "One", "tags": ["a", "b"], "credit": None}}
    result = task(dam, **options)
    assert (result["created"], result["asset"]["path"]) == (True, PATH)
    assert result["asset"]["metadata"]["headline"] == "One"
    assert result["changes"]["file"] == {"before": None, "after": file}
    (asset,) = dam.metadata(f'assetPath:"{PATH}"').values()
    assert (asset["headline"], asset["tags"]) == ("One", ["a", "b"])
    again = unchanged(dam, **options)
    assert (again["asset"]["id"], again["created"]) == (asset["id"], False)


@pytest.mark.parametrize(
    ("metadata", "changes"), [({}, {}), ({"headline": "One"}, {"headline": {"before": None, "after": "One"}})]
)
def test_what_somebody_else_was_faster_to_store_is_no_change(
    dam: Dam, file: str, metadata: dict[str, str], changes: dict[str, Any]
) -> None:
    def store_first(_count: int, service: str) -> Fate:
        if service == "create":
            dam.create(PATH, Path(file).read_bytes())
        return "pass"

    with gateway_to(dam._elvis.url, store_first) as gateway:
        result = outcome(OPERATION, dam, url=gateway.url, path=PATH, file=file, metadata=metadata)
    assert (result["changed"], result["created"], result["changes"]) == (bool(changes), False, changes)


@pytest.mark.parametrize("name", ["$HOME.jpg", "~.jpg", "~root", "${HOME}"])
def test_a_name_that_was_found_on_a_disk_is_taken_as_it_is(
    dam: Dam, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("HOME", "/nowhere")
    Path(file).rename(tmp_path / name)
    assert task(dam, path=PATH, file=str(tmp_path / name))["created"] is True
    unchanged(dam, path=PATH, file=str(tmp_path / name))


def test_a_path_in_the_words_of_a_shell_is_filled_in(
    dam: Dam, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for path in (f"~/{Path(file).name}", f"$HOME/{Path(file).name}"):
        assert task(dam, path=PATH, file=path)["changed"] is (path[0] == "~")


METADATA: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"headline": "Two"}, {"headline": {"before": "One", "after": "Two"}}),
    ({"headline": None}, {"headline": {"before": "One", "after": None}}),
    ({"tags": ["+c"]}, {"tags": {"before": ["a", "b"], "after": ["a", "b", "c"]}}),
    ({"headline": "-5 °C in Berlin"}, {"headline": {"before": "One", "after": "-5 °C in Berlin"}}),
    ({"credit": "+49 30 1234"}, {"credit": {"before": None, "after": "+49 30 1234"}}),
    ({"tags": "+c"}, {"tags": {"before": ["a", "b"], "after": "+c"}}),
    ({"tags": ["-a", "+c"]}, {"tags": {"before": ["a", "b"], "after": ["b", "c"]}}),
    ({"tags": ["b", "a"]}, {}),
    ({"headline": " One "}, {}),
    ({"headline": "One", "credit": ""}, {}),
    ({"caption": "a\nb"}, {"caption": {"before": None, "after": "a\nb"}}),
]


@pytest.mark.parametrize(("metadata", "changes"), METADATA)
def test_metadata_are_state(dam: Dam, metadata: dict[str, Any], changes: dict[str, Any]) -> None:
    dam.create(PATH, headline="One", tags=["a", "b"])
    result = task(dam, path=PATH, metadata=metadata)
    assert (result["changes"], result["changed"]) == (changes, bool(changes))
    unchanged(dam, path=PATH, metadata=metadata)


def test_another_file_is_a_new_version(dam: Dam, file: str) -> None:
    asset_id = dam.create(PATH, b"older", headline="One")
    result = task(dam, id=asset_id, file=file, metadata={"headline": "Two"})
    assert (sorted(result["changes"]), result["compared_by"]) == (["file", "headline"], "checksum")
    (asset,) = dam.metadata(f'assetPath:"{PATH}"').values()
    assert (asset["versionNumber"], asset["headline"], asset["id"]) == (2, "Two", asset_id)
    unchanged(dam, id=asset_id, file=file)


def test_a_collection_needs_no_file(dam: Dam) -> None:
    assert task(dam, path="/Demo Zone/issue.collection")["created"]
    unchanged(dam, path="/Demo Zone/issue.collection")


def test_a_new_path_moves(dam: Dam) -> None:
    dam.folder("/Demo Zone/Archive")
    asset_id = dam.create(PATH, headline="One")
    target = "/Demo Zone/Archive/cover.jpg"
    result = task(dam, id=asset_id, path=target, metadata={"headline": "Two"})
    assert result["changes"]["path"] == {"before": PATH, "after": target}
    assert {path: hit["headline"] for path, hit in dam.metadata(f"id:{asset_id}").items()} == {target: "Two"}
    unchanged(dam, id=asset_id, path=target)


def test_a_path_that_another_asset_has_is_no_place_to_move_to(dam: Dam) -> None:
    dam.create("/Demo Zone/other.jpg")
    result = task(dam, id=dam.create(PATH), path="/Demo Zone/other.jpg")
    assert (result["reason"], "another asset is" in result["msg"]) == ("conflict", True)


@pytest.mark.parametrize("by", ["id", "path"])
def test_an_asset_that_is_not_there(dam: Dam, by: str) -> None:
    asset_id = dam.create(PATH)
    which = {"id": asset_id} if by == "id" else {"path": PATH}
    result = task(dam, state="absent", **which)
    assert result["changes"] == {"state": {"before": "present", "after": "absent"}}
    assert dam.metadata(f'assetPath:"{PATH}"') == {}
    unchanged(dam, state="absent", **which)


def test_an_id_with_another_path_is_not_removed(dam: Dam) -> None:
    asset_id = dam.create(PATH)
    assert task(dam, id=asset_id, path="/Demo Zone/other.jpg", state="absent")["reason"] == "conflict"


def test_an_asset_on_the_level_of_zones_is_not_removed(dam: Dam) -> None:
    asset_id = dam.create("/top.jpg")
    result = task(dam, path="/top.jpg", state="absent")
    dam.post("remove", ids=asset_id)
    assert (result["reason"], "a zone is never removed" in result["msg"]) == ("bad_request", True)


@pytest.mark.parametrize(
    "options",
    [{"metadata": {"headline": "x"}}, {"state": "absent"}, {"file": "{file}"}],
    ids=["write", "remove", "file"],
)
def test_what_somebody_else_has_checked_out(one_elvis: Emulator, dam: Dam, file: str, options: dict[str, Any]) -> None:
    asset_id = dam.create(PATH, b"older")
    dam.post(f"checkout/{asset_id}")
    admin = Dam(one_elvis, "admin", "changemenow")
    given = {name: file if value == "{file}" else value for name, value in options.items()}
    result = task(admin, path=PATH, **given)
    assert (result["reason"], "alice has it checked out since" in result["msg"]) == ("conflict", True)
    assert task(admin, path=PATH, force=True, **given)["changed"]


@pytest.mark.parametrize("is_same", [True, False])
def test_our_own_check_out_ends_only_when_it_is_to(dam: Dam, file: str, is_same: bool) -> None:
    asset_id = dam.create(PATH, b"content" if is_same else b"older")
    dam.post(f"checkout/{asset_id}")
    result = task(dam, path=PATH, file=file)
    assert result["changed"] is not is_same
    (asset,) = dam.metadata(f'assetPath:"{PATH}"').values()
    assert asset["checkedOutBy"] == "alice"
    assert task(dam, path=PATH, file=file, check_in=True)["changes"]["checkedOutBy"] == {
        "before": "alice",
        "after": None,
    }
    (asset,) = dam.metadata(f'assetPath:"{PATH}"').values()
    assert not asset.get("checkedOutBy")
    unchanged(dam, path=PATH, file=file, check_in=True)


@pytest.mark.parametrize(
    ("options", "reason", "why"),
    [
        ({"path": PATH}, "not_found", "To make one, give file"),
        ({"id": "nobody"}, "not_found", "no asset with the id nobody"),
        ({"path": "cover.jpg", "file": "{file}"}, "bad_request", "does not begin with a slash"),
        ({"path": PATH, "file": "relative"}, "bad_request", "file must be an absolute path"),
        ({"path": PATH, "file": "/dev/null"}, "bad_request", "not a regular file"),
        ({"path": PATH, "state": "absent", "file": "{file}"}, "bad_request", "can't be used with file"),
        ({"path": PATH, "metadata": {"name": "x"}}, "bad_request", "kept by the server"),
    ],
)
def test_what_can_not_be_meant(
    dam: Dam, file: str, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], reason: str, why: str
) -> None:
    monkeypatch.setattr("ansible_collections.damops.elvis.plugins.module_utils._dam.index_lag.INDEX_LAG", 0)
    given = {name: file if value == "{file}" else value for name, value in options.items()}
    result = task(dam, **given)
    assert (result["reason"], why in result["msg"]) == (reason, True), result["msg"]
    assert dam.writes() == []


def test_a_file_that_is_missing(dam: Dam) -> None:
    options = {"session": dam.session, "path": PATH, "file": "/nowhere.jpg"}
    said = result_of(OPERATION, check_mode=True, **options)
    assert (said["changed"], said["warnings"]) == (
        True,
        ["/nowhere.jpg is not there: a run without check mode needs it."],
    )
    assert result_of(OPERATION, **options)["reason"] == "bad_request"


def test_a_simulated_session_sends_nothing(dam: Dam) -> None:
    session = {**dam.session, "auth_token": "simulated-by-check-mode", "simulated": True}
    result = run(OPERATION, check_mode=True, session=session, path=PATH)
    assert (result["simulated"], result["changed"], result["changes"]) == (True, True, {})
    assert dam._elvis.requests() == []


# --- A path that is none of an asset

FOLDER = "/Demo Zone/Nochnicht"
SLASHES = [f"{FOLDER}/", f"{FOLDER}//", f"{PATH}/"]


def with_values(options: dict[str, Any], asset_id: str, file: str) -> dict[str, Any]:
    values = {"id": asset_id, "file": file}
    return {name: values.get(name, value) for name, value in options.items()}


@pytest.mark.parametrize("path", SLASHES)
@pytest.mark.parametrize("options", [{"id": True}, {"file": True}, {"state": "absent"}], ids=str)
@pytest.mark.parametrize("check_mode", [False, True])
def test_a_slash_at_the_end_is_that_of_a_folder(
    dam: Dam, file: str, path: str, options: dict[str, Any], check_mode: bool
) -> None:
    asset_id = dam.create(PATH, b"mine")
    dam._elvis.forget_requests()
    given = with_values(options, asset_id, file)
    result = outcome(OPERATION, dam, check_mode=check_mode, path=path, **given)
    assert (result["reason"], dam._elvis.requests()) == ("bad_request", [])
    assert "ends in a slash" in result["msg"]
    assert list(dam.ids()) == [PATH]


@pytest.mark.parametrize("path", [FOLDER, FOLDER.upper(), "/Demo Zone"])
@pytest.mark.parametrize("options", [{"id": True}, {"file": True}, {"state": "absent"}], ids=str)
@pytest.mark.parametrize("check_mode", [False, True])
def test_a_path_that_is_a_folder(dam: Dam, file: str, path: str, options: dict[str, Any], check_mode: bool) -> None:
    asset_id = dam.create(PATH, b"mine")
    dam.folder(FOLDER)
    dam._elvis.forget_requests()
    given = with_values(options, asset_id, file)
    result = outcome(OPERATION, dam, check_mode=check_mode, path=path, **given)
    assert result["reason"] == "conflict", result
    assert "is a folder" in result["msg"]
    assert (dam.writes(), list(dam.ids())) == ([], [PATH])


@pytest.mark.parametrize("force", [False, True])
def test_what_was_done_before_a_failure_is_told(dam: Dam, force: bool) -> None:
    asset_id = dam.create("/Demo Zone/a/x.jpg", status="New")
    if force:
        Dam(dam._elvis, "api", "api").post(f"checkout/{asset_id}")
    refusal = Refusal(403, {}, b'{"errorcode": 403, "message": "No right"}')
    with gateway_to(dam._elvis.url, lambda _number, asked: refusal if asked == "update" else "pass") as gateway:
        # Only a superuser ends the check-out of another one.
        user = Dam(dam._elvis, "admin", "changemenow") if force else dam
        session = {**user.session, "server_url": gateway.url}
        options: dict[str, Any] = {"id": asset_id, "metadata": {"status": "Done"}, "force": force}
        failed = result_of(OPERATION, session=session, path="/Demo Zone/a/y.jpg", **options)
        again = result_of(OPERATION, session=session, path="/Demo Zone/a/y.jpg", **options)
    moved = {"path": {"before": "/Demo Zone/a/x.jpg", "after": "/Demo Zone/a/y.jpg"}}
    freed = {"checkedOutBy": {"before": "api", "after": None}} if force else {}
    assert (failed["reason"], failed["changed"], failed["changes"]) == ("forbidden", True, {**freed, **moved})
    assert (again["reason"], again.get("changed", False)) == ("forbidden", False)


def test_force_ends_a_check_out_after_the_asset_was_read_again() -> None:
    # A search that lags would show the check-out that has just ended, as a change of somebody else.
    aims = [{"path": "/Demo Zone/moved.jpg"}, {"state": "absent"}]
    with start_emulator("--index-delay", "300") as server:
        alice, admin = Dam(server), Dam(server, "admin", "changemenow")
        assets = [alice.create(f"/Demo Zone/{number}.jpg") for number in range(len(aims))]
        for asset_id in assets:
            alice.post(f"checkout/{asset_id}")
        while len(alice.metadata("checkedOutBy:*")) < len(assets):
            time.sleep(0.05)
        results = [outcome(OPERATION, admin, id=one, force=True, **aim) for one, aim in zip(assets, aims, strict=True)]
        assert [(result.get("reason"), result["changed"]) for result in results] == [(None, True)] * 2, results
        for dam in (alice, admin):
            dam.leave()
