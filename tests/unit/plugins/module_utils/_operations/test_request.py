# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One call to the emulated server: what is sent, what is returned, what check mode does."""

from __future__ import annotations

import json
import os
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam import processes
from ansible_collections.damops.elvis.plugins.module_utils._operations.login import OPERATION as LOGIN
from ansible_collections.damops.elvis.plugins.module_utils._operations.request import OPERATION
from tests.support.emulator import Emulator
from tests.support.operations import at, fail, run
from tests.support.scripted import (
    json_reply,
    scripted_server,
)

PAGE = "<html><head><title>Sign on</title></head></html>"
UNSENT = {"status": None, "body": None, "content_type": None, "response_headers": None}


@pytest.fixture(params=["bearer", "cookie"])
def session(request: pytest.FixtureRequest, elvis: Emulator) -> dict[str, Any]:
    """A session of the emulated server, of either kind; nothing else was asked for yet."""
    login = run(LOGIN, server_url=elvis.url, auth_method=request.param, username="alice", password="wonderland")
    elvis.forget_requests()
    found: dict[str, Any] = login["session"]
    return found


@pytest.fixture(autouse=True)
def no_pauses_between_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "FIRST_PAUSE", 0.01)


@pytest.fixture
def folder(session: dict[str, Any]) -> str:
    """A folder with five assets, 0.txt to 4.txt."""
    path = f"/{token_hex(4)}"
    for number in range(5):
        form = {"assetPath": f"{path}/{number}.txt"}
        run(OPERATION, session=session, path="services/create", method="POST", form=form)
    return path


# --- The emulated server


def test_a_read(elvis: Emulator, session: dict[str, Any]) -> None:
    result = run(OPERATION, session=session, path="services/search", query={"q": "id:0", "num": 0})
    assert result["body"] == {"firstResult": 0, "maxResultHits": 0, "totalHits": 0, "hits": [], "facets": {}}
    assert (result["changed"], result["status"], result["content_type"]) == (False, 200, "application/json")
    assert result["response_headers"]["content-type"].startswith("application/json")
    assert result["msg"] == f"GET {elvis.url}/services/search: HTTP 200."
    assert "warnings" not in result
    (seen,) = elvis.requests()
    assert (seen["method"], seen["query"], seen["form"]) == ("GET", ["q", "num"], [])


def test_a_change_brings_what_the_session_needs_for_it(elvis: Emulator, session: dict[str, Any]) -> None:
    first, second = (f"/Demo/{token_hex(4)}" for _time in range(2))
    options: dict[str, Any] = {"session": session, "path": "services/createFolder", "method": "POST"}
    result = run(OPERATION, **options, form={"path": [first, second]})
    assert (result["changed"], result["body"]) == (True, {first: "created", second: "created"})
    (seen,) = elvis.requests()
    assert (seen["form"], seen["query"]) == (["path", "path"], [])
    assert seen["carrier"] == ("bearer" if session["auth_method"] == "bearer" else "cookie")
    again = run(OPERATION, **options, form={"path": [first, second]})
    assert (again["changed"], again["body"]) == (False, {first: "already exists", second: "already exists"})
    denied = fail(OPERATION, **options, form={"path": [first, "/Users/bob/x"]})
    assert (denied.reason, denied.status) == ("forbidden", 200)
    assert "HTTP 200, but 1 of 2 folders could not be made: /Users/bob/x: access denied." in denied.message


