# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX makes of a launch: which fields a template takes, which answers its survey takes, and what a job is given.

The rules are those of AWX 24.6.1; each function names the place in AWX's source that has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import yaml

Object = dict[str, Any]

ASKED: Mapping[str, str] = {
    "credentials": "ask_credential_on_launch",
    "extra_vars": "ask_variables_on_launch",
    "job_tags": "ask_tags_on_launch",
    **{
        field: f"ask_{field}_on_launch"
        for field in (
            "diff_mode",
            "execution_environment",
            "forks",
            "instance_groups",
            "inventory",
            "job_slice_count",
            "job_type",
            "labels",
            "limit",
            "scm_branch",
            "skip_tags",
            "timeout",
            "verbosity",
        )
    },
}
"""A field of a launch, and the field of the template that lets it be prompted for (the AskForFields of `JobTemplate` in
`awx/main/models/jobs.py` and of `SurveyJobTemplateMixin` in `awx/main/models/mixins.py`)."""
UNPROMPTED = "Field is not configured to prompt on launch."
CHECK_THE_SETTING = "Check the Prompt on Launch setting on the Job Template to include Extra Variables."
ANSWER_TYPES: Mapping[str, tuple[tuple[type, ...], str]] = {
    "text": ((str,), "a string"),
    "textarea": ((str,), "a string"),
    "integer": ((int,), "an integer"),
    "float": ((int, float), "a numeric type"),
}
"""What an answer to a question of a type may be, and what AWX calls that."""


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
    """Launch a template: a field that isn't prompted for is ignored.

    `JobLaunchSerializer.validate` in `awx/api/serializers.py`, which excludes the errors of the kind prompts.
    """
    accepted, ignored, errors = _accept(template, survey, content)
    fields = {name: template[name] for name in ("job_type", "inventory", "limit", "extra_vars") if name in template}
    variables = _variables(template, survey, accepted.pop("extra_vars", {}))
    return Launched({**fields, **accepted, "extra_vars": variables}, ignored, errors)


def refuse_node(template: Object, survey: Object, node: Object) -> Object:
    """Return why a workflow node is refused, empty when it is not: what a launch would ignore is an error there.

    `LaunchConfigurationBaseSerializer.validate` in `awx/api/serializers.py`. A required answer may come later
    (`WorkflowJobTemplateNodeSerializer.exclude_errors`).
    """
    prompts = {name: node[name] for name in ASKED if name in node}
    if "extra_data" in node:
        prompts["extra_vars"] = node["extra_data"]
    _accepted, ignored, errors = _accept(template, survey, prompts, may_lack=True)
    if unknown := ignored.pop("extra_vars", {}):
        names = ", ".join(unknown)
        errors["extra_data"] = [f"Variables {names} are not allowed on launch. {CHECK_THE_SETTING}"]
    return {**errors, **{name: [UNPROMPTED] for name in ignored}}


def node_variables(
    answers: Mapping[str, Any], artifacts: Mapping[str, Any], launched: Mapping[str, Any] = MappingProxyType({})
) -> Object:
    """Return the variables of a node's job: what set_stats of its parents left wins over its own.

    `WorkflowJobNode.get_job_kwargs` in `awx/main/models/workflow.py`.

    :param launched: the variables of the workflow's launch, which win over both
    """
    return {**answers, **artifacts, **launched}


