# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Explains why Ansible's own validation refuses the options of a task. Private to damops.elvis."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ansible.module_utils.errors import AnsibleValidationError, UnsupportedError

from .._errors import ElvisError
from .._text import agreeing, nearest_name
from .arguments import ArgumentSpec
from .environment import ENVIRONMENT

_SUPPORTED = ". Supported parameters include: "
_UNKNOWN = re.compile(rf"Unsupported parameters for \(\S+\) module: (.*){re.escape(_SUPPORTED)}", re.DOTALL)
_MISSING = "missing required arguments: "
NULL_SENDS_NOTHING = (
    "Null alone sends nothing: leave json out, with default(omit) where a template may have no value. For JSON that"
    ' is nothing but null, use body: "null" with content_type: application/json.'
)
_GIVE_THE_KEY = 'Give its key session: where the login registered elvis, that is session: "{{ elvis.session }}".'
_WRONG_SESSIONS = {
    "session.session": f"session has the whole result of the login. {_GIVE_THE_KEY}",
    "session.Authorization": f"session has the headers of the login. {_GIVE_THE_KEY}",
    "session.X-CSRF-TOKEN": f"session has the headers of the login. {_GIVE_THE_KEY}",
    "session.failed": f"session has the result of a task that failed: there is no session in it. {_GIVE_THE_KEY}",
    "session.changed": f"session has the whole result of a task. {_GIVE_THE_KEY}",
}
"""What a person took for the session, by a key that only this has."""
_HINTS = {
    "dictionary requested": (
        "session is a dict, the one that elvis_login returned as session. A token alone goes into auth_token, with"
        " server_url beside it."
    ),
    "json is None": NULL_SENDS_NOTHING,
}
"""What Ansible's words don't tell, for words of it."""


def refused_options(errors: Sequence[AnsibleValidationError], module: str, argument_spec: ArgumentSpec) -> ElvisError:
    """Return the error for what Ansible's own validation found.

    An unknown option comes first: a required one that is missing may be the one that was misspelt.
    """
    unknown = next((error.msg for error in errors if isinstance(error, UnsupportedError)), None)
    if unknown is None:
        sentence = _sentence(errors[0].msg)
    else:
        missing = [name for error in errors for name in _missing(error.msg)]
        sentence = _unknown_options(unknown.partition(_SUPPORTED)[0].split(", "), module, argument_spec, missing)
    return ElvisError(
        f"{sentence} Nothing was sent. The options of {module}, and the environment variables that stand in for them,"
        f" are in: ansible-doc {module}",
        "bad_request",
    )


def did_you_mean(message: str, argument_spec: ArgumentSpec) -> str:
    """Return a question, after a blank, with the options that are nearest to unknown ones; empty when none is near."""
    found = _UNKNOWN.match(message)
    return _nearest_ones(found[1].split(", "), argument_spec) if found else ""


def _unknown_options(names: Sequence[str], module: str, argument_spec: ArgumentSpec, missing: Sequence[str]) -> str:
    wrong_session = next((_WRONG_SESSIONS[name] for name in _WRONG_SESSIONS if name in names), None)
    if wrong_session:
        return wrong_session
    what = agreeing(len(names), "option", "options")
    return f"{module} has no {what} {' and '.join(names)}.{_nearest_ones(names, argument_spec, missing)}"


def _sentence(message: str) -> str:
    hint = next((hint for words, hint in _HINTS.items() if words in message), None)
    return " ".join(filter(None, (hint, f"{message.rstrip('.')}.", *_variables_for(message))))


def _missing(message: str) -> Sequence[str]:
    # Not str.removeprefix alone: it would return every other message whole.
    return message[len(_MISSING) :].split(", ") if message.startswith(_MISSING) else ()


def _variables_for(message: str) -> Iterator[str]:
    for name in _missing(message):
        if name in ENVIRONMENT:
            yield f"Give {name} in the task, or set the environment variable {ENVIRONMENT[name]}."


def _nearest_ones(names: Sequence[str], argument_spec: ArgumentSpec, missing: Sequence[str] = ()) -> str:
    nearest = dict.fromkeys(filter(None, (_nearest(name, argument_spec, missing) for name in names)))
    return f" Did you mean {' and '.join(nearest)}?" if nearest else ""


def _nearest(name: str, argument_spec: ArgumentSpec, missing: Sequence[str]) -> str | None:
    *parents, last = name.split(".")
    for parent in parents:
        argument_spec = argument_spec.get(parent, {}).get("options", {})
    # A required option that is missing is the likelier one, also where another option has more letters in common.
    near = (nearest_name(last, missing), nearest_name(last, argument_spec))
    return next((".".join([*parents, option]) for option in near if option in argument_spec), None)
