# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells whether an asset is checked out by somebody else, and ends check-outs. Private to damops.elvis."""

from __future__ import annotations

import threading
from urllib.parse import quote

from .._elvis import services
from .._elvis.client import Client, Request
from .._elvis.response import parse
from .._elvis.times import format_time
from .._text import escaped
from . import index_lag
from .hits import Hit

PROFILE = Request("ask whose session it is", "POST", services.PROFILE.address, repeatable=True)


class CheckOuts:
    """The check-outs at a server; whose are ours it is asked only when the session doesn't tell."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        session = client.session
        self._user = session.username if session else None

    def of_another(self, asset: Hit) -> str | None:
        """Return who has an asset checked out, since when and where, None when nobody has or we have.

        :raises ElvisError: when the server can't be asked who we are
        """
        holder = asset.checked_out_by
        if not holder or holder.strip().lower() == self._own_name():
            return None
        since, client = asset.number("checkedOut"), asset.text("checkedOutOnClient")
        when = f" since {format_time(since)}" if since is not None else ""
        where = f" on the client {escaped(client)}" if client else ""
        return f"{escaped(holder)} has it checked out{when}{where}"

    def undo(self, asset: Hit) -> None:
        """End the check-out of an asset, whoever has it.

        :raises ElvisError: when that is not allowed
        """
        purpose = f"end the check-out of {asset.path} by {asset.checked_out_by}"
        path = services.UNDO_CHECK_OUT.address.replace("{id}", quote(asset.id, safe=""))
        self._client.call(Request(purpose, "POST", path, repeatable=True), parse)
        index_lag.note_given_back(self._client, asset)

    def _own_name(self) -> str:
        with self._lock:
            if not self._user:
                answer = self._client.call(PROFILE, parse)
                name = answer.get("username") if isinstance(answer, dict) else None
                self._user = name if isinstance(name, str) else ""
            return self._user.strip().lower()
