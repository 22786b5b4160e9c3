# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs tasks that work with secrets, and looks wherever somebody could see one."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.integration.support import Ansible, Run
from tests.support.secrets import leaks, returned_secrets

PASSWORD = "wonderland"
WRONG_PASSWORD = "looking-glass"
CREDS = [base64.b64encode(f"alice:{password}".encode()).decode() for password in (PASSWORD, WRONG_PASSWORD)]
ADMIN_PASSWORD = "changemenow"
PROXY_PASSWORD = "tweedledee"
GATEWAY_KEY = "tweedledum"
SUBMITTED = {
    "password": PASSWORD,
    "wrong password": WRONG_PASSWORD,
    "cred": CREDS[0],
    "wrong cred": CREDS[1],
    "admin password": ADMIN_PASSWORD,
    "proxy": PROXY_PASSWORD,
    "gateway's key": GATEWAY_KEY,
}
OTHERS = "callback, of tasks of other collections"
CREDENTIALS = {"ELVIS_USERNAME": "alice", "ELVIS_PASSWORD": PASSWORD}


@dataclass(frozen=True)
class Watch:
    """How somebody watches a run."""

    verbosity: int
    callback: str = "ansible.builtin.default"
    result_format: str = "json"

    @property
    def arguments(self) -> list[str]:
        return [f"-{'v' * self.verbosity}"] if self.verbosity else []


@dataclass(frozen=True)
class Seen:
    """A run, and all that could be seen of it, by where."""

    run: Run
    by: Mapping[str, str]

    @property
    def leaks(self) -> list[str]:
        """Name where which secret is, and in which form."""
        return leaks(chain(SUBMITTED.items(), returned_secrets(self.run.results)), self.by)


def watch(
    ansible: Ansible,
    url: str,
    tasks: str,
    how: Watch,
    *arguments: str,
    more: Mapping[str, str] = MappingProxyType({}),
    **keywords: Any,
) -> Seen:
    """Run tasks, and look everywhere. `more` are further variables of the process."""
    folder = ansible.new_folder()
    collected, log = folder / "collected", folder / "log"
    for file in (collected, collected.with_suffix(".others")):
        file.touch()
    environment = {
        **CREDENTIALS,
        **more,
        "COLLECTED": str(collected),
        "ANSIBLE_LOG_PATH": str(log),
        "ANSIBLE_STDOUT_CALLBACK": how.callback,
        "ANSIBLE_CALLBACK_RESULT_FORMAT": how.result_format,
        "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).with_name("callback_plugins")),
        "ANSIBLE_CALLBACKS_ENABLED": "collector",
        "ANSIBLE_DEPRECATION_WARNINGS": "false",
    }
    variables = {
        "url": url,
        "password": PASSWORD,
        "admin_password": ADMIN_PASSWORD,
        "wrong_password": WRONG_PASSWORD,
        "cred": CREDS[0],
        "gateway_key": GATEWAY_KEY,
        "secret_proxy": f"http://alice:{PROXY_PASSWORD}@127.0.0.1:9",
    }
    # What stands literally in a play can't be hidden.
    of_command_line = folder / "variables.json"
    of_command_line.write_text(json.dumps(variables), encoding="utf-8")
    arguments = (*how.arguments, "--extra-vars", f"@{of_command_line}", *arguments)
    run = ansible.play(tasks, *arguments, env=environment, **keywords)
    files = {"log": log, "callback": collected, OTHERS: collected.with_suffix(".others")}
    return Seen(run, {"output": run.output, **{place: file.read_text("utf-8") for place, file in files.items()}})
