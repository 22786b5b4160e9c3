# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says where a value stands that the server refused: file, sheet, line, column. Private to damops.elvis."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .._errors import ENDS_TASK, ElvisError
from .._tables.cell_values import shown

MOST_NAMED = 5
"""Values that one message names, where the server does not say which of them it refused."""


def with_place(
    error: ElvisError,
    written: Mapping[str, Any],
    place_of: Callable[[str | None], str],
    *,
    is_certain: bool = True,
) -> ElvisError:
    """Return the error of a write with the place of the values that the server may have refused.

    Which field it refused stands in the server's own words, or nowhere (its errors have no field for it).

    :param written: the values that were sent, by their fields
    :param place_of: returns the words for where the value of a field is said; without a field, where all are said
    :param is_certain: whether nothing but these values was sent
    """
    if error.reason in ENDS_TASK:
        return error
    if error.reason != "bad_request":
        return error.at(place_of(None))
    words = (error.elvis_error["message"] if error.elvis_error else None) or ""
    named = [name for name in written if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words)]
    if not (named or is_certain):
        return error.at(place_of(None))
    suspects = named or list(written)
    places = "; ".join(f"{place_of(name)}, {shown(written[name])}" for name in suspects[:MOST_NAMED])
    more = f"; and {len(suspects) - MOST_NAMED} more values" if len(suspects) > MOST_NAMED else ""
    return error.at(f"{places}{more}")
