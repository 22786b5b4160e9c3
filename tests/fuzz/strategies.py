# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests throw at the collection: secrets and the ways in which they come back, replies, addresses, values."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

from hypothesis import strategies as st

# --- Secrets

MARK = "Zq7Xw5"
"""In every secret that is long enough: so none is a part of our own words by chance."""

TROUBLE = "\"'<>&%+/\\=;,:@#?~*!(){}[]|^`$ \t\n\r\0\u200b\u202e\xa0é\u0130ſß漢😀"

texts = st.text(st.one_of(st.sampled_from(TROUBLE), st.characters(codec="utf-8")), max_size=24)
anything = st.text(st.one_of(st.sampled_from(TROUBLE + "\ud800\udcff"), st.characters()), max_size=40)
"""Text that Python can hold, halves of surrogate pairs included, which no encoding has."""

passwords = st.tuples(texts, texts).map(MARK.join)
token_characters = st.sampled_from("ABCxyz0189-_.~+/=!#$%&*:?@^|`")
tokens = st.tuples(st.text(token_characters, min_size=5, max_size=30), st.text(token_characters, max_size=30)).map(
    MARK.join
)
"""Long enough to be kept out of data, too."""
short_secrets = st.text(token_characters, min_size=1, max_size=3)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _base64_url(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _java_url_encoder(text: str) -> str:
    return quote_plus(text, safe="*").replace("~", "%7E")


ECHOES: dict[str, Callable[[str], str]] = {
    "plain": str,
    "in capitals": str.upper,
    "in a path": quote,
    "in a query": lambda text: quote(text, safe=""),
    "in a form": quote_plus,
    "by encodeURIComponent": lambda text: quote(text, safe="!'()*"),
    "by Java's URLEncoder": _java_url_encoder,
    "with lower-case escapes": lambda text: re.sub("%..", lambda escape: escape[0].lower(), quote(text, safe="")),
    "in HTML": html.escape,
    "in HTML, by Spring": lambda text: html.escape(text).replace("&#x27;", "&#39;"),
    "in HTML, by JSTL": lambda text: html.escape(text).replace("&quot;", "&#034;").replace("&#x27;", "&#039;"),
    "in JSON": lambda text: json.dumps(text)[1:-1],
    "in JSON, not ASCII": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "in base64": _base64,
    "in base64 for addresses": _base64_url,
}
echoes = st.sampled_from(list(ECHOES.values()))

# --- JSON, with the names that Elvis uses and values of any type

NAMES = (
    *("errorcode", "errorname", "message", "loginSuccess", "loginFaultMessage", "authToken", "csrfToken"),
    *("serverVersion", "userProfile", "logoutSuccess", "totalHits", "hits", "id", "state", "status", "progress"),
    *("processId", "processedCount", "errorCount", "available", "version", "username", "groups", "authorities"),
)
EXCEPTIONS = ("AuthenticationCredentialsNotFoundException", "ConcurrentModificationException", "InvalidCsrfException")


ECHO, STRANGER = "<echo>", "<stranger>"
"""What stands in a reply for a secret that the server repeats, and for the address of another server."""
words = st.one_of(st.builds("{}{}{}".format, texts, st.just(ECHO), texts), st.just(f"{STRANGER}/"), anything)

leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([200, 400, 401, 403, 404, 409, 500, 503, 10**400, 0.5, 1e300]),
    st.floats(),
    st.sampled_from(["done", "failed", "running", *EXCEPTIONS]),
    words,
    words,
)
data = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.one_of(st.sampled_from(NAMES), words), inner, max_size=6)
    ),
    max_leaves=8,
)
"""Any JSON, as Elvis might answer it on a bad day."""

_LIKELY: dict[str, st.SearchStrategy[Any]] = {
    "errorcode": st.sampled_from([400, 401, 403, 404, 409, 500, 503]),
    "loginSuccess": st.booleans(),
    "logoutSuccess": st.booleans(),
    "totalHits": st.integers(0, 3),
    "hits": st.lists(st.fixed_dictionaries({"id": words}), max_size=3),
    "processId": words,
    "state": st.sampled_from(["done", "failed"]) | words,
    "available": st.booleans(),
}
_field = st.sampled_from(NAMES).flatmap(lambda name: st.tuples(st.just(name), _LIKELY.get(name, leaves) | leaves))
_near = st.lists(_field, min_size=1, max_size=4).map(dict)
answers = st.one_of(_near, _near, data)
"""JSON that is often near to what Elvis answers."""


# --- HTTP

STATUSES = (
    *(200, 200, 200, 200, 201, 204, 101, 206, 299, 301, 302, 303, 307, 308, 304),
    *(400, 401, 403, 404, 407, 408, 409, 413, 429, 451, 499, 500, 502, 503, 504, 599, 999),
)
CHARSETS = ("utf-8", "utf-16", "latin-1", "idna", "punycode", "undefined", "hex", "zlib", "utf-7", "nonsense", "\xe9")
KINDS = (
    "application/json",
    "text/html",
    "text/plain",
    "image/png",
    "video/",
    "multipart/form-data",
    "",
    ";",
    "\xff/\xb2",
)


