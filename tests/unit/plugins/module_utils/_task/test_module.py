# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module as the program that it is on a target."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import TREE
from tests.support.answers import ENDED, TOKEN, bearer_grant
from tests.support.scripted import scripted_server

pytest.importorskip("ansible.module_utils.testing", reason="ansible-core before 2.19 has no way to run a module so")

PROGRAM = """
import json, sys
from ansible.module_utils.testing import patch_module_args
from ansible_collections.damops.elvis.plugins.modules import elvis_login
with patch_module_args(json.load(sys.stdin)):
    elvis_login.main()
"""


def log_in(url: str, output: int, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run elvis_login with this end of a pipe as its output."""
    options: dict[str, Any] = {"server_url": url, "username": "alice", "password": "wonderland", "timeout": 5}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(options),
        # Output has a buffer on a target, whatever this machine prefers.
        env={**os.environ, "PYTHONPATH": str(TREE), "PYTHONUNBUFFERED": "", **environment},
        check=False,
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("is_read", [True, False], ids=["read", "not read"])
def test_a_session_whose_result_nobody_can_read_is_ended(is_read: bool) -> None:
    """As when the connection to the target is gone."""
    reader, writer = os.pipe()
    if not is_read:
        os.close(reader)
    with scripted_server(bearer_grant(), ENDED) as server:
        done = log_in(server.url, writer)
    os.close(writer)
    paths = [request.path for request in server.requests]
    if is_read:
        with os.fdopen(reader) as output:
            assert json.load(output)["session"]["auth_token"] == TOKEN
        assert paths == ["/services/apilogin"]
    else:
        assert paths == ["/services/apilogin", "/services/logout"]
    assert TOKEN not in done.stderr


def test_a_variable_of_the_target_that_is_of_another_kind_is_named() -> None:
    reader, writer = os.pipe()
    with scripted_server() as server:
        done = log_in(server.url, writer, ELVIS_EXTRA_HEADERS="humpty")
    os.close(writer)
    with os.fdopen(reader) as output:
        failure = json.load(output)
    assert (done.returncode, failure["failed"], failure["reason"]) == (1, True, "bad_request")
    assert failure["msg"].startswith("The environment variable ELVIS_EXTRA_HEADERS is not a JSON object")
    assert server.requests == []
