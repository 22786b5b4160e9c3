# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads what became of folders that were to be made. Private to damops.elvis.

The server answers HTTP 200 in any case, with the outcome of each folder: one of those below, or why it is not there.
"""

from __future__ import annotations

from typing import Any

from .._errors import Problem
from .._http.transport import HttpResponse

CREATE_FOLDER = "services/createfolder"
CREATED, WAS_THERE, DENIED = "created", "already exists", "access denied"


def made_any(reply: HttpResponse, outcomes: Any) -> bool:
    """Tell whether a folder is new.

    :raises Problem: when one of the folders could not be made
    """
    if not isinstance(outcomes, dict):
        return True
    failed = {path: outcome for path, outcome in outcomes.items() if outcome not in (CREATED, WAS_THERE)}
    if failed:
        raise Problem(
            "forbidden" if DENIED in failed.values() else "bad_request",
            f"HTTP {reply.status}, but {len(failed)} of {len(outcomes)} folders could not be made",
            ", ".join(f"{path}: {outcome}" for path, outcome in failed.items()),
            status=reply.status,
        )
    return CREATED in outcomes.values()
