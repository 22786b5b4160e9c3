# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads lists that a person typed as text, such as an answer to an AWX survey. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .arguments import ArgumentSpec


def texts_as_lists(given: Mapping[str, Any], argument_spec: ArgumentSpec) -> dict[str, Any]:
    """Return the options of a task, a text where a list is wanted split into its elements.

    An empty text is an option that was not given. In a text with line breaks each line is an element; without one,
    commas part the elements, as Ansible has it. Elements lose the blanks around them, and empty ones are dropped.

    :param given: the options as the task gives them, before Ansible validates them
    """
    options = dict(given)
    names = [(name, option) for main, option in argument_spec.items() for name in (main, *option.get("aliases", ()))]
    for name, option in names:
        text = options.get(name)
        if option["type"] != "list" or not isinstance(text, str):
            continue
        if not text.strip():
            del options[name]
        elif option.get("elements") == "str":
            options[name] = _elements(text)
    return options


def _elements(text: str) -> list[str]:
    lines = text.splitlines()
    elements = text.split(",") if text == lines[0] else lines
    return [element.strip() for element in elements if element.strip()]
