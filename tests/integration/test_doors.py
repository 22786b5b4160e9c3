# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task returns the same, whoever does the work and however often."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.support import Ansible, Result, comparable
from tests.support.emulator import Emulator, start_emulator

TASKS = """
- damops.elvis.elvis_login:
    server_url: "{{ url }}"
    username: alice
    password: wonderland
    return_profile: true
  register: bearer
- damops.elvis.elvis_login:
    server_url: "{{ url }}"
    auth_method: session
    username: alice
    password: wonderland
    return_profile: true
  register: session
- damops.elvis.elvis_login:
    server_url: "{{ url }}"
    username: alice
    password: looking-glass
  register: refused
  ignore_errors: true
- damops.elvis.elvis_login:
    server_url: "{{ url }}"
    auth_method: basic
  register: not_valid
  ignore_errors: true
- damops.elvis.elvis_logout:
    session: "{{ bearer.session }}"
    verify: true
  register: logout
- damops.elvis.elvis_logout:
    session: "{{ bearer.session }}"
  register: logout_again
- damops.elvis.elvis_logout:
    session: "{{ session.session }}"
    mode: redirect
    logout_success_url: /goodbye
  register: redirect
- damops.elvis.elvis_login:
    server_url: "{{ url }}"
    username: alice
    password: wonderland
  check_mode: true
  register: simulated
"""
NAMES = ("bearer", "session", "refused", "not_valid", "logout", "logout_again", "redirect", "simulated")


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def reference(installed: Ansible, server: Emulator) -> dict[str, Result]:
    return installed.play(TASKS, vars={"url": server.url}).results


@pytest.fixture(scope="module")
def results(ansible: Ansible, server: Emulator) -> dict[str, Result]:
    return ansible.play(TASKS, vars={"url": server.url}).results


@pytest.mark.parametrize("name", NAMES)
def test_result(name: str, results: dict[str, Result], reference: dict[str, Result]) -> None:
    assert comparable(results[name]) == comparable(reference[name])
