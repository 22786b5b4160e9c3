# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells what a server's version can do. Private to damops.elvis."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable

from .._elvis import services
from .._elvis.client import Client, Request
from .._elvis.response import parse
from .._errors import ElvisError

PING = Request("ask which version the server has", "GET", services.PING.address, repeatable=True)
_VERSION = re.compile(r"(\d{1,6})\.(\d{1,6})")
KEEPS_METADATA = (6, 107)
"""Since this version an update has the parameter ``keepMetadata`` (documented); an older one would store it."""
FILTERS_EVENTS = (6, 44)
"""Since this version a webhook has ``triggerMetadataFields`` and ``foldersAndQuery`` (documented)."""


def keeping_metadata(client: Client, warn: Callable[[str], None]) -> bool | None:
    """Return what a new file is sent with to leave edited metadata alone: None, with a warning, where that can't be.

    A server that doesn't tell its version is a new one.
    """
    if not is_older(server_version(client), KEEPS_METADATA):
        return True
    warn(
        "This server is older than 6.107 and has no keepMetadata: when a file is replaced, the texts embedded in the"
        " new one overwrite what was edited."
    )
    return None


def server_version(client: Client) -> str | None:
    """Return the version that the server told at the login, or tells now; None when it tells none."""
    told = client.session.server_version if client.session else None
    if not told:
        with contextlib.suppress(ElvisError):
            answer = client.call(PING, parse)
            told = answer.get("version") if isinstance(answer, dict) else None
    return told if isinstance(told, str) else None


def is_older(version: str | None, than: tuple[int, int]) -> bool:
    """Tell whether a version is known to be older than another."""
    found = _VERSION.match(version or "")
    return found is not None and (int(found[1]), int(found[2])) < than
