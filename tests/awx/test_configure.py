# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""configure.yml says what AWX takes: its surveys, its files and its options are looked at."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.damops.elvis.plugins.module_utils._tables.report_file import FORMATS
from tests.integration.support import BIN, environment_for
from tests.support.emulator import ROOT

EXAMPLES = ROOT / "examples/awx"


class Loader(yaml.SafeLoader):
    """Reads `!unsafe`, which is Ansible's, as the text that follows."""


def text(loader: Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


Loader.add_constructor("!unsafe", text)

(PLAY,) = yaml.load((EXAMPLES / "configure.yml").read_text(encoding="utf-8"), Loader)  # noqa: S506
(ALERTS,) = yaml.safe_load((EXAMPLES / "alerts.yml").read_text(encoding="utf-8"))
TASKS = {
    task["name"]: (name, options)
    for task in [*PLAY["tasks"], *ALERTS["tasks"]]
    for name, options in task.items()
    if name.startswith("awx.awx.")
}
TEMPLATES = {
    template["name"]: template
    for template in yaml.safe_load((EXAMPLES / "job_templates.yml").read_text(encoding="utf-8"))["awx_job_templates"]
}
WORKFLOWS = {
    workflow["name"]: workflow
    for workflow in yaml.safe_load((EXAMPLES / "workflows.yml").read_text(encoding="utf-8"))["awx_workflows"]
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
        assert not choices or value in choices or str(value).startswith("{{")


def test_every_field_of_the_credential_is_told_from_the_environment() -> None:
    assert PLAY["vars"]["awx_told"].keys() == {field["id"] for field in CREDENTIAL_TYPE["inputs"]["fields"]}


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_project_has_the_playbook(name: str) -> None:
    """AWX refuses a job template whose playbook it does not find."""
    playbook = Path(TEMPLATES[name]["playbook"])

    assert "hosts:" in (ROOT / playbook).read_text(encoding="utf-8")
    # AWX does not look there.
    assert not {"roles", "tasks", "group_vars", "host_vars"} & set(playbook.parts)


SURVEYED = {name: one["survey"] for name, one in {**TEMPLATES, **WORKFLOWS}.items() if "survey" in one}
ANSWERED: Mapping[str, set[str]] = {
    "text": {"path", "host", "text", "list"},
    "textarea": {"lines", "list"},
    "integer": {"number"},
    "multiplechoice": {"choice"},
}
"""The kinds of answers that a playbook checks, for each type of a question."""


def playbook_of(name: str) -> tuple[str, dict[str, Any]]:
    """Return the text of the playbook that gets the answers, with the tasks that it includes, and what it checks."""
    template = WORKFLOWS[name]["job_template"] if name in WORKFLOWS else name
    path = ROOT / TEMPLATES[template]["playbook"]
    text = path.read_text(encoding="utf-8")
    (answers,) = (
        play["vars"]["elvis_answers"] for play in yaml.safe_load(text) if "elvis_answers" in play.get("vars", {})
    )
    for tasks in re.findall(r"(?:include|import)_tasks: (\S+)", text):
        text += (path.parent / tasks).read_text(encoding="utf-8")
    return text, answers


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name != "Elvis: fleet"])
def test_a_play_on_the_hosts_of_the_limit_comes_first(name: str) -> None:
    """Or a limit that leaves out the machine would be a job that does nothing, and ends well."""
    first, *_others = yaml.safe_load((ROOT / TEMPLATES[name]["playbook"]).read_text(encoding="utf-8"))
    assert first["hosts"] == "{{ ansible_limit | default('localhost', true) }}"
    assert first["tasks"][0]["ansible.builtin.import_tasks"].endswith("tasks/check_answers.yml")


def test_the_report_takes_the_endings_that_the_module_takes() -> None:
    _text, answers = playbook_of("Elvis: report")
    assert answers["elvis_dest"]["endings"] == list(FORMATS)


