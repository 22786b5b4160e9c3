# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs configure.yml, and what follows it, against the stand-in for AWX."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import yaml

from tests.awx.controller import Controller, Object
from tests.awx.served import TOKEN, served
from tests.integration.support import Ansible, Run
from tests.support.emulator import ROOT

EXAMPLES = ROOT / "examples/awx"
CONFIGURE = EXAMPLES / "configure.yml"
PLAYBOOKS = frozenset(
    str(path.relative_to(ROOT)) for folder in ("playbooks", "examples") for path in (ROOT / folder).rglob("*.yml")
)
CREDENTIAL_TYPE: Object = yaml.safe_load((ROOT / "examples/awx/credential_type.yml").read_text(encoding="utf-8"))
CA = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
USER = {"ELVIS_SERVER_URL": "https://dam.example.com", "ELVIS_USERNAME": "alice"}
WHOLE = {**USER, "ELVIS_PASSWORD": "wonderland"}
IMAGE = "registry.example.com/elvis-ee:0.1.0"
WORKFLOWS = yaml.safe_load((ROOT / "examples/awx/workflows.yml").read_text(encoding="utf-8"))["awx_workflows"]
TEMPLATES = yaml.safe_load((ROOT / "examples/awx/job_templates.yml").read_text(encoding="utf-8"))["awx_job_templates"]


def only(*names: str) -> str:
    """Return an extra variable: most tests need no more than one job template, or a few."""
    return json.dumps({"awx_job_templates": [one for one in TEMPLATES if one["name"] in names]})


ONE_TEMPLATE = only("Elvis: smoke")

Configure = Callable[..., Run]


def changes(run: Run) -> int:
    """Return how many tasks of a run changed something; it went well."""
    assert run.returncode == 0, run.output
    (found,) = re.findall(r"changed=(\d+)", run.stdout)
    return int(found)


def new_controller() -> Controller:
    """Return an AWX that has nothing but two organizations."""
    controller = Controller(PLAYBOOKS)
    for name in ("Default", "Second"):
        controller.add("organizations", {"name": name})
    return controller


def configuring(ansible: Ansible) -> Configure:
    """Return what runs configure.yml with these collections."""

    def run(controller: Controller, env: dict[str, str], *arguments: str, playbook: Path = CONFIGURE) -> Run:
        with served(controller) as url:
            to_awx = {"CONTROLLER_HOST": url, "CONTROLLER_OAUTH_TOKEN": TOKEN}
            # Of a newer ansible-core than it knows, awx.awx is warned.
            return ansible.playbook(
                playbook,
                "-e",
                f"awx_image={IMAGE}",
                *arguments,
                # Modules arrive through a pipe, not as files.
                env={**to_awx, "ANSIBLE_PIPELINING": "true", **env},
                may_warn=True,
            )

    return run
