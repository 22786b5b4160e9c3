# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What reads the values of a task and of a server: it returns, or says what is wrong, whatever it is given."""

from __future__ import annotations

import base64
import contextlib
import json
import math
import ssl
import unicodedata
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args
from urllib.parse import parse_qsl, urlencode

import requests
import urllib3
from hypothesis import given, strategies as st

from ansible_collections.damops.elvis.plugins.module_utils._elvis.content import check_file, read_content
from ansible_collections.damops.elvis.plugins.module_utils._elvis.credentials import Credentials, read_credentials
from ansible_collections.damops.elvis.plugins.module_utils._elvis.fields import encode_fields
from ansible_collections.damops.elvis.plugins.module_utils._elvis.redaction import encode_cred
from ansible_collections.damops.elvis.plugins.module_utils._elvis.response import asked_to_wait, parse, try_again
from ansible_collections.damops.elvis.plugins.module_utils._elvis.token import expires_at
from ansible_collections.damops.elvis.plugins.module_utils._errors import CallFailure, ElvisError, Kind
from ansible_collections.damops.elvis.plugins.module_utils._http.failures import explain
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import HttpResponse
from ansible_collections.damops.elvis.plugins.module_utils._task.arguments import SESSION_ARGUMENTS
from ansible_collections.damops.elvis.plugins.module_utils._task.call import Call
from ansible_collections.damops.elvis.plugins.module_utils._task.handover import unwrap, wrap
from ansible_collections.damops.elvis.plugins.module_utils._text import TIME_FORMAT
from tests.fuzz.strategies import CHARSETS, KINDS, MARK, STATUSES, answers, anything, data, passwords, texts, tokens

headers = st.fixed_dictionaries(
    {},
    optional={
        "Content-Type": st.sampled_from(KINDS)
        | st.sampled_from(CHARSETS).map("text/plain; charset={}".format)
        | anything,
        "Location": anything,
        "Retry-After": anything | st.sampled_from(["9" * 5000, "\xb2", "Mon, 1 Jan 1 00:00:00"]),
    },
)
bodies = st.one_of(
    answers.map(lambda answer: json.dumps(answer).encode()),
    st.binary(max_size=60),
    anything.map(lambda text: text.encode(errors="surrogatepass")),
)
http_replies = st.builds(HttpResponse, st.sampled_from(STATUSES), headers, bodies, saved=st.booleans())


