# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What any call may answer, and what may stand where a file was expected."""

from __future__ import annotations

import dataclasses
import json
import time
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.content import check_file, read_content
from ansible_collections.damops.elvis.plugins.module_utils._elvis.decoding import content_type
from ansible_collections.damops.elvis.plugins.module_utils._elvis.response import ElvisFailure
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import HttpResponse

PAGE = b"<!DOCTYPE html><html><head><title>Sign on</title></head></html>"
GONE = json.dumps({"errorcode": 401, "message": "Not logged in"}).encode()


def answer(body: bytes, kind: str = "application/json", status: int = 200) -> HttpResponse:
    return HttpResponse(status, {"Content-Type": kind} if kind else {}, body)


@pytest.mark.parametrize(
    ("reply", "content"),
    [
        (answer(b'{"a": [1]}'), {"a": [1]}),
        (answer(b"[]"), []),
        (answer(b"7"), 7),
        (answer(b"null"), None),
        (answer(b'{"a": 1}', "text/plain"), {"a": 1}),
        (answer(b'{"a": 1}', "text/html"), {"a": 1}),
        (answer(b'{"a": 1}', ""), {"a": 1}),
        (answer(b'{"a": 1}', "image/jpeg"), {"a": 1}),
        (answer(b"", "", 204), None),
        (answer(b" \r\n"), None),
        (answer(b"", "text/html", 201), None),
        (answer(b"alive", "text/plain"), "alive"),
        (answer(b"123", "text/plain"), "123"),
        (answer(b"see <html>", "text/plain"), "see <html>"),
        (answer("ü".encode(), "Text/Plain; charset=utf-8"), "ü"),
        (answer(b"\xfc", 'text/csv; charset="ISO-8859-1"'), "ü"),
        (answer("ü".encode(), "text/plain; charset=unheard-of"), "ü"),
        (answer(b"a\xffb", "text/plain"), "a�b"),
        (answer(b"a+2D0-b", "text/plain; charset=utf-7"), "a�b"),
    ],
)
def test_content(reply: HttpResponse, content: Any) -> None:
    assert read_content(reply) == content


@pytest.mark.parametrize(
    ("reply", "kind", "summary"),
    [
        (answer(GONE), "not_logged_in", "errorcode 401"),
        (answer(GONE, "text/plain"), "not_logged_in", "errorcode 401"),
        (answer(GONE, "image/jpeg"), "not_logged_in", "errorcode 401"),
        (answer(GONE, status=401), "not_logged_in", "HTTP 401, errorcode 401"),
        (answer(PAGE, "text/html"), "not_elvis", "HTTP 200 with an HTML page"),
        (answer(b"<script>location = '/login'</script>", "text/html"), "not_elvis", "HTTP 200 with a body that"),
        (answer(b"Please sign in.", "text/html; charset=utf-8"), "not_elvis", "HTTP 200 with a body that is not"),
        (answer(PAGE, "text/plain"), "not_elvis", "HTTP 200 with an HTML page"),
        (answer(PAGE), "not_elvis", "HTTP 200 with an HTML page"),
        (answer(PAGE, "text/html", 503), "server", "HTTP 503 with an HTML page"),
        (answer(b"", "", 503), "server", "HTTP 503 with an empty body"),
        (answer(b"", "", 302), "not_elvis", "a redirect that is not followed"),
        (answer(b"alive", "text/plain", 404), "not_elvis", "HTTP 404 with a body that is not JSON"),
        (answer(b"alive"), "not_elvis", "HTTP 200 with a body that is not JSON"),
        (answer(b"alive", ""), "not_elvis", "HTTP 200 with a body that is not JSON"),
        (answer(b'{"a": NaN}'), "not_elvis", "not JSON"),
        (answer(b"\xff\xd8\xff", "image/jpeg"), "not_elvis", "a file, which must be given a name with dest"),
        (answer(b"%PDF", "application/pdf"), "not_elvis", "a body that is not JSON"),
    ],
)
def test_what_is_no_answer(reply: HttpResponse, kind: str, summary: str) -> None:
    with pytest.raises(ElvisFailure) as caught:
        read_content(reply)
    assert (caught.value.kind, caught.value.status) == (kind, reply.status)
    assert summary in caught.value.summary


