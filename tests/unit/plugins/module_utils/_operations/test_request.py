# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One call: to the emulated server, and to servers that answer what no Elvis should."""

from __future__ import annotations

import json
import os
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis import processes
from ansible_collections.damops.elvis.plugins.module_utils._operations.login import OPERATION as LOGIN
from ansible_collections.damops.elvis.plugins.module_utils._operations.request import OPERATION
from tests.support.emulator import Emulator
from tests.support.operations import fail, run
from tests.support.scripted import (
    HttpResponse,
    hang_up,
    html_reply,
    json_reply,
    raw_reply,
    scripted_server,
    stay_silent,
)

TOKEN = "a-token-of-this-session"
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


def at(url: str, **more: Any) -> dict[str, Any]:
    """The options for a call to a scripted server."""
    return {"session": {"server_url": url, "auth_method": "bearer", "auth_token": TOKEN}, **more}


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
    assert (deleted["status"], deleted["body"], deleted["changed"]) == (204, None, True)


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


def test_by_post_all_parameters_of_a_search_travel_in_the_body() -> None:
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


# --- Secrets


def test_what_the_server_echoes_is_masked() -> None:
    echo = {"a": [f"Bearer {TOKEN}"], TOKEN: {"b": {"token": TOKEN.upper()}}, "n": 1, "t": True, "z": None}
    reply = json_reply(200, echo, X_Echo=f"x-{TOKEN}-x", Set_Cookie="authToken=other", X_CSRF_TOKEN="other")
    with scripted_server(reply) as server:
        result = run(OPERATION, **at(server.url, path="services/echo"))
    masked = "********"
    assert result["body"] == {"a": [f"Bearer {masked}"], masked: {"b": {"token": masked}}, "n": 1, "t": True, "z": None}
    assert result["response_headers"]["x-echo"] == f"x-{masked}-x"
    assert result["response_headers"].keys().isdisjoint({"set-cookie", "x-csrf-token", "authorization"})
    assert TOKEN not in str(result)


def test_cookies_are_masked_but_no_short_one() -> None:
    cookie = f"authToken={TOKEN}; AWSELB=the-balancer; lang=en"
    session = {"auth_method": "cookie", "cookie": cookie, "csrf_token": "the-csrf-token"}
    echo = f"{TOKEN} the-balancer the-csrf-token when"
    with scripted_server(json_reply(200, {"echo": echo})) as server:
        result = run(OPERATION, session={"server_url": server.url, **session}, path="services/echo")
    assert result["body"] == {"echo": "******** ******** ******** when"}
    assert server.requests[0].headers["X-CSRF-TOKEN"] == "the-csrf-token"
    assert server.requests[0].headers["Cookie"] == cookie


def test_hits_in_a_file_are_masked_as_well(tmp_path: Path) -> None:
    dest = tmp_path / "hits.jsonl"
    with scripted_server(json_reply(200, {"totalHits": 1, "hits": [{"id": "a", "url": f"/x?{TOKEN}"}]})) as server:
        run(OPERATION, **at(server.url, path="services/search", paginate=True, dest=str(dest)))
    assert dest.read_text() == '{"id": "a", "url": "/x?********"}\n'


def test_a_server_sets_no_key_of_the_result() -> None:
    answer = {"changed": True, "failed": True, "ansible_facts": {"a": 1}, "_ansible_no_log": True, "warnings": ["x"]}
    with scripted_server(json_reply(200, answer)) as server:
        result = run(OPERATION, **at(server.url, path="services/search"))
    assert result.keys() == {"changed", "msg", *UNSENT}
    assert (result["changed"], result["body"]) == (False, answer)


@pytest.mark.parametrize(("levels", "is_answer"), [(100, True), (101, False), (5000, False)])
def test_what_is_nested_too_deeply_is_no_answer(levels: int, is_answer: bool) -> None:
    with scripted_server(raw_reply(200, b"[" * levels + b"]" * levels, Content_Type="application/json")) as server:
        if is_answer:
            assert isinstance(run(OPERATION, **at(server.url, path="services/search"))["body"], list)
        else:
            assert fail(OPERATION, **at(server.url, path="services/search")).reason == "bad_response"


