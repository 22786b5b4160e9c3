# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import time
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.decoding import MOST_VALUES, as_boolean, load
from ansible_collections.damops.elvis.plugins.module_utils._elvis.response import ElvisFailure, parse, try_again
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import HttpResponse

NOT_LOGGED_IN = "AuthenticationCredentialsNotFoundException"
PAGE = "<!DOCTYPE html><html><head><title>Sign on</title></head></html>"


def answer(status: int, body: object, **headers: str) -> HttpResponse:
    content = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return HttpResponse(status, headers, content)


def error(code: object, name: object = None, message: object = None) -> dict[str, object]:
    return {"errorcode": code, "errorname": name, "message": message}


@pytest.mark.parametrize("body", [{"logoutSuccess": True}, [], {}, [{"name": "a"}], 0, {"nested": {"errorcode": 401}}])
@pytest.mark.parametrize("status", [200, 201])
def test_what_a_service_answers_is_returned(status: int, body: object) -> None:
    assert parse(answer(status, body)) == body


@pytest.mark.parametrize("hidden", [True, False], ids=["in an HTTP 200", "as HTTP status"])
@pytest.mark.parametrize(
    ("code", "name", "message", "kind"),
    [
        (401, NOT_LOGGED_IN, "Not logged in", "not_logged_in"),
        (401, None, "Not logged in", "not_logged_in"),
        (401, None, None, "not_logged_in"),
        (401, NOT_LOGGED_IN, None, "not_logged_in"),
        (401, f"org.springframework.security.authentication.{NOT_LOGGED_IN}", "Not logged in", "not_logged_in"),
        (401, None, f"{NOT_LOGGED_IN}: Not logged in", "not_logged_in"),
        (401, "ConcurrentModificationException", None, "server"),
        (401, None, "java.util.ConcurrentModificationException", "server"),
        (401, NOT_LOGGED_IN, "caused by java.util.ConcurrentModificationException: null", "server"),
        (401, "InvalidCsrfTokenException", "Invalid or missing CSRF token", "forbidden"),
        (401, None, "org.springframework.security.web.csrf.MissingCsrfTokenException", "forbidden"),
        (401, "InvalidCsrfTokenException", "caused by java.lang.IllegalStateException", "server"),
        (400, "IllegalArgumentException", "q is missing", "bad_request"),
        (405, None, None, "bad_request"),
        (403, "AccessDeniedException", "No", "forbidden"),
        (404, "NotFoundException", None, "not_found"),
        (408, None, None, "server"),
        (409, "AlreadyExistsException", None, "already_exists"),
        (409, None, "A folder with this name already exists", "already_exists"),
        (409, "DuplicateKeyException", None, "already_exists"),
        (409, "ConflictException", "The file is not available yet", "conflict"),
        (429, None, None, "server"),
        (500, "IllegalStateException", "The index is not available", "server"),
        (503, None, None, "server"),
    ],
)
def test_an_error_of_elvis_is_one_with_either_status(
    hidden: bool, code: int, name: str | None, message: str | None, kind: str
) -> None:
    status = 200 if hidden else code
    with pytest.raises(ElvisFailure) as caught:
        parse(answer(status, error(code, name, message)))
    failure = caught.value
    assert (failure.kind, failure.status) == (kind, status)
    assert failure.elvis_error == error(code, name, message)
    assert failure.summary == f"HTTP {status}, errorcode {code}"
    assert failure.server_message == (" ".join(filter(None, [name, message])) or None)


