# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults as data: what the server does, how, and what comes of it."""

from __future__ import annotations

import gzip
import zlib
from typing import NamedTuple

from tests.support.faults.expected import (
    BREAKS_OFF,
    BUSY,
    BUSY_FOR_LONG,
    BUSY_ONCE,
    CLOSED,
    FINE,
    LOST_ON_THE_WAY,
    LOST_ONCE,
    NO_ANSWER,
    NO_CONNECTION,
    NOT_ELVIS,
    NOTHING,
    OTHER_JSON,
    TRIES,
    UNREADABLE,
    Expected,
)
from tests.support.faults.servers import (
    Serve,
    black_hole,
    bomb,
    chunked,
    closed_port,
    endless,
    first,
    good,
    in_charset,
    reset,
    sends,
    then_silent,
    turns,
    unknown_name,
    with_headers,
    with_member,
)
from tests.support.scripted import drip, hang_up, html_reply, json_reply, raw_reply, stay_silent

SHORT = 0.3
"""Seconds that a call may take whose server never answers."""
LONG = 30
DRIP = 0.03


class Fault(NamedTuple):
    """How a server does it, and what comes of it."""

    serve: Serve
    expected: Expected

    @property
    def timeout(self) -> float:
        """Return the seconds to give it: few where it would take all of them."""
        return SHORT if "timeout" in (self.expected.reason, self.expected.at_last) else LONG


SIGN_ON = "<html><head><title>Sign in to continue</title></head></html>"
ELSEWHERE = "https://sso.example.com/sign-in?ticket=abcdef"
CHALLENGES = ["Negotiate", "NTLM", 'Basic realm="Elvis"', 'Digest realm="Elvis", nonce="1"']
COOKIES = [f"cookie{number}=value; Path=/" for number in range(90)]
PIECE = b"x" * 65536
OK = b"HTTP/1.1 200 OK\r\n"
REDIRECT = f"HTTP/1.1 302 Found\r\nLocation: {ELSEWHERE}\r\n\r\n".encode()
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
PROCESSING = b"HTTP/1.1 102 Processing\r\n\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
BOMB = bomb(64)
BARE_BOMB = bomb(64, -zlib.MAX_WBITS)
FAR = "Thu, 01 Jan 2099 00:00:00 GMT"
PAST = "Thu, 01 Jan 2026 00:00:00 GMT"
AT_LAST_A_PAGE = Expected("server", 2, at_last="bad_response")
AT_LAST_SILENT = Expected("server", 2, at_last="timeout")
NO_ACCEPT = Expected("timeout", 0)
DEEP = f'"x": {"[" * 100_000}{"]" * 100_000}'

