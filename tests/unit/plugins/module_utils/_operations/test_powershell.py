# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same answers for PowerShell and for the collection; docs/powershell.md says of each what came of it here."""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import socket
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._operations.login import OPERATION as LOGIN
from ansible_collections.damops.elvis.plugins.module_utils._operations.request import OPERATION as REQUEST
from tests.support.emulator import ROOT, start_emulator
from tests.support.operations import run
from tests.support.powershell import run_script
from tests.support.scripted import (
    HttpResponse,
    ScriptedServer,
    drip,
    html_reply,
    json_reply,
    raw_reply,
    scripted_server,
    stay_silent,
)

PAGE = ROOT / "docs/powershell.md"
ASK = ROOT / "tests/support/ask.ps1"
SECONDS_TO_WATCH = 6
"""What still waits then, after a time-out of a second, waits for ever."""
WAITS = ("waiting", "")
NO_OBJECT = ("String", "")
SENDS_NOTHING_BACK = ("PSCustomObject", "")


def reply(text: str | bytes, content_type: str = "application/json", **headers: str) -> bytes:
    body = text if isinstance(text, bytes) else text.encode()
    return raw_reply(200, body, Content_Type=content_type, **headers)


def partly(whole: bytes, of_body: int = 5) -> Callable[[socket.socket], None]:
    """Return a reply of which only a part of the body comes, on a connection that stays."""
    head, _blank, body = whole.partition(b"\r\n\r\n")

    def send(connection: socket.socket) -> None:
        connection.sendall(head + b"\r\n\r\n" + body[:of_body])
        stay_silent(connection)

    return send


def slowly(whole: bytes) -> Callable[[socket.socket], None]:
    """Return a reply of which the body comes a byte at a time, each within the time-out."""
    head, _blank, body = whole.partition(b"\r\n\r\n")

    def send(connection: socket.socket) -> None:
        connection.sendall(head + b"\r\n\r\n")
        drip(body, 0.4)(connection)

    return send


@dataclass(frozen=True)
class Case:
    """An answer of a server, and what comes of it; the strings are the row of the page.

    :param outcome: what kind of thing PowerShell makes of it, and what its property `word` is
    :param ours: that word where the collection reads it, or the reason of the failure
    """

    answer: str
    in_powershell: str
    in_collection: str
    reply: HttpResponse
    outcome: tuple[str, str]
    ours: Any
    parameters: Mapping[str, Any] = field(default_factory=dict)


TEXT = json.dumps({"word": "Müller"}, ensure_ascii=False)
TWICE = gzip.compress(gzip.compress(TEXT.encode()))
AN_HOUR = {"word": "2026-11-22T11:14:08+09:00"}
A_STRING = "a string: `$Answer.authToken` and all else is empty, no error"
FOR_EVER = "waits for ever"
IN_TIME = "fails when `timeout` is over, whatever trickles in"
READ = "read"
TIMEOUT = {"TimeoutSec": 1}
OPERATION_TIMEOUT = {"OperationTimeoutSeconds": 1}
TOO_MANY_HEADERS = b"".join(b"X-Header-%d: x\r\n" % number for number in range(150))

SAFER = (
    Case("UTF-8 with a byte order mark", A_STRING, READ, reply(b"\xef\xbb\xbf" + TEXT.encode()), NO_OBJECT, "Müller"),
    Case("UTF-16", A_STRING, READ, reply(TEXT.encode("utf-16")), NO_OBJECT, "Müller"),
    Case(
        "UTF-8 that is labelled ISO-8859-1",
        "`MÃ¼ller` for Müller, no error",
        READ,
        reply(TEXT, "application/json; charset=ISO-8859-1"),
        ("PSCustomObject", "MÃ¼ller"),
        "Müller",
    ),
    Case(
        "two names that differ in their capitals, `name` and `Name`",
        A_STRING,
        READ,
        reply('{"word": "Müller", "Word": "x"}'),
        NO_OBJECT,
        "Müller",
    ),
    Case("JSON that ends too early", A_STRING, "`bad_response`", reply(TEXT.encode()[:-4]), NO_OBJECT, "bad_response"),
    Case(
        "gzip in gzip, named once",
        A_STRING,
        "`bad_response`",
        reply(TWICE, Content_Encoding="gzip"),
        NO_OBJECT,
        "bad_response",
    ),
    Case(
        "`NaN`, which is no JSON",
        "`NaN`",
        "`bad_response`",
        reply('{"word": NaN}'),
        ("PSCustomObject", "NaN"),
        "bad_response",
    ),
    Case(
        "a date with a zone, `2026-11-22T11:14:08+09:00`",
        "a `DateTime` of this machine's zone; the other is lost",
        "text, as it came",
        json_reply(200, AN_HOUR),
        ("PSCustomObject", "DateTime"),
        AN_HOUR["word"],
    ),
    Case(
        "a failure in an HTTP 200",
        "no error, exit status 0",
        "fails, with its `reason`",
        json_reply(200, {"errorcode": 404, "errorname": "NotFound", "message": "no such asset"}),
        SENDS_NOTHING_BACK,
        "not_found",
    ),
    Case(
        "a sign-on page",
        "an `XmlDocument`, no error",
        "`bad_response`",
        html_reply(200),
        ("XmlDocument", ""),
        "bad_response",
    ),
    Case(
        "no answer at all, with `-TimeoutSec`",
        "fails in time",
        IN_TIME,
        stay_silent,
        ("error", "TaskCanceledException"),
        "timeout",
        TIMEOUT,
    ),
    Case(
        "no answer at all, with `-OperationTimeoutSeconds` alone",
        FOR_EVER,
        IN_TIME,
        stay_silent,
        WAITS,
        "timeout",
        OPERATION_TIMEOUT,
    ),
    Case(
        "a body that stops half-way, with `-TimeoutSec`",
        FOR_EVER,
        IN_TIME,
        partly(reply(TEXT)),
        WAITS,
        "timeout",
        TIMEOUT,
    ),
    Case(
        "a body of a few bytes a second, with both",
        FOR_EVER,
        IN_TIME,
        slowly(reply(" " * 100 + TEXT)),
        WAITS,
        "timeout",
        {**TIMEOUT, **OPERATION_TIMEOUT},
    ),
)

