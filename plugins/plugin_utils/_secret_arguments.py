# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps the secrets on a task from callbacks. Private to damops.elvis.

After each try Ansible hands the task's attributes, as they are then, to callbacks and to the ``rescue`` section of a
block. So the action takes what it needs and leaves on the task what anybody may read. Which options are secret is
written in the module's argument spec, and nowhere else.

Since ansible-core 2.19 a ``rescue`` that prints the task renders what is a template in it once more.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from ansible.playbook.task import Task

from ..module_utils._elvis.client import SHORTEST_IN_DATA
from ..module_utils._elvis.redaction import Redactor
from ..module_utils._task.arguments import ArgumentSpec
from ..module_utils._task.environment import ENVIRONMENT
from ._ansible import whole_loop

HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
"""What Ansible itself writes in such places."""
SHORTEST_SOUGHT = 4
"""A shorter secret occurs in other values by chance."""

_SOUNDS_SECRET = re.compile(
    r"pass(word|wd|phrase|code)|(^|_)pass$|secret|token|credential|(^|_)cred$|auth_?key|cookie|authorization",
    re.IGNORECASE,
)
"""A name in data that no argument spec describes, such as a form or the environment."""
_SECRET_IN_URL = re.compile(r"://[^/\s]*@|[?&](requestSecret|authkey)=", re.IGNORECASE)
"""A password, or what lets an address of Elvis be called without a session."""
_TOKEN = re.compile(r"eyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?")
"""A JSON Web Token, such as Elvis makes, in whatever option it was given by mistake."""
_TEMPLATE = re.compile(r"\{\{|\{%")
_OPTION_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")


class _Originals(NamedTuple):
    arguments: str
    environment: Any
    secrets: frozenset[str]


_originals: WeakKeyDictionary[Task, _Originals] = WeakKeyDictionary()
"""In the process that does the task, and not on the task: an ``until`` retry makes a new action for the same task."""


@contextlib.contextmanager
def arguments_of(task: Task, spec: ArgumentSpec) -> Iterator[dict[str, Any]]:
    """Run a block with a task's arguments, as plain data; what stays on the task anybody may read."""
    if task not in _originals:
        # Ansible's own kinds of text and data become plain ones, which requests takes as they are.
        plain = json.dumps(task.args, default=str)
        readable, secrets = split_arguments(task.args, spec)
        _originals[task] = _Originals(plain, task.environment, secrets)
        task.args = readable
        # What these said is in the arguments by now, and in the variables.
        task.module_defaults, task.vars = [], dict.fromkeys(task.vars, HIDDEN)
        _hide_in_loop(task, spec)
    originals = _originals[task]
    # Ansible reads the environment while the block runs.
    task.environment = originals.environment
    try:
        yield json.loads(originals.arguments)
    finally:
        task.environment = _readable_environment(originals.environment, spec)


def hide_elsewhere(task: Task, options: Mapping[str, Any], spec: ArgumentSpec) -> None:
    """Keep what is secret in options that a task does not give itself from its arguments, and from what it says."""
    _readable, more = split_arguments(options, spec)
    if more:
        task.args = _without(task.args, more)
        _originals[task] = _originals[task]._replace(secrets=_originals[task].secrets | more)


def fit_to_show(task: Task, result: dict[str, Any]) -> dict[str, Any]:
    """Return a result whose sentences hold no secret of the task's arguments, wherever in these it stood."""
    secrets = [secret for secret in _originals[task].secrets if len(secret) >= SHORTEST_IN_DATA]
    # A result's data is the operation's to mask: a login returns its secrets.
    names = set(result) if result.get("failed") else {"msg", "warnings"} & set(result)
    said = {name: result[name] for name in names}
    if not any(secret in str(said) for secret in secrets):
        return result
    return {**result, **Redactor(secrets).mask_data(said)}


def split_arguments(arguments: Mapping[Any, Any], spec: ArgumentSpec) -> tuple[dict[Any, Any], frozenset[str]]:
    """Return rendered arguments with everything replaced that is secret, or may be, and what was replaced.

    That is what the spec calls secret, what stands under a name that the spec does not know, what sounds secret in
    data that no spec describes, and what looks like a token; and any of these values wherever else it stands.
    """
    secrets: set[str] = set()
    readable = _of_options(arguments, spec, secrets)
    sought = {secret for secret in secrets if len(secret) >= SHORTEST_SOUGHT}
    return {name: _without(value, sought) for name, value in readable.items()}, frozenset(sought)


