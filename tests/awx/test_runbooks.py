# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What docs/runbooks runs by name runs as a job, too, with the same variables."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.awx.jobs import Order, run
from tests.integration.support import Ansible
from tests.support.emulator import ROOT, Emulator, start_emulator

PAGES = sorted((ROOT / "docs/runbooks").glob("*.md"))
LAST = {
    "smoke": "All is well.",
    "who_is_on": "Sessions: 1, with the one of this run. Seats: 3.",
    "report": "found. The list is in ",
    "import": "Check mode, this would be done: /Demo Zone/Inbox at ",
}


def commands(text: str) -> Iterator[str]:
    """Yield the commands of a page that run a playbook of the collection, each as one line.

    Those that read a file with the answers are a job of cron, see tests/integration/test_first_week.py.
    """
    for block in re.findall(r"^ *```shell\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            if line.strip().startswith("ansible-playbook damops.elvis.") and "-e @" not in line:
                yield " ".join(line.split())


COMMANDS = sorted({command for page in PAGES for command in commands(page.read_text(encoding="utf-8"))})


def variables_of(words: list[str]) -> dict[str, Any]:
    """Return the extra variables of a command line, as Ansible reads them."""
    found: dict[str, Any] = {}
    for option, value in pairwise(words):
        if option == "-e":
            name, _equals, text = value.partition("=")
            found |= yaml.safe_load(value) if value.startswith("{") else {name: yaml.safe_load(text)}
    return found


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator


def test_all_playbooks_are_there() -> None:
    assert {command.split()[1].removeprefix("damops.elvis.") for command in COMMANDS} == LAST.keys()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_a_runbook(command: str, installed: Ansible, server: Emulator, tmp_path: Path) -> None:
    words = shlex.split(command)
    name = words[1].removeprefix("damops.elvis.")
    answers = variables_of(words)
    for variable in {"elvis_src", "elvis_dest"} & answers.keys():
        answers[variable] = str(tmp_path / Path(answers[variable]).name)
    (tmp_path / "inbox").mkdir()
    order = Order(
        f"playbooks/{name}.yml",
        {"server_url": server.url, "username": "admin", "password": "changemenow"},
        answers,
        variables={"elvis_in_container": False},
        job_type="check" if "--check" in words else "run",
    )
    job = run(installed, order)

    assert job.status == "successful", job.output
    assert LAST[name] in job.last_lines
    assert server.sessions() == []
