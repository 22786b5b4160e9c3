# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs the collection as a user would, for tests that run real playbooks with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tests.integration.support import BIN, EXECUTIONS, Ansible, install_collection
from tests.support import sshd
from tests.support.emulator import Emulator, start_emulator


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the tests run with another ansible-core than the one that is installed beside pytest."""
    parser.addoption(
        "--ansible-playbook",
        type=Path,
        default=BIN / "ansible-playbook",
        metavar="PATH",
        help="the ansible-playbook to run; its Python needs requests (default: %(default)s)",
    )
    parser.addoption(
        "--target-python",
        type=Path,
        metavar="PATH",
        help="the Python, which needs requests, for modules that run on the target (default: ansible-playbook's)",
    )
    parser.addoption(
        "--chaos",
        action="append",
        default=[],
        metavar="SEED",
        help="a seed of the unkind server, repeatable (default: one seed, and a server that lags less)",
    )
    parser.addoption("--new-seeds", type=int, default=0, metavar="N", help="run the unkind server with N new seeds")
    parser.addoption(
        "--everywhere",
        action="store_true",
        help="run what is the same everywhere in both places, and what tests/awx does as well",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what costs most and tells least: twins on the target, and what tests/awx does as well."""
    if config.getoption("everywhere"):
        return
    twins = {item for item in items if item.get_closest_marker("same_everywhere") and "[target" in item.name}
    left_out = twins | {item for item in items if item.get_closest_marker("done_in_awx")}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder where the collection is installed, from the artifact that goes to Galaxy."""
    return install_collection(tmp_path_factory.mktemp("collection"))


@pytest.fixture(scope="session")
def installed(pytestconfig: pytest.Config, collections: Path, tmp_path_factory: pytest.TempPathFactory) -> Ansible:
    """Runs playbooks with the installed collection, as they run when nothing is said about the execution."""
    program, target_python = map(pytestconfig.getoption, ("ansible_playbook", "target_python"))
    return Ansible(program, collections, lambda: tmp_path_factory.mktemp("run"), "auto", target_python)


@pytest.fixture
def server() -> Iterator[Emulator]:
    """An emulated server of the test's own."""
    with start_emulator() as emulator:
        yield emulator


@pytest.fixture(scope="session")
def ssh_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sshd.Sshd]:
    """This machine, as another one that is reached over SSH."""
    if reason := sshd.missing():
        pytest.skip(reason)
    with sshd.start_sshd(tmp_path_factory.mktemp("ssh")) as server:
        yield server


@pytest.fixture(scope="session")
def over_ssh(ssh_server: sshd.Sshd) -> tuple[str, ...]:
    """The arguments that give a playbook the host far: this machine, reached over SSH."""
    inventory = ssh_server.folder / "inventory.yml"
    inventory.write_text(yaml.safe_dump({"all": {"hosts": {"far": ssh_server.variables}}}), encoding="utf-8")
    return ("--inventory", str(inventory))


@pytest.fixture(scope="session", params=EXECUTIONS)
def ansible(request: pytest.FixtureRequest, installed: Ansible) -> Ansible:
    """Runs playbooks with the installed collection, in each place of execution in turn."""
    return replace(installed, execution=request.param)