def _of_options(arguments: Mapping[Any, Any], spec: ArgumentSpec, secrets: set[str]) -> dict[Any, Any]:
    readable = {}
    for name, value in arguments.items():
        option = spec.get(name) or next((known for known in spec.values() if name in known.get("aliases", ())), None)
        # Not a Mapping: to ask for that touches a hundred pages of memory, which a worker has to copy.
        if option and option.get("no_log") and isinstance(value, dict):
            # Such as headers, whose names are not secret.
            readable[name] = {_of_data(key, secrets): _hide(item, secrets) for key, item in value.items()}
        elif option is None or option.get("no_log"):
            # A name that is not an option's may be a secret that stands in the wrong place.
            is_name = option is not None or _OPTION_NAME.fullmatch(str(name))
            readable[name if is_name else _hide(name, secrets)] = _hide(value, secrets)
        elif option.get("options"):
            readable[name] = _of_suboptions(value, option["options"], secrets)
        else:
            readable[name] = _of_data(value, secrets)
    return readable


def _of_suboptions(value: Any, spec: ArgumentSpec, secrets: set[str]) -> Any:
    if isinstance(value, dict):
        return _of_options(value, spec, secrets)
    if isinstance(value, (list, tuple)):
        return [_of_suboptions(item, spec, secrets) for item in value]
    return _hide(value, secrets)


def _of_data(value: Any, secrets: set[str]) -> Any:
    """Return data that no spec describes, without what its names or addresses say is secret."""
    if isinstance(value, dict):
        return {
            _of_data(name, secrets): _hide(item, secrets)
            if _SOUNDS_SECRET.search(str(name))
            else _of_data(item, secrets)
            for name, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_of_data(item, secrets) for item in value]
    if not isinstance(value, str):
        return value
    if found := _TOKEN.search(value):
        secrets.add(found[0])
    return _hide(value, secrets) if _tells_secret(value) else value


def _tells_secret(text: str) -> bool:
    """Tell whether a text is an address with a secret in it, or JSON in which a name sounds secret."""
    is_json = text.lstrip()[:1] in ("{", "[")
    return bool(_SECRET_IN_URL.search(text) or (is_json and _SOUNDS_SECRET.search(text)))


def _hide(value: Any, secrets: set[str]) -> Any:
    """Return what stands for a secret value, which is added to ``secrets``."""
    if value is None or isinstance(value, bool):
        return value
    secrets.update(_names_and_values(value))
    return HIDDEN


def _names_and_values(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _names_and_values(item)
    else:
        yield str(value)


def _without(value: Any, secrets: Collection[str]) -> Any:
    """Return data in which each text that holds one of the secrets is replaced; all else is left as it is."""
    if isinstance(value, dict):
        return {_without(name, secrets): _without(item, secrets) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without(item, secrets) for item in value]
    return HIDDEN if isinstance(value, str) and any(secret in value for secret in secrets) else value


def _hide_in_loop(task: Task, spec: ArgumentSpec) -> None:
    """Make the task whose loop this is one item of readable, too, once it is done with its last item.

    It keeps the templates that each item renders anew.
    """
    whole = whole_loop(task)
    if whole is None or "dump_attrs" in vars(whole):
        return
    dump_attrs: Callable[[], dict[str, Any]] = whole.dump_attrs

    def dump_readable() -> dict[str, Any]:
        attributes = dump_attrs()
        arguments, _secrets = split_arguments(attributes["args"], spec)
        environment = _readable_environment(attributes["environment"], spec)
        more = {"module_defaults": [], "vars": dict.fromkeys(attributes["vars"], HIDDEN)}
        return {**attributes, **more, "args": _unrendered(arguments), "environment": _unrendered(environment)}

    vars(whole)["dump_attrs"] = dump_readable


def _unrendered(value: Any) -> Any:
    """Return data with each text replaced that is a template."""
    if isinstance(value, dict):
        return {_unrendered(name): _unrendered(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_unrendered(item) for item in value]
    return HIDDEN if isinstance(value, str) and _TEMPLATE.search(value) else value


def _readable_environment(environment: Any, spec: ArgumentSpec) -> Any:
    """Return a task's environment without what stands in for a secret option, and what sounds secret."""
    if isinstance(environment, (list, tuple)):
        return [_readable_environment(item, spec) for item in environment]
    if not isinstance(environment, dict):
        return environment
    hidden = {variable for option, variable in ENVIRONMENT.items() if spec.get(option, {}).get("no_log")}
    return {name: HIDDEN if name in hidden else value for name, value in _of_data(environment, set()).items()}
