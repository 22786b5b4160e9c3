# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One call: what is sent, when it is sent again, and what a failure says."""

from __future__ import annotations

import socket
import time
from email.utils import formatdate
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis import advice, client
from ansible_collections.damops.elvis.plugins.module_utils._elvis.client import Client, Request
from ansible_collections.damops.elvis.plugins.module_utils._elvis.gate import Gate
from ansible_collections.damops.elvis.plugins.module_utils._elvis.response import parse
from ansible_collections.damops.elvis.plugins.module_utils._elvis.session import Session
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import (
    ConnectionOptions,
    HttpResponse as HttpReply,
)
from tests.support.scripted import (
    HttpResponse,
    hang_up,
    html_reply,
    json_reply,
    raw_reply,
    scripted_server,
    stay_silent,
)

READ = Request("read something", "GET", "/services/search", repeatable=True)
WRITE = Request(
    "change something", "POST", "/services/update", form={"id": "1"}, outcome_unknown="It may have happened."
)

OK = json_reply(200, {"done": True})
BUSY = html_reply(503)
BUSY_IN_A_200 = json_reply(200, {"errorcode": 503, "message": "busy"})
BREAKS_OFF = raw_reply(200, b'{"done": tr', Content_Length="100")


def note_pauses(monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> None:
    """Note the pauses instead of making them."""
    monkeypatch.setattr(Gate, "pause", lambda _gate, seconds: pauses.append(seconds))
    monkeypatch.setattr(Gate, "hold", lambda _gate, _seconds: None)


def call(url: str, request: Request = READ, session: Session | None = None, **options: Any) -> Any:
    return Client(url, ConnectionOptions(**options), session).call(request, parse)


def fail(url: str, request: Request = READ, secrets: tuple[str, ...] = (), **options: Any) -> ElvisError:
    with pytest.raises(ElvisError) as caught:
        Client(url, ConnectionOptions(**options), secrets=secrets).call(request, parse)
    return caught.value


@pytest.mark.parametrize(
    ("replies", "tries"),
    [
        ([OK], 1),
        *(([html_reply(status), OK], 2) for status in (408, 429, 502, 503, 504)),
        ([BUSY_IN_A_200, OK], 2),
        ([hang_up, OK], 2),
        ([BREAKS_OFF, OK], 2),
        ([BUSY, hang_up, OK], 3),
    ],
)
def test_a_read_is_repeated(replies: list[HttpResponse], tries: int) -> None:
    with scripted_server(*replies) as server:
        assert call(server.url) == {"done": True}
    assert len(server.requests) == tries


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_a_read_is_repeated_as_often_as_it_may_be(retries: int) -> None:
    with scripted_server(BUSY) as server:
        assert fail(server.url, retries=retries).status == 503
    assert len(server.requests) == retries + 1


@pytest.mark.parametrize(
    "reply",
    [
        json_reply(401, {"errorcode": 401, "message": "Not logged in"}),
        json_reply(200, {"errorcode": 500, "message": "trouble"}),
        html_reply(500),
        html_reply(200),
        html_reply(404),
        raw_reply(302, Location="/elsewhere"),
        b"220 mail.example.com ESMTP\r\n",
    ],
)
def test_a_read_is_not_repeated_when_that_can_not_help(reply: bytes) -> None:
    with scripted_server(reply, OK) as server:
        fail(server.url)
    assert len(server.requests) == 1


@pytest.mark.parametrize("reply", [BUSY, BUSY_IN_A_200, html_reply(429), hang_up, BREAKS_OFF])
def test_a_write_that_was_sent_is_never_repeated(reply: HttpResponse) -> None:
    with scripted_server(reply, OK) as server:
        fail(server.url, WRITE)
    assert len(server.requests) == 1


@pytest.mark.parametrize("request_", [READ, WRITE], ids=["read", "write"])
def test_what_was_not_sent_is_repeated(monkeypatch: pytest.MonkeyPatch, request_: Request) -> None:
    real, failures = socket.getaddrinfo, [socket.EAI_AGAIN, socket.EAI_AGAIN]

    def resolve(*args: Any, **kwargs: Any) -> Any:
        if failures:
            raise socket.gaierror(failures.pop(), "try again")
        return real(*args, **kwargs)

    # No resolver fails on demand.
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with scripted_server(OK) as server:
        assert call(server.url, request_) == {"done": True}
    assert (failures, len(server.requests)) == ([], 1)


@pytest.mark.parametrize(
    ("replies", "repeated"),
    [([OK], False), ([BUSY, OK], True), ([hang_up, OK], True)],
)
def test_a_reply_tells_whether_an_earlier_try_may_have_arrived(replies: list[HttpResponse], repeated: bool) -> None:
    def is_repeated(reply: HttpReply) -> bool:
        return reply.repeated

    with scripted_server(*replies) as server:
        assert Client(server.url, ConnectionOptions()).call(READ, is_repeated) is repeated


def retry_after(asked: str | int) -> str:
    """Return the value of the header; a number is a date that is so many seconds from now."""
    return formatdate(time.time() + asked, usegmt=True) if isinstance(asked, int) else asked


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        ("7", 7, 7),
        ("0", 0, 0),
        (9, 7, 9),
        (-3600, 0, 0),
        ("soon", 0, 0),
        ("", 0, 0),
        ("-1", 0, 0),
        ("1.5", 0, 0),
        ("\xb2", 0, 0),
        ("Mon, 01 Jan 0000 00:00:00 GMT", 0, 0),
        ("Mon, 01 Jan 2024 00:00:00 +99999999999999999999", 0, 0),
        ("Mon, 01 Jan 2024 00:00:00 -0000", 0, 0),
    ],
)
def test_the_pause_is_what_the_server_asks_for(
    monkeypatch: pytest.MonkeyPatch, asked: str | int, least: float, most: float
) -> None:
    pauses: list[float] = []
    note_pauses(monkeypatch, pauses)
    with scripted_server(raw_reply(503, Retry_After=retry_after(asked)), OK) as server:
        call(server.url)
    assert len(server.requests) == 2
    assert least <= pauses[0] <= most