@pytest.mark.parametrize(
    ("options", "content_type", "sent"),
    [
        ({"json": {"a": None, "b": [1, "ü"]}}, "application/json", b'{"a": null, "b": [1, "\\u00fc"]}'),
        ({"json": [{"a": 1}]}, "application/json", b'[{"a": 1}]'),
        ({"json": {}}, "application/json", b"{}"),
        ({"json": []}, "application/json", b"[]"),
        ({"json": 0}, "application/json", b"0"),
        ({"json": False}, "application/json", b"false"),
        ({"json": "a text"}, "application/json", b'"a text"'),
        ({"json": ' {"as":"it stands" }'}, "application/json", b' {"as":"it stands" }'),
        ({"json": '["ü"]'}, "application/json", '["ü"]'.encode()),
        ({"body": "Grüße\n"}, "text/plain; charset=utf-8", "Grüße\n".encode()),
        ({"body": "ü", "content_type": "text/csv; charset=ISO-8859-1"}, "text/csv; charset=ISO-8859-1", b"\xfc"),
        ({"body": "<a/>", "content_type": "application/xml"}, "application/xml", b"<a/>"),
        ({"body": 7}, "text/plain; charset=utf-8", b"7"),
        ({"body": ""}, "text/plain; charset=utf-8", b""),
    ],
)
def test_what_is_sent_as_it_is(options: dict[str, Any], content_type: str, sent: bytes) -> None:
    with scripted_server(json_reply(200, {})) as server:
        run(OPERATION, **at(server.url, path="services/update", method="POST", **options))
    (request,) = server.requests
    assert (request.headers["Content-Type"], request.body) == (content_type, sent)


def test_a_file_may_be_given_by_its_content(session: dict[str, Any], tmp_path: Path) -> None:
    name = f"{token_hex(4)}.txt"
    files = {"Filedata": {"content": "Grüße\n", "filename": name}}
    form = {"assetPath": f"/Demo Zone/{name}"}
    made = run(OPERATION, session=session, path="services/create", method="POST", form=form, files=files)
    assert made["body"]["metadata"]["filename"] == name
    run(OPERATION, session=session, path=made["body"]["originalUrl"], dest=str(tmp_path / name))
    assert (tmp_path / name).read_text(encoding="utf-8") == "Grüße\n"


def test_json_and_other_methods(session: dict[str, Any]) -> None:
    made = run(OPERATION, session=session, path="/api/folder", method="POST", json={"path": "/Json"})
    assert (made["status"], made["changed"], made["body"]["path"]) == (201, True, "/Json")
    one = f"/api/folder/{made['body']['id']}"
    put = run(OPERATION, session=session, path=one, method="PUT", json={"metadata": {"status": "New"}})
    assert put["body"]["metadata"]["status"] == "New"
    found = run(OPERATION, session=session, path="api/folder/get", query={"path": "/Json"})
    assert (found["changed"], found["body"]["id"]) == (False, made["body"]["id"])
    deleted = run(OPERATION, session=session, path=one, method="DELETE")
    assert (deleted["status"], deleted["body"], deleted["changed"]) == (200, put["body"], True)


def test_a_read_by_post_changes_nothing(session: dict[str, Any]) -> None:
    result = run(OPERATION, session=session, path="services/profile", method="POST")
    assert (result["changed"], result["body"]["username"]) == (False, "alice")


def test_a_text_is_returned_as_such(session: dict[str, Any]) -> None:
    result = run(OPERATION, session=session, path="alive.txt")
    assert (result["body"], result["content_type"]) == ("alive", "text/plain")


def test_a_token_alone_will_do(elvis: Emulator, session: dict[str, Any]) -> None:
    result = run(OPERATION, server_url=elvis.url, auth_token=session["auth_token"], path="alive.txt")
    assert result["body"] == "alive"


def test_an_error_in_a_200_is_one(session: dict[str, Any]) -> None:
    error = fail(OPERATION, session=session, path="services/search", query={"q": "name:("})
    assert error.reason == "bad_request"
    assert error.elvis_error is not None
    assert error.elvis_error["errorname"] == "QueryParseException"