# --- Tries


@pytest.mark.parametrize("first", [hang_up, html_reply(503)])
def test_a_read_is_repeated(first: HttpResponse) -> None:
    with scripted_server(first, json_reply(200, [])) as server:
        assert run(OPERATION, **at(server.url, path="services/browse", method="POST"))["body"] == []
    assert len(server.requests) == 2


@pytest.mark.parametrize("first", [hang_up, html_reply(503)])
@pytest.mark.parametrize(("path", "method"), [("services/update", "POST"), ("services/remove", "GET")])
def test_a_change_reaches_the_server_once(first: HttpResponse, path: str, method: str) -> None:
    with scripted_server(first, json_reply(200, {})) as server:
        fail(OPERATION, **at(server.url, path=path, method=method))
    assert len(server.requests) == 1


def test_a_change_whose_answer_is_lost_may_have_happened() -> None:
    with scripted_server(hang_up) as server:
        error = fail(OPERATION, **at(server.url, path="services/update", method="POST"))
    assert error.reason == "unreachable"
    assert "check before you repeat it" in error.message


def test_a_server_that_does_not_answer() -> None:
    with scripted_server(stay_silent) as server:
        error = fail(OPERATION, **at(server.url, path="services/search", timeout=0.2))
    assert error.reason == "timeout"


# --- Files that don't come


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (json_reply(200, {"errorcode": 401, "message": "Not logged in"}), "not_logged_in"),
        (json_reply(404, {"errorcode": 404, "message": "Gone"}), "not_found"),
        (html_reply(200, PAGE), "bad_response"),
        (raw_reply(200, PAGE.encode(), Content_Type="image/jpeg"), "bad_response"),
        (html_reply(503), "server"),
        (raw_reply(204), "bad_response"),
        (raw_reply(200, b"\xff\xd8", Content_Type="image/jpeg", Content_Length="9"), "bad_response"),
        (raw_reply(302, Location="https://sso.example.com/"), "bad_response"),
        (hang_up, "unreachable"),
    ],
)
@pytest.mark.parametrize("there", [None, b"before"])
def test_what_is_not_the_file_is_not_saved(
    tmp_path: Path, reply: HttpResponse, reason: str, there: bytes | None
) -> None:
    dest = tmp_path / "a.jpg"
    if there is not None:
        dest.write_bytes(there)
    with scripted_server(reply) as server:
        error = fail(OPERATION, **at(server.url, path="file/a.jpg", dest=str(dest), retries=0))
    assert error.reason == reason
    assert [path.read_bytes() for path in tmp_path.iterdir()] == ([] if there is None else [there])


def test_a_page_may_be_what_is_wanted(tmp_path: Path) -> None:
    dest = tmp_path / "saved"
    with scripted_server(html_reply(200, PAGE)) as server:
        run(OPERATION, **at(server.url, path="file/page.html", dest=str(dest)))
    assert dest.read_text() == PAGE


# --- Bad input