@pytest.mark.parametrize(
    ("reply", "kind", "summary", "server_message"),
    [
        (answer(200, PAGE), "not_elvis", "HTTP 200 with an HTML page", "Sign on"),
        (answer(401, PAGE), "not_elvis", "HTTP 401 with an HTML page", "Sign on"),
        (answer(502, "<html><title>a < b</TITLE>"), "server", "HTTP 502 with an HTML page", "a < b"),
        (answer(404, "<HTML><body>Gone</body>"), "not_elvis", "HTTP 404 with an HTML page", None),
        (answer(500, PAGE), "server", "HTTP 500 with an HTML page", "Sign on"),
        (answer(503, ""), "server", "HTTP 503 with an empty body", None),
        (answer(429, "slow down"), "server", "HTTP 429 with a body that is not JSON", None),
        (answer(407, PAGE), "proxy_login", "HTTP 407: the proxy asks for", None),
        (answer(200, ""), "not_elvis", "HTTP 200 with an empty body", None),
        (answer(204, ""), "not_elvis", "HTTP 204 with an empty body", None),
        (answer(200, " \r\n"), "not_elvis", "HTTP 200 with an empty body", None),
        (answer(200, "null"), "not_elvis", "HTTP 200 with a body that is not JSON", None),
        (answer(200, '{"logoutSuccess": tr'), "not_elvis", "with a body that is not JSON", None),
        (answer(200, '{"a": NaN}'), "not_elvis", "with a body that is not JSON", None),
        (answer(200, b'{"a": "\xff"}'), "not_elvis", "with a body that is not JSON", None),
        (answer(200, "[" * 100_000), "not_elvis", "with a body that is not JSON", None),
        (answer(200, '{"a": ' + "9" * 5_000 + "}"), "not_elvis", "with a body that is not JSON", None),
        (answer(401, {"message": "Who are you?"}), "not_elvis", "HTTP 401 with JSON that is not from Elvis", None),
        (answer(400, {"message": "What?"}), "not_elvis", "HTTP 400 with JSON that is not from Elvis", None),
        (answer(200, error(600)), "not_elvis", "errorcode is not an error number", None),
        (answer(200, error("401")), "not_elvis", "errorcode is not an error number", None),
        (answer(200, error(True)), "not_elvis", "errorcode is not an error number", None),
        (answer(200, error(0)), "not_elvis", "errorcode is not an error number", None),
        (answer(200, error(None)), "not_elvis", "errorcode is not an error number", None),
        (answer(401, error([401])), "not_elvis", "errorcode is not an error number", None),
        (
            answer(302, PAGE, Location="https://sso.example.com/login?token=s3cret"),
            "not_elvis",
            "HTTP 302, a redirect that is not followed",
            None,
        ),
        (answer(300, ""), "not_elvis", "HTTP 300, a redirect that is not followed", None),
        (answer(304, ""), "not_elvis", "HTTP 304, a redirect that is not followed", None),
    ],
)
def test_what_is_not_elvis(reply: HttpResponse, kind: str, summary: str, server_message: str | None) -> None:
    with pytest.raises(ElvisFailure) as caught:
        parse(reply)
    failure = caught.value
    assert (failure.kind, failure.status, failure.elvis_error) == (kind, reply.status, None)
    assert summary in failure.summary
    assert failure.server_message == server_message


@pytest.mark.parametrize(
    "reply",
    [
        answer(200, error(401, None, "x" * 1_000_000)),
        answer(200, "<html>" + "<title" * 100_000),
    ],
    ids=["one long word", "many titles that never end"],
)
def test_a_long_reply_is_judged_in_time(reply: HttpResponse) -> None:
    began = time.process_time()
    with pytest.raises(ElvisFailure):
        parse(reply)
    assert time.process_time() - began < 0.5


def test_where_a_redirect_leads_is_read_as_it_was_meant() -> None:
    with pytest.raises(ElvisFailure) as caught:
        parse(answer(302, "", Location="/caf\xc3\xa9"))
    assert caught.value.redirect_url == "/café"


@pytest.mark.parametrize(("status", "lost"), [(502, True), (504, True), (503, False), (500, False), (404, False)])
def test_a_gateway_may_have_lost_the_answer(status: int, lost: bool) -> None:
    with pytest.raises(ElvisFailure) as caught:
        parse(answer(status, PAGE))
    assert (caught.value.delivery == "unknown") is lost


@pytest.mark.parametrize("wrong", [7, ["x"], {"a": 1}])
def test_names_and_messages_of_another_type_count_as_none(wrong: Any) -> None:
    with pytest.raises(ElvisFailure) as caught:
        parse(answer(200, error(500, wrong, wrong)))
    assert caught.value.elvis_error == error(500)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        *((answer(status, PAGE), True) for status in (408, 429, 502, 503, 504)),
        *((answer(status, PAGE), False) for status in (200, 401, 404, 500, 501)),
        (answer(200, error(503)), True),
        (answer(200, error(429)), True),
        (answer(200, error(500)), False),
        (answer(200, error([503])), False),
        (answer(200, [{"errorcode": 503}]), False),
        (answer(200, b'{"errorcode": 503'), False),
    ],
)
def test_try_again(reply: HttpResponse, expected: bool) -> None:
    assert try_again(reply) is expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ('{"a": "ü"}'.encode("utf-16"), {"a": "ü"}),
        (b"{", None),
    ],
)
def test_load_takes_what_python_takes_for_json(body: bytes, expected: object) -> None:
    assert load(HttpResponse(200, {}, body)) == expected