GROUPS: dict[str, dict[str, Fault]] = {
    "No connection": {
        "nobody listens on the port": Fault(closed_port, NO_CONNECTION),
        "the name does not resolve": Fault(unknown_name, NO_CONNECTION),
        "the connection is never accepted": Fault(black_hole, NO_ACCEPT),
    },
    "No answer": {
        "accepts, and never answers": Fault(sends(stay_silent), NO_ANSWER),
        "answers a byte at a time": Fault(turns(lambda body: drip(good(body), DRIP)), NO_ANSWER),
        "sends half of the body, then nothing": Fault(turns(lambda body: then_silent(good(body)[:-5])), NO_ANSWER),
        "closes the connection at once": Fault(sends(hang_up), CLOSED),
        "resets the connection": Fault(sends(reset), CLOSED),
    },
    "Half an answer": {
        "closes in the first line": Fault(turns(lambda body: good(body)[:10]), BREAKS_OFF),
        "closes in the first header": Fault(turns(lambda body: good(body)[:20]), BREAKS_OFF),
        "closes in another header": Fault(turns(lambda body: good(body)[:60]), BREAKS_OFF),
        "closes before the body": Fault(turns(lambda body: good(body).removesuffix(body)), BREAKS_OFF),
        "closes in the body": Fault(turns(lambda body: good(body)[:-5]), BREAKS_OFF),
        "announces more than it sends": Fault(
            turns(lambda body: good(body, Content_Length=str(len(body) + 1))), BREAKS_OFF
        ),
        "announces less than it sends": Fault(
            turns(lambda body: good(body, Content_Length=str(len(body) - 1))), UNREADABLE
        ),
        "announces two lengths": Fault(with_headers(Content_Length=["2", "3"]), UNREADABLE),
        "announces a length that is not a number": Fault(with_headers(Content_Length="many"), FINE),
        "announces a length with a plus sign": Fault(
            turns(lambda body: good(body, Content_Length=f"+{len(body)}")), FINE
        ),
        "announces a length in another script": Fault(with_headers(Content_Length="\xb2"), FINE),
        "announces a length of 5000 digits": Fault(with_headers(Content_Length="1" * 5000), FINE),
        "announces a length below zero": Fault(with_headers(Content_Length="-1"), FINE),
        "ends its chunks without the last one": Fault(turns(chunked), BREAKS_OFF),
        "sends less than it says of a chunk": Fault(turns(lambda body: chunked() + b"ff\r\n" + body), BREAKS_OFF),
        "sends a chunk whose length is not a number": Fault(
            turns(lambda body: chunked() + b"no\r\n" + body), BREAKS_OFF
        ),
    },
    "Too much of an answer": {
        "never ends the body": Fault(sends(endless(OK + b"\r\n", PIECE)), UNREADABLE),
        "never ends the body of a redirect": Fault(sends(endless(REDIRECT, PIECE)), UNREADABLE),
        "never ends the chunks": Fault(sends(endless(chunked(), b"10000\r\n" + PIECE + b"\r\n")), UNREADABLE),
        "never ends the length of a chunk": Fault(sends(endless(chunked(), b"1" * 65536)), UNREADABLE),
        "never ends the trailer": Fault(turns(lambda body: endless(chunked(body) + b"0\r\n", PIECE)), UNREADABLE),
        "never ends a header": Fault(sends(endless(OK + b"X: ", PIECE)), UNREADABLE),
        "never ends the headers": Fault(sends(endless(OK, b"X: y\r\n" * 1000)), UNREADABLE),
        "says 100 Continue for ever": Fault(sends(endless(b"", CONTINUE * 1000)), UNREADABLE),
        "sends 180 cookies": Fault(with_headers(Set_Cookie=COOKIES * 2), UNREADABLE),
        "sends a cookie of 1 MiB": Fault(with_headers(Set_Cookie="a=" + "x" * 1024**2), UNREADABLE),
        "sends 64 MiB as 64 KiB of gzip": Fault(sends(raw_reply(200, BOMB, Content_Encoding="gzip")), UNREADABLE),
        "sends 64 MiB that were packed twice": Fault(
            sends(raw_reply(200, gzip.compress(BOMB), Content_Encoding="gzip, gzip")), UNREADABLE
        ),
        "sends 64 MiB as 64 KiB of bare deflate": Fault(
            sends(raw_reply(200, BARE_BOMB, Content_Encoding="deflate")), UNREADABLE
        ),
    },
    "A body that can't be read": {
        "says gzip, and sends none": Fault(with_headers(Content_Encoding="gzip"), UNREADABLE),
        "breaks off within gzip": Fault(
            turns(lambda body: good(gzip.compress(body)[:-9], Content_Encoding="gzip")), UNREADABLE
        ),
        "packs with gzip twice": Fault(
            turns(lambda body: good(gzip.compress(gzip.compress(body)), Content_Encoding="gzip, gzip")), UNREADABLE
        ),
        "goes on after gzip": Fault(
            turns(lambda body: good(gzip.compress(body) + b"more", Content_Encoding="gzip")), UNREADABLE
        ),
        "sends a compression that nobody asked for": Fault(with_headers(Content_Encoding="br"), UNREADABLE),
        "sends no JSON": Fault(sends(good(b"{'loginSuccess': True}")), UNREADABLE),
        "sends HTTP 200 and nothing": Fault(sends(raw_reply(200)), NOTHING),
        "sends HTTP 204": Fault(sends(raw_reply(204)), NOTHING),
        "sends HTTP 205": Fault(sends(raw_reply(205)), NOTHING),
        "packs with deflate": Fault(turns(lambda body: good(zlib.compress(body), Content_Encoding="deflate")), FINE),
        "packs with deflate, without zlib's header": Fault(
            turns(lambda body: good(zlib.compress(body)[2:-4], Content_Encoding="deflate")), FINE
        ),
        "breaks off within bare deflate": Fault(
            turns(lambda body: good(zlib.compress(body)[2:-9], Content_Encoding="deflate")), UNREADABLE
        ),
        "sends a byte order mark first": Fault(turns(lambda body: good(b"\xef\xbb\xbf" + body)), FINE),
        "sends UTF-16": Fault(turns(lambda body: good(body.decode().encode("utf-16"))), FINE),
        "sends what is not UTF-8": Fault(turns(lambda body: good(body[:-2] + b"\xff" + body[-2:])), UNREADABLE),
        "sends JSON in ISO-8859-1, and says so": Fault(in_charset("ISO-8859-1", "Müller"), FINE),
        "sends JSON in windows-1252, and says so": Fault(in_charset("windows-1252", "7 €"), FINE),
        "sends JSON in ISO-8859-1, and says UTF-8": Fault(in_charset("ISO-8859-1", "Müller", "utf-8"), UNREADABLE),
        "sends UTF-8, and says ISO-8859-1": Fault(in_charset("utf-8", "Müller", "ISO-8859-1"), FINE),
        "sends UTF-16, and says ISO-8859-1": Fault(in_charset("utf-16", "Müller", "ISO-8859-1"), FINE),
        "sends a line break and a tab in a text of JSON": Fault(with_member('"x": "a\n\tb"'), FINE),
        "sends half of a character in JSON": Fault(with_member(r'"x": "\ud83d"'), FINE),
        "sends two names that differ in their case": Fault(with_member('"name": 1, "Name": 2'), FINE),
        "names a charset that does not exist": Fault(
            with_headers(Content_Type="application/json; charset=klingon"), FINE
        ),
        "sends NaN": Fault(with_member('"x": NaN'), UNREADABLE),
        "sends a number that is too large": Fault(with_member('"x": 1e999'), UNREADABLE),
        "sends a number of 5000 digits": Fault(with_member(f'"x": {"9" * 5000}'), UNREADABLE),
        "sends data that is nested 100,000 deep": Fault(with_member(DEEP), UNREADABLE),
    },
    "JSON, but not Elvis'": {
        "sends a list": Fault(sends(json_reply(200, [])), OTHER_JSON),
        "sends a text": Fault(sends(json_reply(200, "ok")), OTHER_JSON),
        "sends a number": Fault(sends(json_reply(200, 42)), OTHER_JSON),
        "sends an error whose code is a text": Fault(sends(json_reply(200, {"errorcode": "401"})), NOT_ELVIS),
        "sends an error with the code 200": Fault(sends(json_reply(200, {"errorcode": 200})), NOT_ELVIS),
    },
    "Not Elvis": {
        "speaks SMTP": Fault(sends(b"220 mail.example.com ESMTP\r\n"), UNREADABLE),
        "sends HTTP without a status": Fault(sends(b"HTTP/1.1 OK\r\n\r\n"), UNREADABLE),
        "sends HTTP 101": Fault(sends(raw_reply(101)), UNREADABLE),
        "sends HTTP 100, 102 and 103, then the answer": Fault(
            turns(lambda body: CONTINUE + PROCESSING + HINTS + good(body)), FINE
        ),
        "sends HTTP 103 a hundred times, then the answer": Fault(turns(lambda body: HINTS * 100 + good(body)), FINE),
        **{
            f"sends a page with HTTP {status}": Fault(sends(html_reply(status, SIGN_ON)), NOT_ELVIS)
            for status in (200, 401, 403, 404)
        },
        "sends a page with HTTP 500": Fault(sends(html_reply(500, SIGN_ON)), BUSY_FOR_LONG),
        "asks for NTLM or Basic with HTTP 401": Fault(
            sends(html_reply(401, SIGN_ON, WWW_Authenticate=CHALLENGES)), NOT_ELVIS
        ),
        **{
            f"redirects with HTTP {status}": Fault(sends(raw_reply(status, Location=ELSEWHERE)), NOT_ELVIS)
            for status in (301, 302, 303, 307, 308)
        },
        "redirects to itself": Fault(sends(raw_reply(307, Location="")), NOT_ELVIS),
        "redirects to nowhere": Fault(sends(raw_reply(302)), NOT_ELVIS),
        "redirects to something that is not an address": Fault(
            sends(raw_reply(302, Location="http://[::1")), NOT_ELVIS
        ),
    },
    "Not now": {
        **{f"sends HTTP {status}": Fault(sends(html_reply(status)), BUSY) for status in (408, 429, 503)},
        **{f"sends HTTP {status}": Fault(sends(html_reply(status)), LOST_ON_THE_WAY) for status in (502, 504)},
        **{
            f"sends HTTP {status}, then the answer": Fault(first(html_reply(status)), BUSY_ONCE)
            for status in (408, 429, 503)
        },
        **{
            f"sends HTTP {status}, then the answer": Fault(first(html_reply(status)), LOST_ONCE)
            for status in (502, 504)
        },
        "sends errorcode 503 with HTTP 200, then the answer": Fault(
            first(json_reply(200, {"errorcode": 503})), BUSY_ONCE
        ),
        "asks for a pause of 0 s": Fault(first(html_reply(503, Retry_After="0")), BUSY_ONCE),
        "asks for a pause that is nonsense": Fault(first(html_reply(503, Retry_After="in a while")), BUSY_ONCE),
        "asks for a pause that is over": Fault(first(html_reply(503, Retry_After=PAST)), BUSY_ONCE),
        "asks for a pause of an hour": Fault(first(html_reply(503, Retry_After="3600")), BUSY_FOR_LONG),
        "asks for a pause of a year": Fault(first(html_reply(429, Retry_After="31536000")), BUSY_FOR_LONG),
        "asks for a pause until a far date": Fault(first(html_reply(503, Retry_After=FAR)), BUSY_FOR_LONG),
    },
    "Something else each time": {
        "closes the connection, then the answer": Fault(first(hang_up), Expected("unreachable", 2, True, lost=True)),
        "half an answer, then HTTP 503, then the answer": Fault(
            turns(lambda body: good(body)[:-5], lambda _body: html_reply(503), good),
            Expected("bad_response", TRIES, recovers=True, lost=True),
        ),
        "HTTP 503, then a page": Fault(sends(html_reply(503), html_reply(200, SIGN_ON)), AT_LAST_A_PAGE),
        "HTTP 503, then never an answer": Fault(sends(html_reply(503), stay_silent), AT_LAST_SILENT),
    },
    "Odd headers": {
        "folds a header over lines": Fault(with_headers(X_Folded="a\r\n b: c"), FINE),
        "sends control characters in a header": Fault(with_headers(X_Color="\x1b[31m\x08\x7f"), FINE),
        "sends a line that is not a header": Fault(with_headers(X_Broken="y\r\nno header at all"), FINE),
        "sends a reason that is a script": Fault(
            turns(lambda body: good(body).replace(b"200 OK", b"200 <script>alert(1)</script>")), FINE
        ),
        "sets a cookie for another domain": Fault(with_headers(Set_Cookie="a=b; Domain=evil.example.com"), FINE),
        "sends 90 cookies": Fault(with_headers(Set_Cookie=COOKIES), FINE),
    },
}
FAULTS = {does: fault for faults in GROUPS.values() for does, fault in faults.items()}
