# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the values of a task as Elvis does in a query or a form. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._errors import ElvisError
from .._http.request import Fields


def encode_fields(option: str, values: Mapping[str, Any]) -> Fields:
    """Return names and values as text: a list repeats its name, null is left out.

    :param option: the option that they come from, for a message
    :raises ElvisError: when a value is neither text, a number, a boolean, null nor a list of these
    """
    pairs = [
        (str(name), text)
        for name, value in values.items()
        for item in (value if isinstance(value, list) else [value])
        for text in _as_text(option, name, item)
    ]
    for name, text in pairs:
        _check_text(option, name, text)
    return pairs


def _as_text(option: str, name: str, value: Any) -> Iterator[str]:
    if value is None:
        return
    if isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, (str, int, float)):
        yield str(value)
    else:
        kind = "list in a list" if isinstance(value, list) else "dict"
        raise ElvisError(
            f"{option} has a {kind} under {name}, and a parameter is text. Where Elvis wants JSON, as in metadata, make"
            " it text with the filter to_json.",
            "bad_request",
        )


def _check_text(option: str, name: str, text: str) -> None:
    try:
        f"{name}{text}".encode()
    except UnicodeEncodeError:
        raise ElvisError(f"{option} has a value that is not text in UTF-8 under {name!a}.", "bad_request") from None