@pytest.mark.parametrize("name", SURVEYED)
def test_awx_takes_the_survey(name: str) -> None:
    survey = SURVEYED[name]

    assert survey.keys() == {"name", "description", "spec"}
    assert len({question["variable"] for question in survey["spec"]}) == len(survey["spec"])
    for question in survey["spec"]:
        assert {"type", "question_name", "variable", "required"} <= question.keys()
        assert question["type"] in ANSWERED
        assert (question["type"] == "multiplechoice") is ("choices" in question)
        default = question.get("default", "")
        assert default in question.get("choices", [default])
        assert isinstance(default, int) or question["type"] != "integer"
        # AWX refuses an answer that lacks, but takes an empty one for an answer.
        assert question["required"] is (question.get("min") == 1 and question["type"] in {"text", "textarea"})
        # AWX wants an answer to each required question of a launch, and so a default would be none.
        assert not (question["required"] and "default" in question)


@pytest.mark.parametrize("name", SURVEYED)
def test_the_playbook_reads_each_answer(name: str) -> None:
    """By its name, with its type, its default and its check."""
    text, answers = playbook_of(name)
    for question in SURVEYED[name]["spec"]:
        variable = question["variable"]
        want = answers[variable]
        assert want["kind"] in ANSWERED[question["type"]], variable
        assert question["required"] is (want.get("required") is True), variable
        assert question.get("choices", []) in ([], want.get("choices")), variable
        for limit, bound in (("min", "least"), ("max", "most")):
            if question["type"] == "integer":
                assert question.get(limit) == want.get(bound), variable
        reads = [line for line in text.splitlines() if re.search(rf"\b{variable}\b(?!:)", line)]
        assert reads, variable
        if not question["required"]:
            literal = repr(question.get("default", ""))
            ways = [f"{variable} | default({literal}"]
            ways += [f"| default({literal}"] if literal != "''" else [f"{variable} | default(omit"]
            assert any(way in line for line in reads for way in ways), (variable, reads)


@pytest.mark.parametrize("name", SURVEYED)
def test_the_question_says_how_to_write_what_ansible_core_reads_as_something_else(name: str) -> None:
    """A path begins with a slash and a line has a colon, so neither can be taken for a number."""
    _text, answers = playbook_of(name)
    for question in SURVEYED[name]["spec"]:
        kind = answers[question["variable"]]["kind"]
        if kind in {"text", "host", "list", "lines"}:
            assert answers[question["variable"]]["instead"]
        if kind in {"text", "host"} and question["variable"] != "elvis_path":
            assert re.search(r"comma behind it|in quotes", question["question_description"]), question


def test_the_page_has_the_questions() -> None:
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    types = {"text": "text", "textarea": "lines", "integer": "a number"}
    for name in ("import", "report", "change with approval"):
        for question in SURVEYED[f"Elvis: {name}"]["spec"]:
            answer = types.get(question["type"]) or " or ".join(f"`{choice}`" for choice in question["choices"])
            default = question.get("default", "")
            more = "; needed" if question["required"] else f"; `{default}`" if default != "" else ""
            assert f"| {name}: {question['question_name']} | `{question['variable']}` | {answer}{more} |" in page


def test_the_page_has_the_variables_and_the_slices() -> None:
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    rows = [line.split(" | ")[0] for line in page.splitlines() if line.startswith("| `awx_")]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert len(named) >= 9
    assert named <= PLAY["vars"].keys() | {"awx_job_templates", "awx_workflows"}
    fleet = TEMPLATES["Elvis: fleet"]
    assert f"forks: {fleet['forks']}\nslices: {fleet['slices']}\n" in page
    slices = TEMPLATES["Elvis: fleet import"]["slices"]
    assert f"AWX cuts them into {slices} slices" in " ".join(page.split())


def test_every_login_of_a_job_has_its_name() -> None:
    """By which the console and who_is_on find the job."""
    pages = [*(ROOT / "playbooks").rglob("*.yml"), *EXAMPLES.glob("*.yml"), *(ROOT / "examples/fleet").glob("*.yml")]
    logins = [
        login
        for page in pages
        for login in re.findall(r"elvis_login:\n((?: {8,}.*\n)*)", page.read_text(encoding="utf-8"))
    ]
    assert len(logins) >= 6
    assert all('client_id: "{{ elvis_client or omit' in login for login in logins)
