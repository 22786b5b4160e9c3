# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""configure.yml says what AWX takes: its surveys, its files and its options are looked at."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.support import BIN, environment_for
from tests.support.emulator import ROOT

EXAMPLES = ROOT / "examples/awx"


class Loader(yaml.SafeLoader):
    """Reads `!unsafe`, which is Ansible's, as the text that follows."""


def text(loader: Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


Loader.add_constructor("!unsafe", text)

(PLAY,) = yaml.load((EXAMPLES / "configure.yml").read_text(encoding="utf-8"), Loader)  # noqa: S506
TASKS = {
    task["name"]: (name, options)
    for task in PLAY["tasks"]
    for name, options in task.items()
    if name.startswith("awx.awx.")
}
TEMPLATES = {
    template["name"]: template
    for template in yaml.safe_load((EXAMPLES / "job_templates.yml").read_text(encoding="utf-8"))["awx_job_templates"]
}
CREDENTIAL_TYPE = yaml.safe_load((EXAMPLES / "credential_type.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def documentation(awx_collections: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the collection awx.awx says of its modules."""
    shown = subprocess.run(
        [BIN / "ansible-doc", "--json", "--type", "module", *(module for module, options in TASKS.values())],
        env=environment_for(tmp_path_factory.mktemp("doc"), awx_collections),
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    documentation: dict[str, Any] = json.loads(shown)
    return documentation


@pytest.mark.parametrize("task", TASKS)
def test_the_module_has_the_options(task: str, documentation: dict[str, Any]) -> None:
    module, options = TASKS[task]
    known = documentation[module]["doc"]["options"]

    assert options.keys() <= known.keys()
    assert {name for name, option in known.items() if option.get("required")} <= options.keys()
    for name, value in options.items():
        choices = known[name].get("choices")
        assert not choices or value in choices


def test_every_field_of_the_credential_is_told_from_the_environment() -> None:
    assert PLAY["vars"]["awx_told"].keys() == {field["id"] for field in CREDENTIAL_TYPE["inputs"]["fields"]}


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_project_has_the_playbook(name: str) -> None:
    """AWX refuses a job template whose playbook it does not find."""
    playbook = Path(TEMPLATES[name]["playbook"])

    assert "hosts:" in (ROOT / playbook).read_text(encoding="utf-8")
    # AWX does not look there.
    assert not {"roles", "tasks", "group_vars", "host_vars"} & set(playbook.parts)


@pytest.mark.parametrize("name", [name for name, template in TEMPLATES.items() if "survey" in template])
def test_awx_takes_the_survey(name: str) -> None:
    """And what nobody answers is what the playbook does without a survey."""
    survey = TEMPLATES[name]["survey"]
    path = ROOT / TEMPLATES[name]["playbook"]
    playbook = path.read_text(encoding="utf-8")
    for tasks in re.findall(r"include_tasks: (\S+)", playbook):
        playbook += (path.parent / tasks).read_text(encoding="utf-8")

    assert survey.keys() == {"name", "description", "spec"}
    questions = {question["variable"]: question for question in survey["spec"]}
    assert len(questions) == len(survey["spec"])
    for variable, question in questions.items():
        assert {"type", "question_name", "variable", "required"} <= question.keys()
        assert question["type"] in {"text", "textarea", "multiplechoice"}
        assert (question["type"] == "multiplechoice") is ("choices" in question)
        assert question.get("default", "") in question.get("choices", [question.get("default", "")])
        assert f"{variable} | default('{question.get('default', '')}'" in playbook
        # A launch through the API needs no answer then, and gets the default.
        assert not question["required"]