def test_pauses_grow_and_differ_between_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "FIRST_PAUSE", 1)
    pauses: list[float] = []
    note_pauses(monkeypatch, pauses)
    with scripted_server(BUSY) as server:
        for _dummy in range(2):
            fail(server.url, retries=4, timeout=60)
    for pause, longest in zip(pauses, [1, 2, 4, 8] * 2, strict=True):
        assert longest / 2 <= pause <= longest
    assert pauses[:4] != pauses[4:]


@pytest.mark.parametrize("asked", ["6", "3600", "9" * 400, 3600, "Mon, 01 Jan 9999 00:00:00 GMT"])
def test_a_pause_that_would_take_all_the_time_is_not_made(monkeypatch: pytest.MonkeyPatch, asked: str | int) -> None:
    pauses: list[float] = []
    note_pauses(monkeypatch, pauses)
    with scripted_server(raw_reply(503, Retry_After=retry_after(asked))) as server:
        assert fail(server.url, timeout=5).reason == "server"
    assert (pauses, len(server.requests)) == ([], 1)


def test_all_tries_share_one_time() -> None:
    with scripted_server(BUSY, stay_silent) as server:
        start = time.monotonic()
        assert fail(server.url, retries=9, timeout=1).reason == "timeout"
        assert time.monotonic() - start < 9
    assert len(server.requests) == 2


def test_a_first_try_has_the_whole_time_and_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gate, "go_through", lambda _gate: time.sleep(client.SLACK / 2))
    with scripted_server(stay_silent) as server:
        assert "no complete answer within 0.3 s" in fail(server.url, timeout=0.3, retries=0).message


SESSION = Session(
    "http://127.0.0.1", "cookie", "token-of-alice", "csrf-of-alice", "authToken=token-of-alice; AWSELB=balancer"
)


@pytest.mark.parametrize(
    ("session", "with_csrf", "headers"),
    [
        (None, True, {}),
        (SESSION, True, {"Cookie": SESSION.cookie, "X-CSRF-TOKEN": "csrf-of-alice"}),
        (SESSION, False, {"Cookie": SESSION.cookie}),
        (Session("http://127.0.0.1", "bearer", "token-of-alice"), True, {"Authorization": "Bearer token-of-alice"}),
    ],
)
def test_a_session_shows_itself(session: Session | None, with_csrf: bool, headers: dict[str, str]) -> None:
    with scripted_server(OK) as server:
        call(server.url, Request("read", "GET", "/services/search", with_csrf=with_csrf), session)
    names = ("Cookie", "X-CSRF-TOKEN", "Authorization")
    seen = {name: server.requests[0].headers[name] for name in names if name in server.requests[0].headers}
    assert seen == headers