def extra_variables(variables: Mapping[str, Any], trusted: Mapping[str, Any]) -> str:
    """Return the file of extra variables (`safe_dump` in `awx/main/utils/safe_yaml.py`).

    Every text is `!unsafe`, the names too, but for what the template itself has (`RunJob.build_extra_vars_file` in
    `awx/main/tasks/jobs.py`).
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
    """Return what AWX shows of an event.

    `JobEventSerializer.to_representation` in `awx/api/serializers.py`, `truncate_stdout` in `awx/main/utils/common.py`.
    """
    output = str(event.get("stdout") or "")
    is_whole = event["event"].startswith("playbook_on") or len(output) <= MOST_SHOWN
    return output if is_whole else output[: MOST_SHOWN - 1] + "…"


MOST_SHOWN = 1024
"""Characters (`EVENT_STDOUT_MAX_BYTES_DISPLAY` in `awx/settings/defaults.py`)."""


class _UnsafeDumper(yaml.SafeDumper):
    pass


_UnsafeDumper.add_representer(str, lambda dumper, text: dumper.represent_scalar("!unsafe", text))


def _accept(
    template: Object, survey: Object, content: Object, *, may_lack: bool = False
) -> tuple[Object, Object, Object]:
    """Return the fields that are accepted, those that are not, and what is wrong with answers.

    `JobTemplate._accept_or_ignore_job_kwargs` in `awx/main/models/jobs.py`; for variables,
    `SurveyJobTemplateMixin._accept_or_ignore_variables` in `awx/main/models/mixins.py`.
    """
    accepted: Object = {}
    ignored: Object = {}
    for name in content.keys() & ASKED.keys() - {"extra_vars"}:
        if content[name] not in (None, template.get(name)):
            (accepted if template[ASKED[name]] else ignored)[name] = content[name]
    answers = _parsed(content.get("extra_vars"))
    questions = _questions(template, survey)
    problems = [problem for question in questions for problem in _problems(question, answers, may_lack=may_lack)]
    known = {question["variable"] for question in questions}
    taken = {name: answer for name, answer in answers.items() if name in known or template[ASKED["extra_vars"]]}
    if taken:
        accepted["extra_vars"] = taken
    own = _parsed(template.get("extra_vars"))
    if rest := {name: answers[name] for name in answers.keys() - taken.keys() if own.get(name) != answers[name]}:
        ignored["extra_vars"] = rest
    return accepted, ignored, {"variables_needed_to_start": problems} if problems else {}


def _problems(question: Object, answers: Mapping[str, Any], *, may_lack: bool = False) -> Iterator[str]:
    """Yield what is wrong with an answer.

    `SurveyJobTemplateMixin._survey_element_validation` in `awx/main/models/mixins.py`.
    """
    name, kind = question["variable"], question["type"]
    if name not in answers:
        if question["required"] and not may_lack:
            yield f"'{name}' value missing"
        return
    answer = answers[name]
    if kind == "multiplechoice":
        if answer not in question["choices"]:
            yield f"Value {answer} for '{name}' expected to be one of {question['choices']}."
        return
    types, called = ANSWER_TYPES[kind]
    if type(answer) not in types:
        yield f"Value {answer} for '{name}' expected to be {called}."
        return
    size = len(answer) if isinstance(answer, str) else answer
    least, most = question.get("min"), question.get("max")
    if least not in ("", None) and size < least:
        length = f"length is {size} " if isinstance(answer, str) else ""
        yield f"'{name}' value {answer} is too small ({length}must be at least {least})."
    if most not in ("", None) and size > most:
        yield f"'{name}' value {answer} is too large (must be no more than {most})."


def _variables(template: Object, survey: Object, answers: Object) -> Object:
    """Return the variables of a job: the template's, then defaults of the survey that it takes, then answers.

    `SurveyJobTemplateMixin._update_unified_job_kwargs` in `awx/main/models/mixins.py`.
    """
    defaults = {
        question["variable"]: question["default"]
        for question in _questions(template, survey)
        if question.get("default") is not None
        and not [*_problems(question, {question["variable"]: question["default"]})]
    }
    return {**_parsed(template.get("extra_vars")), **defaults, **answers}


def _parsed(variables: str | Object | None) -> Object:
    """Return variables that are a dict or a text (`parse_yaml_or_json` in `awx/main/utils/common.py`)."""
    found: Object = yaml.safe_load(variables) if isinstance(variables, str) else variables
    return dict(found or {})


def _questions(template: Object, survey: Object) -> list[Object]:
    return list(survey.get("spec", ())) if template["survey_enabled"] else []
