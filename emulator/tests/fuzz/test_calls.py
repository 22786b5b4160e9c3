# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulated server answers whatever its own description allows, and what it does not; never with a 500."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, strategies as st

from elvis_emulator.description import describe
from emulator.tests.client import Client
from emulator.tests.conftest import using
from emulator.tests.fuzz.strategies import addresses, anything, texts
from emulator.tests.running import start_emulator

NOT_THOUGHT_OF = "The request can't be understood"
"""What the emulator answers, instead of a 500, when it fails."""

PLACES = ("/Demo", "/Demo/a.jpg", "/Demo/b", "/Users/alice", "/", "", "a.jpg", "..")
KNOWN = (
    "http://127.0.0.1:9/",
    "2099-01-01",
    "alice",
    "wonderland",
    "YWxpY2U6d29uZGVybGFuZA==",
    "api_x",
    "all",
    "true",
    "false",
    "0",
    "1",
    "*",
)

# A superuser may call what manages the server, too; port 9 is where nothing listens.
OTHERWISE = (
    *("--errors", "status", "--prefix", "/app", "--seats", "50", "--superuser", "alice", "--webhook-attempts", "1"),
    *("--nodes", "2", "--renew-cookie", "3", "--index-delay", "5", "--embed", "--invalid-names", "removed"),
)

Operation = tuple[str, str, dict[str, Any]]
operations: list[Operation] = [
    (method.upper(), path, operation)
    for path, methods in describe()["paths"].items()
    for method, operation in methods.items()
]

queries = st.lists(
    st.sampled_from([*'()*:+-[]\\"~!?', "name", "AND", " OR ", "NOT ", "a", "id:", "ä"]), max_size=8
).map("".join)


def _values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    of_type: dict[str, st.SearchStrategy[Any]] = {
        "integer": st.integers(-1, 5) | st.integers(),
        "boolean": st.booleans(),
        "object": st.dictionaries(texts, st.none() | texts | st.integers() | st.lists(texts, max_size=2), max_size=3),
    }
    of_type["array"] = st.lists(
        st.sampled_from(["name", "asset_create", "asset_update_metadata"]) | anything, max_size=3
    )
    kind = schema["type"]
    if kind in of_type:
        return of_type[kind] | anything
    return st.one_of(
        st.sampled_from(schema.get("enum", PLACES)),
        st.sampled_from(KNOWN),
        queries,
        anything,
        of_type["object"].map(json.dumps),
    )


def _parameters(operation: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return what a call may take, some of it, and now and then what it does not know."""
    body = next(iter(operation.get("requestBody", {"content": {}})["content"].values()), None)
    known = {
        parameter["name"]: parameter["schema"] for parameter in operation["parameters"] if parameter["in"] == "query"
    }
    known |= body["schema"]["properties"] if body else {}
    told = st.fixed_dictionaries({}, optional={name: _values(schema) for name, schema in known.items()})
    return st.builds(lambda told, more: told | more, told, st.dictionaries(anything, anything, max_size=1))


Step = tuple[Operation, dict[str, Any], str, str]
steps: st.SearchStrategy[Step] = st.sampled_from(operations).flatmap(
    lambda operation: st.tuples(
        st.just(operation),
        _parameters(operation[2]),
        st.sampled_from(["query", "form", "multipart", "json", "nonsense"]),
        st.sampled_from(["bearer", "bearer", "cookie", "cookie and CSRF token", "nobody"]) | anything,
    )
)


@pytest.fixture(scope="module", params=[(), OTHERWISE], ids=str)
def emulator(request: pytest.FixtureRequest) -> Iterator[Client]:
    """Emulators of this module's own: at its end each must have had nothing to say on stderr."""
    with using(start_emulator(*request.param)) as client:
        yield client


def _headers(client: Client) -> dict[str, dict[str, str]]:
    client.server.end_sessions()
    both = client.cookie_and_csrf()
    return {
        "bearer": client.bearer(),
        "cookie": {"Cookie": both["Cookie"]},
        "cookie and CSRF token": both,
        "nobody": {},
    }


def _text(value: Any) -> str:
    return (value if isinstance(value, str) else json.dumps(value)).encode(errors="replace").decode()


def _carried(place: str, pairs: list[tuple[str, str]], parameters: dict[str, Any]) -> dict[str, Any]:
    """Return how requests is told to send parameters in the query or in one form of body."""
    bodies: dict[str, dict[str, Any]] = {
        "query": {"params": pairs},
        "form": {"data": pairs},
        "multipart": {
            "files": [(name or "x", ("a.jpg" if name == "Filedata" else None, value)) for name, value in pairs]
        },
        "json": {"json": parameters},
        "nonsense": {
            "data": repr(pairs).encode(errors="replace"),
            "headers": {"Content-Type": "multipart/form-data; boundary=x"},
        },
    }
    return {"headers": {}, **bodies[place]}


def _send(client: Client, step: Step, headers: dict[str, str], ids: list[str]) -> Any:
    (method, path, _operation), parameters, place, _carrier = step
    path = path.replace("{id}", ids[len(parameters) % len(ids)]).replace("{rest}", "*/a.jpg")
    pairs = [(_text(name), _text(value)) for name, value in parameters.items()]
    pairs = [
        (name, ids[-1] if name in ("id", "ids", "processId") and value in KNOWN else value) for name, value in pairs
    ]
    options = _carried(place if method != "GET" else "query", pairs, parameters)
    options["headers"] |= headers
    reply = client.request(method, path, **options, allow_redirects=False)
    assert reply.status_code < 500
    assert NOT_THOUGHT_OF not in reply.text
    return reply.json() if reply.headers.get("Content-Type", "").startswith("application/json") else None


@given(steps=st.lists(steps, min_size=1, max_size=5))
def test_what_the_description_allows_is_answered(emulator: Client, steps: list[Step]) -> None:
    carriers = _headers(emulator)
    folder = emulator.post("/services/create", data={"assetPath": "/Demo/a.jpg"}, headers=carriers["bearer"]).json()
    ids = [folder["id"]]
    for step in steps:
        carrier = step[3].encode(errors="replace").decode("latin-1")
        nonsense = {"Authorization": "".join(letter for letter in carrier if letter.isprintable()).strip()}
        answer = _send(emulator, step, carriers.get(step[3], nonsense), ids)
        found = answer if isinstance(answer, dict) else {}
        ids += [found[name] for name in ("id", "processId") if isinstance(found.get(name), str)]


@given(method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "BREW"]), path=addresses)
def test_any_path_is_answered(emulator: Client, method: str, path: str) -> None:
    with suppress(UnicodeError):
        path.encode()
        path = "/" + path.partition("#")[0].replace("\r", "").replace("\n", "")
        reply = emulator.request(method, path.replace("//", "/"), allow_redirects=False)
        assert reply.status_code < 500
        assert NOT_THOUGHT_OF not in reply.text