@pytest.mark.parametrize("check_mode", [False, True], ids=["for real", "check mode"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"path": "http://other.example.com/services/search"}, "session's own server"),
        ({"path": "//other.example.com/services/search"}, "session's own server"),
        ({"path": "services/../search"}, "'..' segment"),
        ({"path": "services/logout"}, "use damops.elvis.elvis_logout"),
        ({"path": "services/search?q=x"}, "use the option query"),
        ({"query": {"a": {"b": 1}}}, "query has a dict under a"),
        ({"method": "POST", "form": {"a": [[1]]}}, "form has a list in a list under a"),
        ({"method": "POST", "json": {"a": float("nan")}}, "json has a number that JSON does not have"),
        ({"method": "POST", "json": '{"a": 1,}'}, "json is text that begins like JSON but is not valid:"),
        ({"method": "POST", "body": {"a": 1}}, "body must be text. For a dictionary or a list use json."),
        ({"method": "POST", "body": True}, "body must be text."),
        ({"method": "POST", "body": "a\udcff"}, "or is not text in UTF-8"),
        (
            {"method": "POST", "body": "€", "content_type": "text/plain; charset=latin-1"},
            "a character that the charset",
        ),
        ({"method": "POST", "body": "a", "content_type": "text/plain; charset=klingon"}, "that Python does not know"),
        ({"method": "POST", "body": "a", "content_type": "text/plain\r\nX: y"}, "content_type must be written like"),
        ({"method": "POST", "body": "a", "content_type": "text"}, "content_type must be written like"),
        ({"method": "POST", "content_type": "text/plain"}, "content_type is for body."),
        ({"body": ""}, "form, json, body and files need method: POST or PUT"),
        ({"json": 0}, "form, json, body and files need method: POST or PUT"),
        ({"method": "POST", "files": {"a": {"content": "x"}}}, "a dictionary with content (text) and filename"),
        ({"method": "POST", "files": {"a": {"content": 1, "filename": "b"}}}, "a dictionary with content (text)"),
        ({"method": "POST", "files": {"a": {"content": "x", "filename": "b/c"}}}, "a name without a folder"),
        ({"method": "POST", "files": {"a": {"content": "\udcff", "filename": "b"}}}, "that is not text in UTF-8"),
        ({"form": {"a": 1}}, "form, json, body and files need method: POST or PUT"),
        ({"json": {"a": 1}}, "form, json, body and files need method: POST or PUT"),
        ({"files": {"Filedata": "/a"}}, "form, json, body and files need method: POST or PUT"),
        ({"method": "DELETE", "files": {"Filedata": "/a"}}, "files needs method: POST or PUT"),
        ({"method": "POST", "files": {"Filedata": "/"}}, "/ is not a regular file"),
        ({"method": "POST", "files": {"Filedata": "relative.jpg"}}, "files has the relative path relative.jpg"),
        ({"dest": "relative.jpg"}, "it is a relative path"),
        ({"dest": "/"}, "something that is not a file, such as a folder, has that name"),
        (
            {"path": "services/browse", "paginate": True},
            "paginate is for what answers page by page, by GET or POST: services/search",
        ),
        (
            {"method": "PUT", "paginate": True},
            "paginate is for what answers page by page, by GET or POST: services/search",
        ),
        (
            {"method": "POST", "json": {"q": "x"}, "paginate": True},
            "paginate can't be used with json, body, files or wait",
        ),
        ({"paginate": True, "wait": True}, "paginate can't be used with json, body, files or wait"),
        ({"paginate": True, "limit": 0}, "limit must be 1 or more"),
        ({"paginate": True, "query": {"num": 0}}, "num must be a number of 1 or more"),
        ({"wait": True, "dest": "/a"}, "wait can't be used with dest"),
        ({"wait": True, "wait_timeout": 0}, "wait_timeout must be more than 0"),
        ({"wait": True, "wait_timeout": float("nan")}, "wait_timeout must be more than 0"),
        ({"timeout": 0}, "timeout must be more than 0"),
        ({"session": {}}, "The session is empty"),
        ({"session": None}, "Neither session nor auth_token is given"),
        ({"server_url": "https://other.example.com"}, "The session was made for"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(check_mode: bool, options: dict[str, Any], message: str) -> None:
    with scripted_server(json_reply(200, {})) as server:
        error = fail(OPERATION, check_mode=check_mode, **(at(server.url, path="services/search") | options))
    assert message in error.message
    assert error.reason == "bad_request"
    assert server.connections == 0


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("services/admin/webhook", {"secretToken"}),
        ("/Services/Admin/Webhook/12", {"secretToken"}),
        ("https://dam.example.com/services/createAuthKey", {"authKey"}),
        ("services/search", set()),
        ("services/../admin", set()),
    ],
)
@pytest.mark.parametrize(
    "options", [{"session": {"server_url": "https://dam.example.com"}}, {"session": "no dict"}, {}]
)
def test_names_what_is_secret_in_a_reply(path: str, names: set[str], options: dict[str, Any]) -> None:
    if path.startswith("https:") and not isinstance(options.get("session"), dict):
        return
    assert set(OPERATION.secret_names({**options, "path": path})) == names