def _part(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _token(header: Any, claims: Any, form: str) -> str:
    body = json.dumps(claims).encode()
    compressed = {"zlib": zlib.compress(body), "broken": zlib.compress(body)[:-5]}.get(form, body)
    return ".".join([_part(json.dumps(header).encode()), _part(compressed), "signature"])


claims = st.dictionaries(
    st.sampled_from(["exp", "iat"]), st.one_of(st.integers(), st.floats(), anything, data), max_size=2
)
made_tokens = st.builds(
    _token,
    st.sampled_from([{"zip": "DEF"}, {}, {"zip": 1}, [], None, "zip"]),
    claims | data,
    st.sampled_from(["zlib", "broken", "plain"]),
)


@given(
    st.one_of(
        anything, made_tokens, st.lists(st.binary(max_size=30), max_size=4).map(lambda p: ".".join(map(_part, p)))
    )
)
def test_a_token_tells_a_time_or_nothing(token: str) -> None:
    told = expires_at(token)
    assert told is None or datetime.strptime(told, TIME_FORMAT)  # noqa: DTZ007 - only its form


@given(http_replies)
def test_a_reply_is_read_or_judged(reply: HttpResponse) -> None:
    for read in (parse, read_content, try_again, asked_to_wait, lambda reply: check_file(reply, "a")):
        try:
            read(reply)
        except CallFailure as failure:
            assert failure.kind in get_args(Kind)
            assert MARK not in failure.summary


@given(
    st.text("aE<>!- xtile", max_size=30).map(lambda piece: (piece or "a") * 300) | st.sampled_from(["<title", "<!--"])
)
def test_a_long_reply_is_judged_in_time(words: str) -> None:
    long = (words * (70_000 // len(words) + 1)).encode()
    error = json.dumps({"errorcode": 401, "message": long.decode()}).encode()
    for body in (long, b"<html>" + long, error):
        with contextlib.suppress(CallFailure):
            parse(HttpResponse(200, {}, body))


def _failed(kind: type[BaseException], args: list[Any], cause: BaseException | None) -> BaseException:
    try:
        error = kind(*args)
    except (TypeError, AttributeError):
        error = Exception(*args)
    error.__cause__ = cause
    return error


arguments = st.lists(st.one_of(anything, st.integers(-1, 200), st.none(), st.binary(max_size=5)), max_size=3)
exception_kinds = st.sampled_from(
    [
        *(OSError, ValueError, ConnectionResetError, UnicodeError, TimeoutError),
        *(ssl.SSLError, ssl.SSLCertVerificationError),
        *(requests.ConnectionError, requests.exceptions.ProxyError, requests.exceptions.InvalidURL),
        *(urllib3.exceptions.ProtocolError, urllib3.exceptions.SSLError, urllib3.exceptions.DecodeError),
    ]
)
failures = st.recursive(
    st.builds(_failed, exception_kinds, arguments, st.none()),
    lambda inner: st.builds(_failed, exception_kinds, st.lists(inner | anything, max_size=2), st.none() | inner),
    max_leaves=4,
)


@given(failures, passwords)
def test_a_failure_of_the_libraries_is_explained_in_our_own_words(failure: BaseException, secret: str) -> None:
    outermost = requests.ConnectionError(f"http://alice:{secret}@proxy/", failure)
    told = explain(outermost, 3, has_sent=True)
    assert told.kind in get_args(Kind)
    assert MARK not in told.summary


def _credentials(**given: str | None) -> Credentials | str:
    try:
        return read_credentials({"username": None, "password": None, "cred": None, **given})
    except ElvisError as error:
        return error.message


def _is_utf8(text: str) -> bool:
    return text == text.encode(errors="ignore").decode()


def _is_typed(text: str) -> bool:
    """Tell whether somebody could mean a user name or a password: text without control characters."""
    return _is_utf8(text) and not any(unicodedata.category(character) == "Cc" for character in text)


@given(passwords | anything, passwords | anything)
def test_credentials_are_read_whole_or_refused(username: str, password: str) -> None:
    read = _credentials(username=username, password=password)
    if isinstance(read, str):
        assert MARK not in read
        assert not username or not password or not _is_typed(username + password)
    else:
        assert read == (username, password)


@given(anything | passwords.map(lambda text: base64.b64encode(text.encode()).decode()) | st.binary().map(_part))
def test_a_cred_is_read_or_refused(cred: str) -> None:
    read = _credentials(cred=cred)
    if isinstance(read, str):
        assert MARK not in read
    else:
        assert all(read)


@given(texts.filter(bool), texts.filter(bool), st.integers(1, 76))
def test_a_cred_that_was_made_is_read(username: str, password: str, width: int) -> None:
    username = username.replace(":", "") or "alice"
    cred = encode_cred(username, password)
    wrapped = "\n".join(cred[at : at + width] for at in range(0, len(cred), width))
    read = _credentials(cred=wrapped)
    if _is_typed(username + password):
        assert read == (username, password)
    else:
        assert isinstance(read, str)


session_options = st.fixed_dictionaries(
    {},
    optional={
        "server_url": anything | st.just("https://dam.example.com/app"),
        "auth_method": st.sampled_from(["bearer", "cookie"]),
        "simulated": st.booleans(),
        **dict.fromkeys(("auth_token", "csrf_token", "cookie"), st.one_of(tokens, passwords, anything)),
        **dict.fromkeys(("username", "server_version", "expires_at"), anything),
    },
)


@given(
    st.none() | session_options,
    st.none() | tokens | passwords | anything,
    st.none() | st.just("https://dam.example.com/app") | anything,
    st.booleans(),
)
def test_a_session_is_read_or_refused(
    option: Mapping[str, Any] | None, token: str | None, server_url: str | None, check_mode: bool
) -> None:
    known: dict[str, Any] = SESSION_ARGUMENTS["session"]["options"]
    whole = None if option is None else {**dict.fromkeys(known), "simulated": False, **option}
    try:
        session = Call({"session": whole, "auth_token": token, "server_url": server_url}, check_mode).session
    except ElvisError as error:
        assert error.reason == "bad_request"
        for secret in (token, *(option or {}).values()):
            assert not isinstance(secret, str) or MARK not in secret or secret not in error.message
        return
    if session is not None:
        for line in session.headers.values():
            assert line.isascii()
            assert line.isprintable()
        assert session.expiry is None or session.expiry.tzinfo
        assert not any(secret in repr(session) for secret in session.secrets if MARK in secret)


@given(st.dictionaries(anything, data, max_size=6))
def test_a_result_goes_there_and_back_unchanged(result: dict[str, Any]) -> None:
    wrapped = wrap(result)
    assert not any(character.isascii() for character in wrapped)
    # As text, because NaN is not equal to itself.
    assert json.dumps(unwrap(wrapped)) == json.dumps(result)


@given(anything)
def test_what_was_not_wrapped_is_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert wrap(unwrap(text)) == text


scalars = st.one_of(anything, texts, st.integers(), st.floats(), st.booleans(), st.none())
values = st.one_of(scalars, st.lists(scalars, max_size=3), data)


@given(st.dictionaries(texts | anything, values, max_size=4))
def test_pairs_arrive_as_they_were_given(given_values: dict[str, Any]) -> None:
    try:
        pairs = encode_fields("form", given_values)
    except ElvisError as error:
        assert error.reason == "bad_request"
        error.message.encode()
        return
    assert parse_qsl(urlencode(pairs), keep_blank_values=True) == pairs
    items = [
        (name, item) for name, value in given_values.items() for item in (value if isinstance(value, list) else [value])
    ]
    wanted = [(name, item) for name, item in items if item is not None]
    assert [name for name, _text in pairs] == [name for name, _item in wanted]
    for (_name, item), (_same, text) in zip(wanted, pairs, strict=True):
        if isinstance(item, float) and not isinstance(item, bool):
            assert float(text) == item or (math.isnan(item) and text == "nan")
        elif not isinstance(item, bool):
            assert text == str(item)
