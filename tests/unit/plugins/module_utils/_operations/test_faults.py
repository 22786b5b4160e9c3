# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each operation, with all that can go wrong on its way: what it says, what reaches the server, what is left behind."""

from __future__ import annotations

import tracemalloc
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.logout import ORPHAN
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import LONGEST_REPLY
from ansible_collections.damops.elvis.plugins.module_utils._operations.login import OPERATION as LOGIN
from ansible_collections.damops.elvis.plugins.module_utils._operations.request import OUTCOME_UNKNOWN
from tests.support.answers import TOKEN
from tests.support.emulator import start_emulator
from tests.support.faults.calls import CALLS, options_of
from tests.support.faults.expected import RETRIES
from tests.support.faults.page import PAGE, table
from tests.support.faults.table import FAULTS, GROUPS, Fault
from tests.support.operations import OPERATIONS, fail, run
from tests.support.scripted import json_reply, raw_reply, scripted_server

LOST = {"login": ORPHAN, "write": OUTCOME_UNKNOWN}

BIG = GROUPS["Too much of an answer"]
SMALL = {does: fault for does, fault in FAULTS.items() if does not in BIG}
"""A file may have any size."""

QUESTION = "/services/search?q=id%3A0&num=0"
"""By which a logout without an answer finds out whether its session is over."""

each_fault = pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
each_call = pytest.mark.parametrize("call", CALLS)


def outcome_of(call: str, url: str, fault: Fault, **more: Any) -> ElvisError | None:
    """Return how a call failed; None when it did not."""
    try:
        run(OPERATIONS[call], **options_of(call, url), retries=RETRIES, timeout=fault.timeout, **more)
    except ElvisError as error:
        return error
    return None


@each_call
@each_fault
def test_fault(fault: Fault, call: str) -> None:
    expected = fault.expected.of(call)
    with fault.serve(CALLS[call].answer) as server:
        error = outcome_of(call, server.url, fault)
        assert error is None or server.wait_until_left(), "a connection that failed is closed"
    assert (error.reason if error else None, len(server.requests)) == (expected.reason, expected.requests)
    asked = [CALLS[call].path] * (expected.requests - expected.asks) + [QUESTION] * expected.asks
    assert [request.path for request in server.requests] == asked, "what is secret is in no address"
    if error:
        message = error.message
        assert f"{CALLS[call].method} {server.url}{CALLS[call].path}: " in message
        assert message.isprintable()
        for secret in (TOKEN, "wonderland", "abcdef"):
            assert secret not in str(error.as_result())
        assert (LOST.get(call, ORPHAN) in message) is expected.lost


@pytest.mark.parametrize("fault", SMALL.values(), ids=list(SMALL))
def test_a_file_is_whole_or_as_it_was(fault: Fault, tmp_path: Path) -> None:
    dest = tmp_path / "file"
    dest.write_text("as it was")
    with fault.serve(b"the whole file") as server:
        error = outcome_of("read", server.url, fault, dest=str(dest))
    assert list(tmp_path.iterdir()) == [dest]
    if error:
        assert dest.read_text() == "as it was"


@each_call
@pytest.mark.parametrize("fault", BIG.values(), ids=list(BIG))
def test_too_much_takes_no_more_memory_than_a_reply_may(fault: Fault, call: str) -> None:
    with fault.serve(CALLS[call].answer) as server:
        tracemalloc.start()
        try:
            outcome_of(call, server.url, fault)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < LONGEST_REPLY * 1.5


@each_call
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_credentials_go_to_no_other_server(call: str, status: int) -> None:
    with ExitStack() as running:
        other = running.enter_context(scripted_server(json_reply(200, {})))
        server = running.enter_context(scripted_server(raw_reply(status, Location=f"{other.url}{CALLS[call].path}")))
        assert fail(OPERATIONS[call], **options_of(call, server.url)).reason == "bad_response"
    assert (len(server.requests), other.connections) == (1, 0)


@each_call
def test_no_call_takes_a_challenge_up(call: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A password that lies around for this host would be sent."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    challenge = ["Negotiate", "NTLM", 'Basic realm="Elvis"', 'Digest realm="Elvis", nonce="1"']
    with scripted_server(raw_reply(401, WWW_Authenticate=challenge)) as server:
        assert fail(OPERATIONS[call], **options_of(call, server.url)).status == 401
    (request,) = server.requests
    assert request.headers["Authorization"] == (None if call == "login" else f"Bearer {TOKEN}")


@pytest.mark.parametrize("auth_method", ["bearer", "cookie"])
def test_a_wrong_password_locks_no_account(auth_method: str) -> None:
    """It is submitted once by a task, however often that may try."""
    account: dict[str, Any] = {"username": "alice", "auth_method": auth_method, "retries": 9}
    with start_emulator("--lockout", "3") as server:
        for _number in range(2):
            error = fail(LOGIN, server_url=server.url, password="looking-glass", **account)
            assert error.reason == "refused"
        assert len(server.requests()) == 2
        run(LOGIN, server_url=server.url, password="wonderland", **account)
        for _number in range(3):
            fail(LOGIN, server_url=server.url, password="looking-glass", **account)
        assert "locked" in fail(LOGIN, server_url=server.url, password="wonderland", **account).message.lower()


def test_the_page_shows_the_table() -> None:
    assert table() in PAGE.read_text(encoding="utf-8"), "run: python -m tests.support.faults.page"
