# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that does what it is asked, and an answer that never arrives."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.logout import ORPHAN
from ansible_collections.damops.elvis.plugins.module_utils._operations.request import OUTCOME_UNKNOWN
from tests.support.emulator import Emulator
from tests.support.operations import OPERATIONS, fail, run
from tests.support.relay import lossy_relay

both_methods = pytest.mark.parametrize("auth_method", ["bearer", "cookie"])
cut_off = pytest.mark.parametrize("passed_on", [0, 5, 60, 160], ids=lambda passed_on: f"after {passed_on} bytes")
ALICE: dict[str, Any] = {"username": "alice", "password": "wonderland"}


@cut_off
@both_methods
def test_a_login_says_that_a_session_may_be_open(elvis: Emulator, auth_method: str, passed_on: int) -> None:
    with lossy_relay(elvis.url, passed_on) as url:
        error = fail(OPERATIONS["login"], server_url=url, auth_method=auth_method, **ALICE)
    assert ORPHAN in error.message
    assert len(elvis.sessions()) == 1, "it is, and no second login was sent"


@cut_off
@both_methods
def test_a_write_says_that_it_may_be_done(elvis: Emulator, auth_method: str, passed_on: int) -> None:
    session = run(OPERATIONS["login"], server_url=elvis.url, auth_method=auth_method, **ALICE)["session"]
    write: dict[str, Any] = {
        "path": "services/createFolder",
        "method": "POST",
        "form": {"path": "/Demo Zone/made by a test"},
    }
    elvis.forget_requests()
    with lossy_relay(elvis.url, passed_on) as url:
        error = fail(OPERATIONS["write"], session=session | {"server_url": url}, **write)
    assert OUTCOME_UNKNOWN in error.message
    assert len(elvis.requests()) == 1


@cut_off
@both_methods
def test_a_logout_is_sent_again_and_knows_that_it_was_done(elvis: Emulator, auth_method: str, passed_on: int) -> None:
    session = run(OPERATIONS["login"], server_url=elvis.url, auth_method=auth_method, **ALICE)["session"]
    with lossy_relay(elvis.url, passed_on) as url:
        result = run(OPERATIONS["logout"], session=session | {"server_url": url})
    assert (result["changed"], result["was_logged_in"]) == (True, True)
    assert elvis.sessions() == []
