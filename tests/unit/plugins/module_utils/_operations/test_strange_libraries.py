# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Python libraries that put themselves in the place of others: they work, or are refused by name."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._http import adapter
from ansible_collections.damops.elvis.plugins.module_utils._operations import login
from ansible_collections.damops.elvis.plugins.module_utils._task import connection
from tests.support.answers import bearer_grant
from tests.support.certificates import LAST_WEEK, YESTERDAY, Certificates, serving
from tests.support.operations import fail
from tests.support.scripted import scripted_server

HOST = "127.0.0.1"
ROOT = Path(__file__).parents[5]
WITH_TRUSTSTORE = """
import json, sys, truststore
truststore.inject_into_ssl()
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._operations import login
from tests.support.operations import run

def outcome(url):
    try:
        who = {"username": "alice", "password": "wonderland", "retries": 0, "ca_path": sys.argv[1]}
        return run(login.OPERATION, server_url=url, **who)["msg"]
    except ElvisError as error:
        return error.message

print(json.dumps([outcome(url) for url in sys.argv[2:]]))
"""


def test_the_trust_of_the_system(tmp_path: Path) -> None:
    made = Certificates(tmp_path)
    contexts = (
        serving(made.issue("good.pem", HOST)),
        serving(made.issue("expired.pem", HOST, not_before=LAST_WEEK, not_after=YESTERDAY)),
        serving(made.sign_itself("self.pem")),
    )
    grant = bearer_grant()
    with (
        scripted_server(grant, tls=contexts[0]) as good,
        scripted_server(grant, tls=contexts[1]) as expired,
        scripted_server(grant, tls=contexts[2]) as self_signed,
    ):
        servers = (good, expired, self_signed)
        command = [sys.executable, "-c", WITH_TRUSTSTORE, made.path("ca.pem"), *(server.url for server in servers)]
        path = f"{ROOT}:{ROOT / '.cache/dev'}"
        done = subprocess.run(
            command, check=True, capture_output=True, text=True, cwd=ROOT, env={"PYTHONPATH": path, "HOME": path}
        )

    of_good, of_expired, of_self_signed = json.loads(done.stdout)
    assert of_good.startswith("Logged in to ")
    assert "the server's certificate has expired" in of_expired
    assert "the server's certificate is self-signed" in of_self_signed
    assert [len(server.requests) for server in servers] == [1, 0, 0]


class Replaced:
    """A connection of a library that works in another way."""


def replaced_without_hook() -> type:
    return type("HTTPConnection", (http.client.HTTPConnection,), {})


@pytest.mark.parametrize("kind", [Replaced, replaced_without_hook()], ids=["other", "without hook"])
def test_another_urllib3_is_refused_by_name(kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "HTTPConnection", kind)
    problem = adapter.check_urllib3()
    assert problem is not None
    monkeypatch.setattr(connection, "IMPORT_ERROR", problem)

    error = fail(login.OPERATION, server_url="http://127.0.0.1:9", username="alice", password="wonderland")

    assert error.reason == "missing_library"
    assert f"has {adapter.NAME}, which is not the one that requests is made for" in error.message
    assert sys.executable in error.message


def test_a_connection_that_comes_about_in_another_way_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A urllib3 of tomorrow may not ask where we wait for it."""
    with scripted_server(bearer_grant()) as server:
        monkeypatch.setattr(adapter._Timed, "_new_conn", lambda self: super(adapter._Timed, self)._new_conn())
        error = fail(login.OPERATION, server_url=server.url, username="alice", password="wonderland", retries=0)

    assert error.reason == "missing_library"
    assert "connects in a way with which no time-out can be kept" in error.message
    assert server.requests == []
