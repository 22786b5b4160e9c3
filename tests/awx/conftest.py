# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs the collection as the integration tests do, and gets the one that sets up AWX."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.awx.configuring import CA, WHOLE, Configure, changes, configuring, new_controller
from tests.awx.controller import Controller
from tests.integration.conftest import collections
from tests.integration.support import BIN, EXECUTIONS, Ansible
from tools import awx_collection
from tools.programs import Skipped

__all__ = ["collections"]


@pytest.fixture(scope="session")
def installed(collections: Path, tmp_path_factory: pytest.TempPathFactory) -> Ansible:
    """Where jobs find Ansible and the installed collection."""
    return Ansible(BIN / "ansible-playbook", collections, lambda: tmp_path_factory.mktemp("job"), execution="auto")


@pytest.fixture(params=EXECUTIONS)
def ansible(request: pytest.FixtureRequest, installed: Ansible) -> Ansible:
    """The same, in each place of execution in turn."""
    return replace(installed, execution=request.param)


@pytest.fixture(scope="session")
def awx_collections() -> Path:
    """The folder of collections that has the real awx.awx."""
    try:
        return awx_collection.fetched()
    except Skipped as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def configure(awx_collections: Path, tmp_path_factory: pytest.TempPathFactory) -> Configure:
    """Runs configure.yml against a stand-in."""
    return configuring(
        Ansible(BIN / "ansible-playbook", awx_collections, lambda: tmp_path_factory.mktemp("configure"), "auto")
    )


@pytest.fixture(scope="session")
def set_up(configure: Configure, tmp_path_factory: pytest.TempPathFactory) -> Controller:
    """What a first run made of an AWX that had nothing. Copy it before you change it."""
    controller = new_controller()
    ca_path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca_path.write_text(CA, encoding="utf-8")
    assert changes(configure(controller, {**WHOLE, "ELVIS_CA_PATH": str(ca_path)})) > 0
    return controller
