# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judges an answer that lists outcomes, where a failure looks like any other answer. Private to damops.elvis."""

from __future__ import annotations

from typing import Any

from .._http.transport import HttpResponse
from .._text import counted
from .response import ElvisFailure

CREATED, WAS_THERE, DENIED = "created", "already exists", "access denied"
"""Of a folder that was to be made; anything else says why it is not there."""


def made_any_folder(reply: HttpResponse, outcomes: Any) -> bool:
    """Tell whether a folder is new.

    :raises ElvisFailure: when one of the folders could not be made
    """
    if not isinstance(outcomes, dict):
        return True
    failed = {path: outcome for path, outcome in outcomes.items() if outcome not in (CREATED, WAS_THERE)}
    if failed:
        raise ElvisFailure(
            "forbidden" if DENIED in failed.values() else "bad_request",
            f"HTTP {reply.status}, but {len(failed)} of {counted(len(outcomes), 'folder')} could not be made",
            reply,
            ", ".join(f"{path}: {outcome}" for path, outcome in failed.items()),
        )
    return CREATED in outcomes.values()