def test_a_session_that_is_over_is_told_with_its_expiry(elvis: Emulator, session: dict[str, Any]) -> None:
    elvis.end_sessions()
    error = fail(OPERATION, session=session, path="alive.txt")
    assert error.reason == "not_logged_in"
    assert f"Its token would have expired at {session['expires_at']}." in error.message
    past = session | {"expires_at": "2020-01-02T03:04:05Z"}
    assert "expired at 2020-01-02T03:04:05Z" in fail(OPERATION, session=past, path="alive.txt").message
    from_token = session | {"expires_at": None}
    assert f"at {session['expires_at']}." in fail(OPERATION, session=from_token, path="alive.txt").message


def test_a_file_goes_up_and_comes_down(elvis: Emulator, session: dict[str, Any], tmp_path: Path) -> None:
    sent, fetched = tmp_path / "$HOME Größe 1.bin", tmp_path / "fetched.bin"
    sent.write_bytes(os.urandom(300_000))
    form = {"folderPath": f"/{token_hex(4)}", "metadata": json.dumps({"status": "New"}), "unused": None}
    files = {"Filedata": str(sent)}
    created = run(OPERATION, session=session, path="services/create", method="POST", form=form, files=files)
    assert created["changed"] is True
    metadata = created["body"]["metadata"]
    assert (metadata["name"], metadata["status"], metadata["fileSize"]["value"]) == (sent.name, "New", 300_000)
    assert elvis.requests()[0]["form"] == ["folderPath", "metadata", "Filedata"]

    url = created["body"]["originalUrl"]
    first = run(OPERATION, session=session, path=url, dest=str(fetched))
    assert (first["changed"], first["dest"], first["size"], first["body"]) == (True, str(fetched), 300_000, None)
    assert fetched.read_bytes() == sent.read_bytes()
    again = run(OPERATION, session=session, path=url, dest=str(fetched))
    assert (again["changed"], again["checksum"]) == (False, first["checksum"])


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("num", [1, 2, 5, None])
def test_all_hits_of_a_search(session: dict[str, Any], folder: str, method: str, num: int | None) -> None:
    parameters = {"q": f'folderPath:"{folder}"', "sort": "name", "num": num}
    told: list[str] = []
    carrier: dict[str, Any] = {"query": parameters} if method == "GET" else {"form": parameters}
    result = run(
        OPERATION, session=session, path="services/search", method=method, paginate=True, tell=told.append, **carrier
    )
    assert result["changed"] is False
    assert result["body"].keys() == {"totalHits", "hits"}
    assert result["body"]["totalHits"] == 5
    assert [hit["metadata"]["name"] for hit in result["body"]["hits"]] == [f"{number}.txt" for number in range(5)]
    assert told[-1] == "Read 5 of 5 hits"


def test_by_post_all_parameters_of_a_search_are_in_the_body() -> None:
    parameters = {"query": {"q": "x", "start": 1}, "form": {"num": 3}}
    with scripted_server(json_reply(200, {"totalHits": 0, "hits": []})) as server:
        run(OPERATION, **at(server.url, path="services/search", method="POST", paginate=True, **parameters))
    (request,) = server.requests
    assert (request.path, request.form) == ("/services/search", {"q": "x", "start": "1", "num": "3"})


def test_hits_go_to_a_file(session: dict[str, Any], folder: str, tmp_path: Path) -> None:
    dest = tmp_path / "hits.jsonl"
    options: dict[str, Any] = {"session": session, "path": "services/search", "paginate": True, "dest": str(dest)}
    query = {"q": f'folderPath:"{folder}"', "sort": "name", "num": 2}
    first = run(OPERATION, query=query, **options)
    hits = [json.loads(line) for line in dest.read_text().splitlines()]
    assert [hit["metadata"]["name"] for hit in hits] == [f"{number}.txt" for number in range(5)]
    assert (first["changed"], first["body"], first["size"]) == (True, {"totalHits": 5}, dest.stat().st_size)
    assert run(OPERATION, query=query, **options)["changed"] is False