THE_SAME = (
    Case(
        "ISO-8859-1, labelled",
        READ,
        READ,
        reply(TEXT.encode("latin-1"), "application/json; charset=ISO-8859-1"),
        ("PSCustomObject", "Müller"),
        "Müller",
    ),
    Case(
        "windows-1252, labelled",
        READ,
        READ,
        reply(TEXT.encode("cp1252"), "application/json; charset=windows-1252"),
        ("PSCustomObject", "Müller"),
        "Müller",
    ),
    Case(
        "raw `deflate`",
        READ,
        READ,
        reply(zlib.compress(TEXT.encode())[2:-4], Content_Encoding="deflate"),
        ("PSCustomObject", "Müller"),
        "Müller",
    ),
    Case(
        "a `103 Early Hints` before the answer",
        READ,
        READ,
        b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n" + reply(TEXT),
        ("PSCustomObject", "Müller"),
        "Müller",
    ),
    Case(
        "a raw control character in a text",
        READ,
        READ,
        reply('{"word": "Mü\x01ller"}'),
        ("PSCustomObject", "Mü\x01ller"),
        "Mü\x01ller",
    ),
    Case(
        "half of a surrogate pair",
        "U+FFFD",
        "U+FFFD",
        reply(rb'{"word": "M\ud83dller"}'),
        ("PSCustomObject", "M\ufffdller"),
        "M\ufffdller",
    ),
    Case(
        "a connection that is closed half-way",
        "fails",
        "fails",
        reply(TEXT, Content_Length="500"),
        ("error", "HttpIOException"),
        "bad_response",
    ),
)

BETTER = (
    Case(
        "an answer with more than 100 header lines",
        READ,
        "`bad_response`: a limit of Python's `http.client`",
        reply(TEXT).replace(b"\r\n\r\n", b"\r\n" + TOO_MANY_HEADERS + b"\r\n", 1),
        ("PSCustomObject", "Müller"),
        "bad_response",
    ),
)

CASES = {case.answer: case for case in (*SAFER, *THE_SAME, *BETTER)}
each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, ScriptedServer]]:
    with contextlib.ExitStack() as stack:
        yield {name: stack.enter_context(scripted_server(case.reply)) for name, case in CASES.items()}


