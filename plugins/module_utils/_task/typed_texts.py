# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads options that a person typed as text, such as an answer to an AWX survey. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .arguments import ArgumentSpec

NEVER_WITH_COMMA = frozenset(
    {
        "actions",
        "date_fields",
        "event_types",
        "fields",
        "ids",
        "list_fields",
        "metadata_to_return",
        "trigger_metadata_fields",
    }
)
"""Lists of ids and of names of fields: commas part them in a line as well. A path or a pattern may have a comma."""


def read_typed(given: Mapping[str, Any], argument_spec: ArgumentSpec) -> dict[str, Any]:
    """Return the options of a task, a text where a list is wanted split into its elements.

    An empty text for a list, or for one of several choices, is an option that was not given. In a text with line breaks
    each line is an element; without one, commas part the elements, as Ansible has it. Elements lose the blanks around
    them, and empty ones are dropped.

    :param given: the options as the task gives them, before Ansible validates them
    """
    options = dict(given)
    names = [(name, option) for main, option in argument_spec.items() for name in (main, *option.get("aliases", ()))]
    for name, option in names:
        text = options.get(name)
        is_list = option["type"] == "list"
        if not isinstance(text, str) or not (is_list or "choices" in option):
            continue
        if not text.strip():
            del options[name]
        elif is_list and option.get("elements") == "str":
            options[name] = list(_elements(text, parts_lines=name in NEVER_WITH_COMMA))
    return options


def _elements(text: str, *, parts_lines: bool) -> Iterator[str]:
    lines = text.splitlines()
    for line in lines:
        elements = line.split(",") if parts_lines or text == lines[0] else [line]
        yield from filter(None, map(str.strip, elements))