def test_more_hits_than_wanted_are_not_written(session: dict[str, Any], folder: str, tmp_path: Path) -> None:
    dest = tmp_path / "hits.jsonl"
    query = {"q": f'folderPath:"{folder}"', "num": 2}
    options: dict[str, Any] = {
        "path": "services/search",
        "query": query,
        "paginate": True,
        "limit": 4,
        "dest": str(dest),
    }
    error = fail(OPERATION, session=session, **options)
    assert (error.reason, "finds 5 hits, and limit is 4" in error.message) == ("bad_request", True)
    assert list(tmp_path.iterdir()) == []


def test_a_process_is_waited_for(session: dict[str, Any], folder: str) -> None:
    form = {"q": f'folderPath:"{folder}"', "async": True}
    told: list[str] = []
    result = run(
        OPERATION, session=session, path="services/remove", method="POST", form=form, wait=True, tell=told.append
    )
    assert (result["changed"], result["body"]["state"], result["body"]["processedCount"]) == (True, "done", 5)
    assert told[0].startswith(f"Process {result['body']['processId']}: ")


def test_without_wait_a_process_goes_on(session: dict[str, Any], folder: str) -> None:
    form = {"q": f'folderPath:"{folder}"', "async": True}
    result = run(OPERATION, session=session, path="services/remove", method="POST", form=form)
    assert result["body"].keys() == {"processId"}


@pytest.mark.parametrize("wait", [False, True])
def test_what_failed_for_some_is_a_warning(session: dict[str, Any], wait: bool) -> None:
    form = {"ids": "nobody,knows", "async": wait}
    result = run(OPERATION, session=session, path="services/remove", method="POST", form=form, wait=wait)
    assert result["warnings"] == ["The server failed for 2 of the assets (errorCount)."]


@pytest.mark.parametrize("count", [0, None, "2", {"a": 1}])
def test_what_is_no_count_of_errors_is_no_warning(count: object) -> None:
    with scripted_server(json_reply(200, {"errorCount": count})) as server:
        assert "warnings" not in run(OPERATION, **at(server.url, path="services/search"))


def test_with_nothing_to_wait_for_the_answer_is_returned(session: dict[str, Any], folder: str) -> None:
    form = {"q": f'folderPath:"{folder}"'}
    result = run(OPERATION, session=session, path="services/remove", method="POST", form=form, wait=True)
    assert result["body"] == {"processedCount": 5, "errorCount": 0}


def test_a_process_is_waited_for_whose_id_is_a_number() -> None:
    with scripted_server(json_reply(200, {"processId": 123}), json_reply(200, {"state": "done"})) as server:
        run(OPERATION, **at(server.url, path="services/copy", method="POST"), wait=True)
    assert server.requests[1].form == {"processId": "123"}


def test_an_id_that_is_none_is_worth_a_warning() -> None:
    with scripted_server(json_reply(200, {"processId": ["abc"]})) as server:
        result = run(OPERATION, **at(server.url, path="services/copy", method="POST"), wait=True)
    assert result["warnings"] == ["Nothing was waited for: the processId that the server returned is not an id."]


@pytest.mark.parametrize("dest", [True, False], ids=["to a file", "as the result"])
@pytest.mark.parametrize(
    ("path", "answer", "reason"),
    [
        ("file/abc", {"errorcode": "404"}, "bad_response"),
        ("services/createFolder", {"/a": "access denied"}, "forbidden"),
    ],
)
def test_a_file_is_judged_like_any_answer(
    path: str, answer: dict[str, str], reason: str, dest: bool, tmp_path: Path
) -> None:
    where: dict[str, Any] = {"dest": str(tmp_path / "answer")} if dest else {}
    with scripted_server(json_reply(200, answer)) as server:
        assert fail(OPERATION, **at(server.url, path=path, method="POST"), **where).reason == reason
    assert list(tmp_path.iterdir()) == []


# --- Check mode


