# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWX takes the credential type, and makes of a credential what the modules read."""

from __future__ import annotations

import json
import re
import zlib
from pathlib import Path

import pytest
from awx_plugins.interfaces._temporary_private_inject_api import ENV_BLOCKLIST
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ansible_collections.damops.elvis.plugins.module_utils._task.environment import ENVIRONMENT
from tests.awx.credentials import DEFINITION, SECRET_FIELDS, inject

FIELDS = {field["id"]: field for field in DEFINITION["inputs"]["fields"]}
ALLOWED = {"id", "type", "label", "help_text", "format", "secret", "multiline", "choices", "default"}
INPUTS = {"Elvis DAM (2)": 2752473195}
"""The fields of a credential type of that name, as a fingerprint."""
NEEDED = {"server_url": "https://dam.example.com", "username": "alice", "password": "wonderland"}
HEADERS = '{"X-Api-Key": "of the gateway"}'
CA = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def test_other_inputs_have_another_name() -> None:
    """AWX lets nobody change the inputs of a type in use: whoever changes them here gives the type a new name."""
    inputs = json.dumps(DEFINITION["inputs"], sort_keys=True)
    assert INPUTS[DEFINITION["name"]] == zlib.crc32(inputs.encode())


def test_awx_takes_the_inputs() -> None:
    assert DEFINITION["inputs"].keys() == {"fields", "required"}
    assert len(FIELDS) == len(DEFINITION["inputs"]["fields"])
    assert set(DEFINITION["inputs"]["required"]) <= FIELDS.keys()
    for name, field in FIELDS.items():
        assert re.fullmatch("[a-zA-Z_]+[a-zA-Z0-9_]*", name)
        assert field["type"] == "string"
        assert field["label"]
        assert field.keys() <= {
            "id",
            "type",
            "label",
            "help_text",
            "format",
            "secret",
            "multiline",
            "choices",
            "default",
        }
        assert field.get("format", "url") == "url"
        assert isinstance(field.get("default", ""), str)


def test_awx_takes_the_injectors() -> None:
    """It renders each template once, strictly, when the type is saved."""
    assert DEFINITION["injectors"].keys() == {"file", "env"}
    assert DEFINITION["injectors"]["file"].keys() == {"template"}
    names = DEFINITION["injectors"]["env"].keys()
    assert not [name for name in names if name.startswith("ANSIBLE_")]
    assert not names & ENV_BLOCKLIST
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    values = {**dict.fromkeys(FIELDS, "EXAMPLE"), "tower": {"filename": "EXAMPLE"}}
    for templates in DEFINITION["injectors"].values():
        for template in templates.values():
            assert environment.from_string(template).render(values) == "EXAMPLE"


def test_the_modules_read_what_is_injected() -> None:
    assert DEFINITION["injectors"]["env"].keys() == set(ENVIRONMENT.values()) - {ENVIRONMENT["cred"]}


def test_all_is_told(tmp_path: Path) -> None:
    injected = inject({**NEEDED, "ca_certificate": CA, "validate_certs": "no", "extra_headers": HEADERS}, tmp_path)

    environment = injected.mounted(tmp_path)
    ca_path = Path(environment.pop("ELVIS_CA_PATH"))
    assert environment == {
        "ELVIS_SERVER_URL": "https://dam.example.com",
        "ELVIS_USERNAME": "alice",
        "ELVIS_PASSWORD": "wonderland",
        "ELVIS_VALIDATE_CERTS": "no",
        "ELVIS_EXTRA_HEADERS": HEADERS,
    }
    assert ca_path.read_text(encoding="utf-8") == CA
    assert ca_path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("nothing", [{}, dict.fromkeys(FIELDS.keys() - NEEDED.keys(), "")])
def test_what_is_not_told_is_not_set(nothing: dict[str, str], tmp_path: Path) -> None:
    """AWX sets every variable; an empty one counts as not set, so the server's certificate is validated."""
    injected = inject({**NEEDED, **nothing}, tmp_path)

    empty = {name for name, value in injected.environment.items() if not value}
    assert empty == {"ELVIS_CA_PATH", "ELVIS_VALIDATE_CERTS", "ELVIS_EXTRA_HEADERS"}


def test_every_secret_is_masked_where_awx_shows_it(tmp_path: Path) -> None:
    secrets = {name: f"the secret {name}" for name in SECRET_FIELDS}
    injected = inject({**NEEDED, **secrets}, tmp_path)

    assert SECRET_FIELDS == ["password", "extra_headers"]
    for secret in secrets.values():
        assert secret in injected.environment.values()
        assert secret not in str(injected.shown)
    # Arguments, and the variables in them, are shown to whoever may see the job.
    assert injected.arguments == []