@pytest.fixture(scope="module")
def outcomes(servers: Mapping[str, ScriptedServer], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What PowerShell makes of all the answers; it is started once."""
    calls = {name: {"Uri": f"{servers[name].url}/services/search", **case.parameters} for name, case in CASES.items()}
    return ask(calls, tmp_path_factory.mktemp("powershell"))


def ask(calls: Mapping[str, Mapping[str, Any]], home: Path) -> dict[str, Any]:
    """Return what Invoke-RestMethod makes of each of these calls."""
    cases = home / "cases.json"
    cases.write_text(json.dumps(calls), encoding="utf-8")
    done = run_script(ASK, "-Cases", str(cases), "-Seconds", str(SECONDS_TO_WATCH), home=home, env={})
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@each_case
def test_powershell(case: Case, outcomes: Mapping[str, Any]) -> None:
    outcome = outcomes[case.answer]
    word = outcome["word_kind"] if outcome["word_kind"] == "DateTime" else outcome["word"]
    if outcome["kind"] == "error":
        word = word.partition(":")[0]
    assert (outcome["kind"], word) == case.outcome


@each_case
def test_the_collection(case: Case, servers: Mapping[str, ScriptedServer]) -> None:
    session = {"server_url": servers[case.answer].url, "auth_method": "bearer", "auth_token": "token-of-alice"}
    try:
        done = run(REQUEST, session=session, path="services/search", timeout=1, retries=0)
        found = done["body"]["word"]
    except ElvisError as error:
        found = error.reason
    assert found == case.ours


def rows(heading: str) -> list[tuple[str, ...]]:
    """Return the cells of the first table below a heading of the page."""
    section = PAGE.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    table = re.search(r"(?:^\|.*\n)+", section, re.MULTILINE)
    assert table, heading
    return [tuple(cell.strip() for cell in row.strip("|\n").split(" | ")) for row in table[0].splitlines()[2:]]


@pytest.mark.parametrize(
    ("heading", "cases"), [("What is safer now", SAFER), ("What both read", THE_SAME)], ids=["safer", "the same"]
)
def test_the_page_says_what_was_measured(heading: str, cases: tuple[Case, ...]) -> None:
    assert rows(heading) == [(case.answer, case.in_powershell, case.in_collection) for case in cases]


def test_the_page_says_what_powershell_reads_better() -> None:
    case = BETTER[0]
    assert (case.answer, f"{case.in_powershell}; here {case.in_collection}") in rows("What PowerShell does better")


# --- What is repeated, and what is sent


def test_a_write_that_is_refused_is_repeated_by_powershell_alone(tmp_path: Path) -> None:
    refusal = json_reply(401, {"errorcode": 401, "message": "Not logged in"})
    with scripted_server(refusal) as asked, scripted_server(refusal) as ours:
        repeating = {"Method": "Post", "MaximumRetryCount": 3, "RetryIntervalSec": 1}
        outcome = ask({"write": {"Uri": f"{asked.url}/services/createFolder", **repeating}}, tmp_path)
        session = {"server_url": ours.url, "auth_method": "bearer", "auth_token": "token-of-alice"}
        with pytest.raises(ElvisError):
            run(REQUEST, session=session, path="services/createFolder", method="POST", form={"path": "/a"}, retries=3)
    assert outcome["write"]["kind"] == "error"
    assert (len(asked.requests), len(ours.requests)) == (4, 1)


STOPS = """
$ErrorActionPreference = 'Stop'
$Login = Invoke-RestMethod -Method Post -Uri "$env:ELVIS_SERVER_URL/services/apilogin" -Body @{
    username = $env:ELVIS_USERNAME; password = $env:ELVIS_PASSWORD }
$Headers = @{ Authorization = "Bearer $($Login.authToken)" }
Invoke-RestMethod -Headers $Headers -Uri "$env:ELVIS_SERVER_URL/no/such/service"
Invoke-RestMethod -Method Post -Headers $Headers -Uri "$env:ELVIS_SERVER_URL/services/logout"
"""


def test_a_script_that_stops_leaves_its_session(tmp_path: Path) -> None:
    script = tmp_path / "stops.ps1"
    script.write_text(STOPS, encoding="utf-8")
    with start_emulator() as server:
        credentials = {"ELVIS_SERVER_URL": server.url, "ELVIS_USERNAME": "alice", "ELVIS_PASSWORD": "wonderland"}
        done = run_script(script, home=tmp_path, env=credentials)
        assert done.returncode == 1
        assert len(server.sessions()) == 1


@pytest.mark.parametrize("password", ["a&b", "a%41b", "a+b", "a#b"])
def test_a_password_that_an_address_can_not_hold(password: str, tmp_path: Path) -> None:
    with start_emulator("--user", f"alice:{password}") as server:
        credentials = {"ELVIS_SERVER_URL": server.url, "ELVIS_USERNAME": "alice", "ELVIS_PASSWORD": password}
        done = run_script(ROOT / "examples/powershell/logout.ps1", home=tmp_path, env=credentials)
        # The script says nothing of it.
        assert done.returncode == 0
        queries = [request["query"] for request in server.requests()]
        assert queries[0]
        assert "Logged out: True" not in done.stdout
        server.forget_requests()
        login = run(LOGIN, server_url=server.url, username="alice", password=password)
        assert login["session"]["auth_token"]
        assert [request["query"] for request in server.requests()] == [[]]


# --- The parameters


def test_every_parameter_has_its_row(tmp_path: Path) -> None:
    script = tmp_path / "parameters.ps1"
    script.write_text(
        '"$($PSVersionTable.PSVersion.Major).$($PSVersionTable.PSVersion.Minor)"\n'
        "$Common = [Management.Automation.PSCmdlet]::CommonParameters\n"
        "(Get-Command Invoke-RestMethod).Parameters.Keys | Where-Object { $_ -notin $Common } | Sort-Object\n",
        encoding="utf-8",
    )
    version, *parameters = run_script(script, home=tmp_path, env={}).stdout.split()
    if version != "7.6":
        pytest.skip(f"this is PowerShell {version}, and the page is about 7.6")
    shown = [cell for first, *_others in rows("Each parameter") for cell in re.findall(r"`-(\w+)`", first)]
    assert sorted(shown, key=str.lower) == sorted(parameters, key=str.lower)