def test_check_mode_reads(session: dict[str, Any]) -> None:
    options: dict[str, Any] = {"session": session, "path": "services/search", "query": {"q": "id:0"}}
    real, checked = run(OPERATION, **options), run(OPERATION, check_mode=True, **options)
    assert {**real, "response_headers": None} == {**checked, "response_headers": None}


@pytest.mark.parametrize(
    ("path", "method", "options"),
    [
        ("services/remove", "POST", {"form": {"q": "*"}}),
        ("services/remove", "GET", {"query": {"q": "*"}}),
        ("/api/folder/abc", "DELETE", {}),
        ("services/updatebulk", "POST", {"form": {"q": "*", "async": True}, "wait": True}),
    ],
)
def test_check_mode_only_reports_a_change(
    elvis: Emulator, session: dict[str, Any], path: str, method: str, options: dict[str, Any]
) -> None:
    result = run(OPERATION, check_mode=True, session=session, path=path, method=method, **options)
    message = f"Check mode: nothing was sent; would call {method} {elvis.url}/{path.strip('/')}."
    assert result == {"changed": True, "msg": message, **UNSENT}
    assert elvis.requests() == []


def test_check_mode_compares_a_file_and_writes_nothing(session: dict[str, Any], folder: str, tmp_path: Path) -> None:
    dest = tmp_path / "hits.jsonl"
    query = {"q": f'folderPath:"{folder}"', "sort": "name"}
    options: dict[str, Any] = {
        "session": session,
        "path": "services/search",
        "query": query,
        "paginate": True,
        "dest": str(dest),
    }
    checked = run(OPERATION, check_mode=True, **options)
    assert (checked["changed"], dest.exists()) == (True, False)
    real = run(OPERATION, **options)
    assert (real["changed"], real["checksum"]) == (True, checked["checksum"])
    assert run(OPERATION, check_mode=True, **options)["changed"] is False


def test_what_check_mode_did_not_make_is_not_missed(elvis: Emulator, session: dict[str, Any], tmp_path: Path) -> None:
    dest = tmp_path / "made/by/an/earlier/task.txt"
    fetched = run(OPERATION, check_mode=True, session=session, path="alive.txt", dest=str(dest))
    assert (fetched["changed"], fetched["size"]) == (True, 5)
    elvis.forget_requests()
    options: dict[str, Any] = {"session": session, "path": "services/create", "method": "POST"}
    sent = run(OPERATION, check_mode=True, files={"Filedata": str(dest)}, **options)
    assert (sent["changed"], sent["warnings"]) == (True, [f"{dest} is not there: a run without check mode needs it."])
    for missing in ({"files": {"Filedata": str(dest)}}, {"dest": str(dest)}):
        assert fail(OPERATION, **options, **missing).reason == "bad_request"
    assert elvis.requests() == []


@pytest.mark.parametrize(("path", "changed"), [("services/search", False), ("services/update", True)])
def test_a_simulated_session_sends_nothing(elvis: Emulator, path: str, changed: bool) -> None:
    login = run(LOGIN, check_mode=True, server_url=elvis.url, username="alice", password="wonderland")
    options: dict[str, Any] = {"session": login["session"], "path": path, "method": "POST"}
    message = f"Check mode: nothing was sent; would call POST {elvis.url}/{path}."
    expected = {"changed": changed, "msg": message, **UNSENT, "simulated": True}
    assert run(OPERATION, check_mode=True, **options) == expected
    assert "runs for real" in fail(OPERATION, **options).message
    assert elvis.requests() == []


def test_a_simulated_session_says_whether_a_file_is_missing(elvis: Emulator, tmp_path: Path) -> None:
    session = run(LOGIN, check_mode=True, server_url=elvis.url, username="alice", password="wonderland")["session"]
    (tmp_path / "there").touch()
    for name, changed in (("there", False), ("missing", True)):
        result = run(OPERATION, check_mode=True, session=session, path="file/a.jpg", dest=str(tmp_path / name))
        assert result["changed"] is changed
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