@pytest.mark.parametrize(
    ("body", "expected", "doubled"),
    [
        ('{"totalHits": 9, "hits": [], "totalHits": 1}', {"totalHits": 1, "hits": []}, {"totalHits"}),
        ('[{"a": {"b": 1, "b": 2, "c": 3}}, {"a": 4}]', [{"a": {"b": 2, "c": 3}}, {"a": 4}], {"b"}),
        ('{"a": 1, "a": 2, "a": 3, "b": 4, "b": 5}', {"a": 3, "b": 5}, {"a", "b"}),
        ('{"a": 1, "A": 2, "a ": 3}', {"a": 1, "A": 2, "a ": 3}, set()),
    ],
)
def test_the_last_of_two_values_with_one_key_counts(body: str, expected: object, doubled: set[str]) -> None:
    reply = HttpResponse(200, {}, body.encode())
    assert (load(reply), reply.doubled_keys) == (expected, doubled)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        ("true", True),
        (False, False),
        ("false", False),
        *((value, None) for value in (None, 1, 0, "", "True", "yes", "TRUE", " true", [], {"true": True})),
    ],
)
def test_a_boolean_may_be_text(value: object, expected: bool | None) -> None:
    assert as_boolean(value) is expected


@pytest.mark.parametrize("value", ["[]", "{}", '{"":0}', "7"])
def test_json_of_too_many_values_is_not_read(value: str) -> None:
    """A few bytes each, which would take a gigabyte of memory."""
    body = f"[{','.join([value] * (MOST_VALUES + 1))}]"
    assert load(answer(200, body)) is None
    with pytest.raises(ElvisFailure) as caught:
        parse(answer(200, body))
    failure = caught.value
    assert (failure.kind, failure.summary) == ("too_large", "HTTP 200 with more than 1,000,000 values")
    assert failure.delivery == "unknown"


def test_a_million_values_are_read() -> None:
    found = load(answer(200, f"[{','.join(['7'] * MOST_VALUES)}]"))
    assert len(found) == MOST_VALUES


def test_a_long_text_has_no_values() -> None:
    text = '"\\"' * MOST_VALUES
    assert load(answer(200, json.dumps(text))) == text


TEXT = "Müller €"
CESU_8 = b"\xed\xa0\xbd\xed\xb8\x80"
"""A smiling face, each half of it by itself, as Java's own encoding has it."""


@pytest.mark.parametrize(
    ("body", "charset", "read"),
    [
        ('"Müller"'.encode("latin-1"), "ISO-8859-1", "Müller"),
        (f'"{TEXT}"'.encode("cp1252"), "windows-1252", TEXT),
        (f'"{TEXT}"'.encode(), "ISO-8859-1", TEXT),
        (f'"{TEXT}"'.encode("utf-16"), "ISO-8859-1", TEXT),
        ('"Müller"'.encode("latin-1"), "klingon", None),
        ('"Müller"'.encode("latin-1"), "hex", None),
        ('"Müller"'.encode("latin-1"), "utf-8", None),
        (b'"a\tb\nc\x01"', "utf-8", "a\tb\nc\x01"),
        (rb'"half \ud83d"', "utf-8", "half \ufffd"),
        (rb'"both \ud83d\ude00"', "utf-8", "both \U0001f600"),
        (rb'"no escape \\ud83d"', "utf-8", r"no escape \ud83d"),
        (rb'{"\udc00": ["\ud83dx", 1]}', "utf-8", {"\ufffd": ["\ufffdx", 1]}),
        (b'"' + CESU_8 + b'"', "utf-8", "\U0001f600"),
        (b'"' + CESU_8[:3] + b'"', "utf-8", "\ufffd"),
    ],
)
def test_json_is_read_in_whatever_encoding_it_comes(body: bytes, charset: str, read: object) -> None:
    reply = answer(200, body, **{"Content-Type": f"application/json; charset={charset}"})
    assert load(reply) == read
    json.dumps(load(reply), ensure_ascii=False).encode()
