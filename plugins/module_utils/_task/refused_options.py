# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task says of options that Ansible's own validation refuses. Private to damops.elvis."""

from __future__ import annotations

import re

from .._errors import ElvisError
from .arguments import ArgumentSpec

_UNKNOWN = re.compile(r"Unsupported parameters for \(\S+\) module: (.*)\. Supported parameters include: ", re.DOTALL)
NULL_SENDS_NOTHING = (
    "Null alone sends nothing: leave json out, with default(omit) where a template may have no value. For JSON that"
    ' is nothing but null, use body: "null" with content_type: application/json.'
)
_HINTS = {
    # So Ansible calls the key of what a login returned, when the whole of that is taken for the session.
    "session.session": "session takes only the key session of what the login returned.",
    "json is None": NULL_SENDS_NOTHING,
}
"""What Ansible's words don't tell, for words of it."""


def refused_options(message: str, module: str, argument_spec: ArgumentSpec) -> ElvisError:
    """Return the error for what Ansible's own validation said of a task's options."""
    hint = next((f" {hint}" for words, hint in _HINTS.items() if words in message), "")
    return ElvisError(
        f"{message.rstrip('.')}.{hint or did_you_mean(message, argument_spec)} The options of {module}, and the"
        f" environment variables that stand in for them, are in: ansible-doc {module}",
        "bad_request",
    )


def did_you_mean(message: str, argument_spec: ArgumentSpec) -> str:
    """Return a question, after a blank, with the options that are nearest to unknown ones; empty when none is near."""
    found = _UNKNOWN.match(message)
    names = found[1].split(", ") if found else ()
    nearest = dict.fromkeys(filter(None, (_nearest(name, argument_spec) for name in names)))
    return f" Did you mean {' and '.join(nearest)}?" if nearest else ""


def _nearest(name: str, argument_spec: ArgumentSpec) -> str | None:
    # Only a task that fails needs it.
    from difflib import get_close_matches  # noqa: PLC0415

    *parents, last = name.split(".")
    for parent in parents:
        argument_spec = argument_spec.get(parent, {}).get("options", {})
    return next((".".join([*parents, option]) for option in get_close_matches(last.lower(), argument_spec, 1)), None)
