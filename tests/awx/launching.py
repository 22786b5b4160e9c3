# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX makes of a launch: which fields a template takes, which answers its survey takes, and what a job is given.

The rules are those of AWX 24.6.1; each function names the place in AWX's source that has them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

Object = dict[str, Any]

ASKED: Mapping[str, str] = {
    "job_type": "ask_job_type_on_launch",
    "inventory": "ask_inventory_on_launch",
    "limit": "ask_limit_on_launch",
    "credentials": "ask_credential_on_launch",
    "forks": "ask_forks_on_launch",
    "job_slice_count": "ask_job_slice_count_on_launch",
    "verbosity": "ask_verbosity_on_launch",
    "extra_vars": "ask_variables_on_launch",
}
"""A field of a launch, and the field of the template that lets it be prompted for (`JobTemplate`, the AskForFields)."""
UNPROMPTED = "Field is not configured to prompt on launch."
ANSWER_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "text": str,
    "textarea": str,
    "multiplechoice": str,
    "integer": int,
    "float": (int, float),
}


@dataclass(frozen=True)
class Launched:
    """What became of a launch.

    :param job: the fields of the job
    :param ignored: what the launch had and the template doesn't prompt for
    :param errors: why AWX answers 400
    """

    job: Object
    ignored: Object
    errors: Object


def launch(template: Object, survey: Object, content: Object) -> Launched:
    """Launch a template (`JobLaunchSerializer.validate`): a field that isn't prompted for is ignored."""
    accepted, ignored, errors = _accept(template, survey, content)
    fields = {name: template[name] for name in ("job_type", "inventory", "limit", "extra_vars") if name in template}
    variables = _variables(template, survey, accepted.pop("extra_vars", {}))
    return Launched({**fields, **accepted, "extra_vars": variables}, ignored, errors)


def refuse_node(template: Object, survey: Object, node: Object) -> Object:
    """Return why a workflow node is refused (`LaunchConfigurationBaseSerializer.validate`), empty when it is not.

    What a launch would ignore is an error there. A required answer may come later.
    """
    prompts = {name: node[name] for name in ASKED if name in node}
    if "extra_data" in node:
        prompts["extra_vars"] = node["extra_data"]
    _accepted, ignored, errors = _accept(template, survey, prompts, is_saved=True)
    return {**errors, **{name: [UNPROMPTED] for name in ignored}}


def node_variables(answers: Mapping[str, Any], artifacts: Mapping[str, Any]) -> Object:
    """Return the variables of a node's job (`WorkflowJobNode.get_job_kwargs`): set_stats of its parents wins."""
    return {**answers, **artifacts}


def extra_variables(variables: Mapping[str, Any], trusted: Mapping[str, Any]) -> str:
    """Return the file of extra variables (`safe_dump` in `awx/main/utils/safe_yaml.py`).

    Every text is `!unsafe`, the names too, but for what the template itself has (`RunJob.build_extra_vars_file`).
    """
    return "".join(
        yaml.dump(
            {name: value},
            Dumper=yaml.SafeDumper if name in trusted and trusted[name] == value else _UnsafeDumper,
            default_flow_style=False,
        )
        for name, value in variables.items()
    )


def shown_output(event: Mapping[str, Any]) -> str:
    """Return what AWX shows of an event (`JobEventSerializer.to_representation`, `truncate_stdout`)."""
    output = str(event.get("stdout") or "")
    is_whole = event["event"].startswith("playbook_on") or len(output) <= MOST_SHOWN
    return output if is_whole else output[: MOST_SHOWN - 1] + "…"


MOST_SHOWN = 1024
"""Characters (`EVENT_STDOUT_MAX_BYTES_DISPLAY` in `awx/settings/defaults.py`)."""


class _UnsafeDumper(yaml.SafeDumper):
    pass


_UnsafeDumper.add_representer(str, lambda dumper, text: dumper.represent_scalar("!unsafe", text))


def _accept(
    template: Object, survey: Object, content: Object, *, is_saved: bool = False
) -> tuple[Object, Object, Object]:
    """Return the fields that are accepted, those that are not, and errors (`_accept_or_ignore_job_kwargs`)."""
    accepted: Object = {}
    ignored: Object = {}
    for name in content.keys() & ASKED.keys() - {"extra_vars"}:
        if content[name] != template.get(name):
            (accepted if template[ASKED[name]] else ignored)[name] = content[name]
    given = content.get("extra_vars") or {}
    answers = json.loads(given) if isinstance(given, str) else dict(given)
    questions = _questions(template, survey)
    problems = [problem for question in questions for problem in _problems(question, answers, may_lack=is_saved)]
    known = {question["variable"] for question in questions}
    taken = {name: answer for name, answer in answers.items() if name in known or template[ASKED["extra_vars"]]}
    if taken:
        accepted["extra_vars"] = taken
    if rest := {name: answer for name, answer in answers.items() if name not in taken}:
        ignored["extra_vars"] = rest
    return accepted, ignored, {"variables_needed_to_start": problems} if problems else {}


def _problems(question: Object, answers: Mapping[str, Any], *, may_lack: bool) -> Iterator[str]:
    """Yield what is wrong with an answer (`SurveyJobTemplateMixin._survey_element_validation`)."""
    name, kind = question["variable"], question["type"]
    if name not in answers:
        if question["required"] and not may_lack:
            yield f"'{name}' value missing"
        return
    answer = answers[name]
    if not isinstance(answer, ANSWER_TYPES[kind]) or isinstance(answer, bool):
        yield f"Value {answer} for '{name}' expected to be of the type {kind}."
    elif kind == "multiplechoice" and answer not in question["choices"]:
        yield f"Value {answer} for '{name}' expected to be one of {question['choices']}."
    elif kind in {"integer", "float"} and not question.get("min", answer) <= answer <= question.get("max", answer):
        yield f"'{name}' value {answer} is too small or too large."
    elif isinstance(answer, str) and len(answer) < question.get("min", 0):
        yield f"'{name}' value {answer} is too small."


def _variables(template: Object, survey: Object, answers: Object) -> Object:
    """Return the variables of a job (`_update_unified_job_kwargs`): the template's, defaults of the survey, answers."""
    defaults = {
        question["variable"]: question["default"]
        for question in _questions(template, survey)
        if question.get("default") is not None
    }
    return {**json.loads(template.get("extra_vars") or "{}"), **defaults, **answers}


def _questions(template: Object, survey: Object) -> list[Object]:
    return list(survey.get("spec", ())) if template["survey_enabled"] else []
