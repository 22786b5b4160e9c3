# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/awx.md names what the execution environment, the credential type and the job templates have."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from jinja2 import Environment

from tests.awx.configuring import CREDENTIAL_TYPE, TEMPLATES, WORKFLOWS
from tests.support.emulator import ROOT
from tools import ee

PAGE = (ROOT / "docs/awx.md").read_text(encoding="utf-8")
LINES = " ".join(PAGE.split())
DEFINITION: dict[str, Any] = yaml.safe_load((ROOT / "execution-environment.yml").read_text(encoding="utf-8"))
NEEDS: dict[str, Any] = yaml.safe_load((ROOT / "meta/execution-environment.yml").read_text(encoding="utf-8"))


def block(language: str) -> str:
    """Return the only block of the page in a language that has one."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def test_an_image_of_ones_own_gets_the_lines_of_ours() -> None:
    lines = block("dockerfile").splitlines()

    assert lines == DEFINITION["additional_build_steps"]["append_final"]
    assert f"and {('no', 'one', 'two', 'three')[len(lines)]} more lines, below" in LINES
    folders = {folder for line in lines for folder in re.findall(r"(/\S+)/ansible_collections/", line)}
    assert folders == set(re.findall(r"into `(/\S+collections)`, as ansible-builder does", LINES))


def test_the_image_is_the_one_that_is_made() -> None:
    assert f"for ansible-builder {DEFINITION['version']}." in LINES
    assert f"it builds the image `{ee.IMAGE}`" in LINES
    # Its Python requirement is all that the collection brings along.
    assert NEEDS["dependencies"] == {"python": "requirements.txt"}
    # The guard, alone and among others.
    setting, _equals, guard = ee.GUARD.removeprefix("ENV ").partition("=")
    assert re.findall(rf'{setting}"?[=:] ?"?([\w.]+)', PAGE) == [guard, guard]


def test_the_credential_is_the_one_of_the_example() -> None:
    variables = CREDENTIAL_TYPE["injectors"]["env"]
    names = {field: name for name, template in variables.items() for field in re.findall(r"\w+", template)}
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in PAGE.splitlines() if "| `ELVIS_" in line]
    fields = CREDENTIAL_TYPE["inputs"]["fields"]
    told = [(label, variable.split("`")[1], "secret" in more) for label, variable, more in rows]

    # The certificate is a file.
    names["ca_certificate"] = names["filename"]
    assert told == [(field["label"], names[field["id"]], field.get("secret", False)) for field in fields]
    assert f"The type *{CREDENTIAL_TYPE['name']}* is in" in LINES
    assert set(re.findall(r"ELVIS_\w+", PAGE)) <= variables.keys()


def test_the_templates_and_their_seats_are_those_of_the_example() -> None:
    named = set(re.findall(r"\*(Elvis: [a-z ]+)\*", LINES))
    assert {"Elvis: import", "Elvis: report"} <= named <= {one["name"] for one in (*TEMPLATES, *WORKFLOWS)}
    (fleet,) = (template for template in TEMPLATES if template["name"] == "Elvis: fleet")
    slices, forks = fleet["slices"], fleet["forks"]
    assert f"{slices} slices and {forks} forks it takes {slices * forks} seats" in LINES


CLIENT = yaml.safe_load((ROOT / "playbooks/vars/answers.yml").read_text(encoding="utf-8"))["elvis_client"]
OWN = yaml.safe_load(re.findall(r"^ +client_id: (.*)$", PAGE, re.MULTILINE)[0])


@pytest.mark.parametrize(
    ("variables", "name", "own_name"),
    [
        ({"awx_job_template_name": "Elvis: import", "awx_job_id": 42}, "Elvis: import 42", "Elvis: import 42"),
        ({"awx_job_template_name": 'Nightly "B", 2', "awx_job_id": "7"}, 'Nightly "B", 2 7', 'Nightly "B", 2 7'),
        ({"awx_job_template_name": "Nächtlich", "awx_job_id": 100000}, "Nächtlich 100000", "Nächtlich 100000"),
        # An ad-hoc run has no template, a run by hand has no job.
        ({"awx_job_id": 42}, "AWX 42", "by hand 42"),
        ({"awx_job_template_name": "Elvis: import"}, "", "Elvis: import "),
        ({}, "", "by hand "),
    ],
)
def test_the_name_of_a_session(variables: dict[str, Any], name: str, own_name: str) -> None:
    """In our playbooks, and as the page says for others."""
    shown = Environment(autoescape=False).from_string  # noqa: S701 - Ansible doesn't escape either

    assert (shown(CLIENT).render(variables), shown(OWN).render(variables)) == (name, own_name)
    assert "such as *Elvis: import 42*." in LINES


def test_a_duration_is_one_of_the_server() -> None:
    """What was measured once, somewhere, stays out of the page."""
    assert re.findall(r"(?:\d+ to )?\d+ (?:ms|s|seconds?|minutes?|hours?)\b", LINES) == ["30 to 35 minutes"]
