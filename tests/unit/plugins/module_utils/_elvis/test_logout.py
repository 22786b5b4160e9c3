# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a session that can't be handed over. How sessions end is tested with the logout."""

from __future__ import annotations

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.client import Client
from ansible_collections.damops.elvis.plugins.module_utils._elvis.logout import given_back_on_failure
from ansible_collections.damops.elvis.plugins.module_utils._elvis.session import Session
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import ConnectionOptions
from tests.support.scripted import ScriptedServer, html_reply, json_reply, scripted_server

ENDED = json_reply(200, {"logoutSuccess": True})
BROKEN = html_reply(500)


def client_of(server: ScriptedServer) -> Client:
    return Client.of(Session(server.url, "bearer", "token-of-alice", username="alice"), ConnectionOptions())


class TaskTimeoutError(BaseException):
    """As Ansible's own, which no ``except Exception`` shall catch."""


@pytest.mark.parametrize("failure", [KeyboardInterrupt, TaskTimeoutError, TimeoutError, BrokenPipeError, RuntimeError])
def test_whatever_fails_ends_the_session_first(failure: type[BaseException]) -> None:
    with scripted_server(ENDED) as server:
        with pytest.raises(failure), given_back_on_failure(client_of(server)):
            raise failure
        assert [request.path for request in server.requests] == ["/services/logout"]


@pytest.mark.parametrize("failure", [TaskTimeoutError, TimeoutError, BrokenPipeError, RuntimeError])
def test_a_session_that_stays_open_is_told_whatever_failed(failure: type[BaseException]) -> None:
    with (
        scripted_server(BROKEN) as server,
        pytest.raises(ElvisError) as caught,
        given_back_on_failure(client_of(server)),
    ):
        raise failure
    assert (caught.value.reason, caught.value.status) == ("server", 500)
    for words in ("Cannot log out", f"{failure.__name__} ended the task after its login", "it takes a licence seat"):
        assert words in caught.value.message


def test_ctrl_c_stays_ctrl_c() -> None:
    with (
        scripted_server(BROKEN) as server,
        pytest.raises(KeyboardInterrupt),
        given_back_on_failure(client_of(server)),
    ):
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("reply", "note"),
    [
        (ENDED, "The session that the server had granted was logged out again."),
        (json_reply(200, {"errorcode": 401}), "The session that the server had granted was logged out again."),
        (BROKEN, "it takes a licence seat until"),
    ],
)
def test_an_error_tells_what_became_of_the_session(reply: bytes, note: str) -> None:
    error = ElvisError("Cannot read the profile.", "forbidden", 403, None)
    with (
        scripted_server(reply) as server,
        pytest.raises(ElvisError) as caught,
        given_back_on_failure(client_of(server)),
    ):
        raise error
    assert caught.value.message.startswith("Cannot read the profile. ")
    assert note in caught.value.message
    assert (caught.value.reason, caught.value.status) == ("forbidden", 403)


def test_what_succeeds_keeps_its_session() -> None:
    with scripted_server(ENDED) as server:
        with given_back_on_failure(client_of(server)):
            pass
        with pytest.raises(SystemExit), given_back_on_failure(client_of(server)):
            raise SystemExit(0)
    assert server.requests == []