lines = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [b"", b"Host: a", b"Content-Length: 5", b"Content-Length: -1", b"Transfer-Encoding: chunked", b": x"]
    )
    | st.sampled_from([b"Expect: 100-continue", b"Upgrade: websocket", b"Connection: upgrade", b"Content-Length: 9, 9"])
    | st.sampled_from(
        [b"Content-Type: multipart/form-data; boundary=x", b"Content-Type: multipart/form-data", b"\t folded"]
    )
    | st.sampled_from([b"Cookie: authToken=\xff", b"Authorization: Bearer \xff", b"X: " + b"x" * 9000, b"x" * 70_000]),
)
first_lines = st.sampled_from(
    [
        b"GET / HTTP/1.1",
        b"POST /services/login HTTP/1.1",
        b"POST /services/create HTTP/1.0",
        b"GET /",
        b"GET http://[ HTTP/1.1",
        b"GET * HTTP/1.1",
        b"POST //services/login?%ff HTTP/1.1",
        b"PRI * HTTP/2.0",
        b"CONNECT a:1 HTTP/1.1",
        b"\x16\x03\x01\x02",
    ]
) | st.binary(max_size=40)
bodies = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([b"zz\r\n", b"5\r\nab", b"0\r\n\r\n", b"--x\r\n\r\n", b"--x--", b"ffffffffffffffff\r\n"]),
)


@given(requests=st.lists(st.tuples(first_lines, st.lists(lines, max_size=4), bodies), min_size=1, max_size=2))
def test_what_is_not_http_does_no_harm(emulator: Client, requests: list[tuple[bytes, list[bytes], bytes]]) -> None:
    # The server may well leave first.
    with emulator.open_connection() as connection, suppress(OSError):
        for first, others, body in requests:
            connection.sendall(b"\r\n".join([first, *others, b"", b""]) + body)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
        assert b"HTTP/1.1 5" not in answer
        assert NOT_THOUGHT_OF.encode() not in answer
    assert emulator.get("/services/ping").json()["available"] is True


def test_every_call_that_is_described_is_known(emulator: Client) -> None:
    served = emulator.http.get(f"{emulator.server.url.removesuffix('/app')}/_emulator/openapi.json", timeout=30).json()
    assert served == describe()
    for method, path, _operation in operations:
        reply = emulator.request(method, path.replace("{id}", "x").replace("{rest}", "x"), allow_redirects=False)
        assert "No such service" not in reply.text
        assert "not supported" not in reply.text
