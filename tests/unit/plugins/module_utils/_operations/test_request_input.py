# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the options of a call may not be, and which secrets its address tells of."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.request import OPERATION
from tests.support.operations import at, fail
from tests.support.scripted import (
    json_reply,
    scripted_server,
)


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
        ({"method": "POST", "json": ""}, "json is empty. Null alone sends nothing"),
        ({"method": "POST", "json": " \n"}, "json is empty."),
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
        (
            "https://dam.example.com/services/createAuthKey",
            {"authKey", "desktopClientUrl", "mobileClientUrl", "webClientUrl"},
        ),
        ("api/sharelink", {"id", "url"}),
        ("/api/ShareLink/12", {"id", "url"}),
        ("oauth/token", {"access_token", "refresh_token", "id_token"}),
        ("api/asset", {"uploadUrl"}),
        ("api/asset/12,13/signed-original-url", {"signedUrl"}),
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


SIGNED = {"originalUrl", "previewUrl", "thumbnailUrl"}


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"query": {"appendRequestSecret": True}}, SIGNED),
        ({"query": {"q": "*", "APPENDREQUESTSECRET": "true"}}, SIGNED),
        ({"query": "q=* appendRequestSecret=true"}, SIGNED),
        ({"form": {"appendRequestSecret": "yes"}}, SIGNED),
        ({"form": '{"appendRequestSecret": true}'}, SIGNED),
        ({"json": {"appendRequestSecret": [True]}}, SIGNED),
        ({"body": "q=*&appendRequestSecret=true"}, SIGNED),
        ({"path": "https://dam.example.com/services/search?appendRequestSecret=true"}, SIGNED),
        ({"path": "services/anything", "query": {"appendRequestSecret": True}}, SIGNED),
        ({"path": "api/asset/12/signed-url", "query": {"appendRequestSecret": True}}, {*SIGNED, "signedUrl"}),
        ({"query": {"appendRequestSecret": False}}, set()),
        ({"query": {"appendRequestSecret": "false"}}, set()),
        ({"query": "appendRequestSecret=false"}, set()),
        ({"query": {"q": "appendRequestSecret"}}, set()),
        ({"body": ["appendRequestSecret"]}, set()),
    ],
    # Not that of a set, which differs from process to process.
    ids=lambda value: str(value if isinstance(value, dict) else sorted(value)),
)
def test_addresses_that_need_no_login_are_secret_when_they_are_asked_for(
    options: dict[str, Any], names: set[str]
) -> None:
    session = {"session": {"server_url": "https://dam.example.com"}}
    assert set(OPERATION.secret_names({"path": "services/search", **session, **options})) == names
