# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks at the metadata that a task gives to assets. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._dam.metadata_values import begins_with_sign
from .._elvis.field_values import SYSTEM_FIELDS
from .._errors import ElvisError
from .._tables.cell_values import BadCell, check_kind


def check_metadata(place: str, metadata: Mapping[str, Any]) -> None:
    """Refuse metadata that no asset can be given.

    :param place: what the task calls them
    :raises ElvisError: when one of them can't be written
    """
    mistake = None
    for name, value in metadata.items():
        items = value if isinstance(value, list) else [value]
        signed = sum(map(begins_with_sign, items))
        if name in SYSTEM_FIELDS:
            mistake = "is kept by the server itself, and can't be written"
        elif 0 < signed < len(items):
            mistake = "has elements with a sign, which add and take away, beside others, which are the whole value"
        try:
            check_kind(value)
            f"{name}{value}".encode()
        except BadCell as problem:
            mistake = str(problem)
        except UnicodeEncodeError:
            mistake = "is not text in UTF-8"
        if mistake:
            raise ElvisError(f"{place}: {name!a} {mistake}.", "bad_request")
