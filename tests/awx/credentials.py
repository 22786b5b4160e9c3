# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX makes of a credential of the type Elvis DAM: with AWX's own code, as it does for a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# There is no public name for it yet.
from awx_plugins.interfaces._temporary_private_api import ManagedCredentialType
from awx_plugins.interfaces._temporary_private_container_api import CONTAINER_ROOT
from awx_plugins.interfaces._temporary_private_credential_api import Credential
from awx_plugins.interfaces._temporary_private_inject_api import inject_credential

from tests.support.emulator import ROOT

FILE = ROOT / "examples/awx/credential_type.yml"
DEFINITION: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
CREDENTIAL_TYPE = ManagedCredentialType(
    namespace="",
    name="Elvis DAM",
    kind="cloud",
    inputs=DEFINITION["inputs"],
    injectors=DEFINITION["injectors"],
)
SECRET_FIELDS = [field["id"] for field in DEFINITION["inputs"]["fields"] if field.get("secret")]


@dataclass(frozen=True)
class Injected:
    """What a credential adds to a job.

    :param environment: variables of the job
    :param shown: the same variables as AWX keeps and shows them
    :param arguments: what is added to the command line
    """

    environment: dict[str, str]
    shown: dict[str, str]
    arguments: list[str]

    def mounted(self, folder: Path) -> dict[str, str]:
        """Return the variables for a job that finds its files in this folder, not where a container would have them."""
        return {name: value.replace(CONTAINER_ROOT, str(folder), 1) for name, value in self.environment.items()}


def inject(inputs: Mapping[str, Any], private_data_dir: Path) -> Injected:
    """Return what a credential with these inputs adds to a job; its files are put into the job's folder."""
    (private_data_dir / "env").mkdir(parents=True, exist_ok=True)
    environment: dict[str, Any] = {}
    shown: dict[str, Any] = {}
    arguments: list[str] = []
    inject_credential(CREDENTIAL_TYPE, Credential(dict(inputs)), environment, shown, arguments, str(private_data_dir))
    return Injected(environment, shown, arguments)