def _latin(text: str) -> str:
    """Return what can stand in a header, byte by byte."""
    return re.sub(r"[\r\n\0]", " ", text.encode(errors="replace").decode("latin-1"))


def _starting(*starts: str) -> st.SearchStrategy[str]:
    return st.builds("{}{}".format, st.sampled_from(starts), words)


_location = st.tuples(
    st.just("Location"),
    st.one_of(_starting("", "/", "//", "http://"), st.sampled_from(["http://[", "\xff", "http://a:b/"])),
)
_charset = st.tuples(st.just("Content-Type"), st.sampled_from(CHARSETS).map("text/plain; charset={}".format))
_header = st.one_of(
    st.tuples(st.just("Content-Type"), st.one_of(st.sampled_from(KINDS), _starting("image/", "text/", ""))),
    _charset,
    _location,
    st.tuples(
        st.just("Set-Cookie"),
        st.one_of(_starting("", "authToken=", "authToken=x;"), st.sampled_from(["authToken", "JSESSIONID=a1"])),
    ),
    # Either no wait at all or one that is too long.
    st.tuples(
        st.just("Retry-After"),
        st.sampled_from(
            ["0", "-1", "99999", "\xb2", "", "soon", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 1 Jan 1 00:00"]
        ),
    ),
    st.tuples(st.just("Content-Length"), st.sampled_from(["0", "1", "-1", "9999", "\xb2", "1, 2", "9" * 5000])),
    st.tuples(st.just("Content-Encoding"), st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, gzip", "\xb2"])),
    st.tuples(st.just("Transfer-Encoding"), st.sampled_from(["chunked", "\xb2"])),
    st.tuples(st.sampled_from(["X-Said", "WWW-Authenticate", "Server"]), words),
)


@dataclass(frozen=True)
class HttpResponse:
    """A reply whose words are not yet filled in; `body` is bytes, the words of a page, or JSON."""

    status: int
    headers: list[tuple[str, str]]
    body: Any
    is_json: bool
    tells_length: bool

    def filled(self, echo: str, stranger: str) -> bytes:
        """Return what is sent."""

        def fill(value: Any) -> Any:
            if isinstance(value, str):
                return value.replace(ECHO, echo).replace(STRANGER, stranger)
            if isinstance(value, list):
                return [fill(item) for item in value]
            return {fill(name): fill(item) for name, item in value.items()} if isinstance(value, dict) else value

        body: bytes = self.body if isinstance(self.body, bytes) else b""
        if not isinstance(self.body, bytes):
            text = json.dumps(fill(self.body), ensure_ascii=self.tells_length) if self.is_json else fill(self.body)
            body = text.encode(errors="replace")
        lines = [f"HTTP/1.1 {self.status} Reply", "Connection: close"]
        lines += [f"{name}: {_latin(fill(value))}" for name, value in self.headers]
        if self.tells_length:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@dataclass(frozen=True)
class Nonsense:
    """What is no HTTP."""

    sent: bytes

    def filled(self, _echo: str, _stranger: str) -> bytes:
        return self.sent


_odd_bodies = st.binary(max_size=60) | st.sampled_from(
    [b"", b"[" * 5000, b'{"a":' * 5000, b"9" * 5000, b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}"]
)
_pages = words | words.map("<!DOCTYPE html><html><title>{}</title></html>".format)
_headers = st.lists(_header, max_size=4)
_http = st.one_of(
    st.builds(HttpResponse, st.just(200), st.just([]), answers, st.just(True), st.just(True)),
    st.builds(HttpResponse, st.sampled_from(STATUSES), _headers, answers, st.just(True), st.booleans()),
    st.builds(
        HttpResponse, st.integers(300, 308), st.tuples(_location).map(list), _pages, st.just(False), st.just(True)
    ),
    st.builds(HttpResponse, st.just(200), st.tuples(_charset).map(list), words, st.just(False), st.just(True)),
    st.builds(HttpResponse, st.sampled_from(STATUSES), _headers, _odd_bodies | _pages, st.just(False), st.booleans()),
)
_nonsense = st.binary(max_size=40) | st.sampled_from(
    [b"", b"HTTP/1.1 ", b"HTTP/1.1 abc\r\n\r\n", b"220 ESMTP\r\n", b"HTTP/9.9 200 OK\r\n\r\n"]
)
replies = st.one_of(_http, _http, _http, st.builds(Nonsense, _nonsense))
"""What a server sends: mostly HTTP, mostly Elvis' JSON, with words wherever text may stand."""


# --- Addresses

pieces = st.sampled_from(
    [
        *"/:@?#[]%;\\.",
        "//",
        "..",
        "%2e",
        "%2F",
        "%5c",
        "%00",
        "%25",
        "http:",
        "https://",
        "a",
        "dam.example.com",
        "evil.test",
        "127.0.0.1",
        "[::1]",
        ":80",
        ":0",
        ":99999",
        "user:pw@",
        "services",
        "logout",
        "apilogin",
        "search",
        "app",
        "é",
        "。",
        *("ⓔ", "\u2100", "\t", " ", "\r\n", "\0", "\ud800", "xn--a", "1" * 70, "jsessionid=1"),
    ]
)
addresses = st.lists(pieces, max_size=10).map("".join) | anything