@pytest.mark.parametrize(
    ("body", "kind", "name"),
    [
        (b"\xff\xd8\xff", "image/jpeg", "a.jpg"),
        (b"", "image/jpeg", "a.jpg"),
        (b'{"a": 1}', "application/json", "a.json"),
        (b"[401]", "application/json", "a.json"),
        (PAGE, "text/html", "a.html"),
        (PAGE, "text/html; charset=utf-8", "A.HTM"),
        (b"see <html>", "text/plain", "a.txt"),
        (b"<svg/>", "image/svg+xml", "a.svg"),
    ],
)
def test_a_file_is_kept(body: bytes, kind: str, name: str) -> None:
    check_file(dataclasses.replace(answer(body, kind), saved=True), name)


@pytest.mark.parametrize(
    ("reply", "kind", "summary"),
    [
        (answer(GONE), "not_logged_in", "errorcode 401"),
        (answer(GONE, "image/jpeg"), "not_logged_in", "errorcode 401"),
        (answer(b'{"errorcode": "404"}'), "not_elvis", "errorcode is not an error number"),
        (answer(b'{"errorcode": null}'), "not_elvis", "errorcode is not an error number"),
        (answer(PAGE, "text/html"), "not_elvis", "an HTML page instead of the file"),
        (answer(PAGE, "image/jpeg"), "not_elvis", "an HTML page instead of the file"),
        (answer(b"\xef\xbb\xbf \n<!-- a --><!-- b -->\n<HTML lang=en>", ""), "not_elvis", "an HTML page"),
        (answer(b'<?xml version="1.0"?><!DOCTYPE html>', ""), "not_elvis", "an HTML page"),
        (answer(b"Please sign on", "text/html"), "not_elvis", "an HTML page"),
    ],
)
def test_an_error_or_a_page_is_not_kept(reply: HttpResponse, kind: str, summary: str) -> None:
    with pytest.raises(ElvisFailure) as caught:
        check_file(dataclasses.replace(reply, saved=True), "a.jpg")
    assert (caught.value.kind, caught.value.status) == (kind, 200)
    assert summary in caught.value.summary


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (answer(PAGE, "text/html", 503), "server"),
        (answer(GONE, status=401), "not_logged_in"),
        (answer(b"", "", 204), "not_elvis"),
        (answer(b'{"a": 1}', status=201), "not_elvis"),
    ],
)
def test_where_nothing_was_saved_something_else_came(reply: HttpResponse, kind: str) -> None:
    with pytest.raises(ElvisFailure, check=lambda failure: failure.kind == kind):
        check_file(reply, "a.jpg")


@pytest.mark.parametrize("charset", ["nonsense", "hex", "idna", "undefined"])
def test_a_charset_that_reads_no_text_counts_as_none(charset: str) -> None:
    assert read_content(answer("café".encode(), f"text/plain; charset={charset}")) == "café"


def test_the_kind_of_a_file_is_in_the_servers_own_words() -> None:
    with pytest.raises(ElvisFailure) as caught:
        read_content(answer(b"\xff", "image/caf\xc3\xa9"))
    assert caught.value.server_message == "image/café"


def test_a_page_is_told_in_time() -> None:
    began = time.monotonic()
    check_file(HttpResponse(200, {}, b"<!-- -->" * 1000 + b"<p>", saved=True), "a.jpg")
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Application/JSON;charset=UTF-8", ("application/json", "UTF-8")),
        ("text/plain", ("text/plain", "utf-8")),
        ("", ("", "utf-8")),
    ],
)
def test_content_type(header: str, expected: tuple[str, str]) -> None:
    assert content_type(answer(b"", header)) == expected