def test_a_failure_says_what_where_why_and_what_to_do() -> None:
    reply = json_reply(200, {"errorcode": 404, "errorname": "NotFoundException", "message": "No such asset."})
    with scripted_server(reply) as server:
        error = fail(server.url + "/app")
    assert error.message == (
        f"Cannot read something: GET {server.url}/app/services/search:"
        " HTTP 200, errorcode 404: NotFoundException No such asset."
        " Check the path or the id, and whether this user may see it in Elvis."
    )
    assert error.as_result() == {
        "msg": error.message,
        "reason": "not_found",
        "status": 200,
        "elvis_error": {"errorcode": 404, "errorname": "NotFoundException", "message": "No such asset."},
    }


def test_an_answer_that_breaks_off_is_no_matter_of_the_address() -> None:
    with scripted_server(BREAKS_OFF) as server:
        message = fail(server.url).message
    assert message.endswith(f"a reply that breaks off. {advice.TRUNCATED}")


def test_a_request_may_know_better_what_to_do() -> None:
    with scripted_server(html_reply(404)) as server:
        request = Request("read", "GET", "/x", advice={"bad_response": "Ask the portal's operator."})
        message = fail(server.url, request).message
    assert message.endswith("HTTP 404 with an HTML page. Ask the portal's operator.")


@pytest.mark.parametrize(
    ("reply", "is_told"), [(hang_up, True), (BREAKS_OFF, True), (html_reply(502), True), (html_reply(500), False)]
)
def test_an_answer_that_was_lost_is_told(reply: HttpResponse, is_told: bool) -> None:
    with scripted_server(reply) as server:
        assert fail(server.url, WRITE).message.endswith("It may have happened.") is is_told


def test_what_the_server_repeats_of_a_secret_is_masked() -> None:
    reply = json_reply(400, {"errorcode": 400, "errorname": "Wrong s3cret", "message": "no S3CRET\r\nhere"})
    with scripted_server(reply) as server:
        error = fail(server.url, secrets=("s3cret",))
    assert "Wrong ******** no ******** here" in error.message
    assert error.elvis_error == {"errorcode": 400, "errorname": "Wrong ********", "message": "no ******** here"}


def test_an_address_is_cut_after_its_secrets_are_masked() -> None:
    with scripted_server(raw_reply(302, Location="/caf\xc3\xa9/s3?cret?ticket=x")) as server:
        error = fail(server.url, secrets=("s3?cret",))
    assert "a redirect that is not followed, to: /café/********. " in error.message


def test_the_words_of_a_server_that_got_a_short_secret_are_withheld() -> None:
    with scripted_server(json_reply(400, {"errorcode": 400, "message": "bad word abc"})) as server:
        error = fail(server.url, secrets=("abc",))
    assert "abc" not in str(error.as_result())
    assert "withheld" in error.message


def test_secrets_of_the_session_and_the_proxy_are_masked_as_well() -> None:
    echo = "token-of-alice csrf-of-alice balancer secret"
    with scripted_server(json_reply(400, {"errorcode": 400, "message": echo})) as server:
        connection = ConnectionOptions(proxy=server.url.replace("//", "//user:secret@"))
        with pytest.raises(ElvisError) as caught:
            Client("http://dam.example.com", connection, SESSION).call(READ, parse)
    assert caught.value.elvis_error
    for secret in echo.split():
        assert secret not in str(caught.value.as_result())


class Heard:
    """Who listens to a client."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.writes: list[bool] = []

    def note_sent(self, *, may_write: bool) -> None:
        self.writes.append(may_write)

    def tell(self, sentence: str, /) -> None:
        """Take no note of it."""

    def warn(self, sentence: str, /) -> None:
        self.warnings.append(sentence)


def test_a_key_that_stands_twice_is_told_once_whatever_becomes_of_the_call() -> None:
    twice = raw_reply(200, b'{"id": 1, "id": 2, "of-alice-1": 1, "of-alice-1": 1}', Content_Type="application/json")
    failed = raw_reply(400, b'{"errorcode": 403, "errorcode": 400, "id": 1, "id": 1}', Content_Type="application/json")
    heard = Heard()
    with scripted_server(twice, failed, twice) as server:
        client = Client(server.url, ConnectionOptions(), secrets=["of-alice-1"], listener=heard)
        assert client.call(READ, parse)["id"] == 2
        with pytest.raises(ElvisError) as caught:
            client.call(READ, parse)
        assert caught.value.reason == "bad_request"
        client.call(READ, parse)
    assert len(heard.warnings) == 2
    assert f"GET {server.url}/services/search has objects with one key several times" in heard.warnings[0]
    assert "(errorcode)" in heard.warnings[1]
    assert "of-alice-1" not in " ".join(heard.warnings)
