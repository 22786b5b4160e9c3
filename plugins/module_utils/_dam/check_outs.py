# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decides whether an asset that is checked out may be changed, and ends check-outs. Private to damops.elvis.

An asset that somebody else has checked out is left alone, unless the task forces it: then that check-out is ended
first. Our own check-out stays as it was, unless the task wants it to end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from .._elvis import services
from .._elvis.client import Client, Request
from .._elvis.response import parse
from .._elvis.times import format_time
from .._errors import ElvisError
from .._text import escaped
from . import index_lag
from .asset_finder import AssetFinder, collected
from .hits import Hit

CHECKED_OUT = "checkedOutBy:*"
PROFILE = Request("ask whose session it is", "POST", services.PROFILE.address, repeatable=True)


class CheckOuts:
    """The check-outs of the assets that one task changes; several threads may ask.

    The server is asked for the user's name only if the session has none.

    :param force: whether the check-outs of others are ended
    :param check_in: whether our own ones are to end
    """

    def __init__(self, client: Client, *, force: bool = False, check_in: bool = False) -> None:
        self._client = client
        self._force = force
        self._check_in = check_in
        self._lock = threading.Lock()
        session = client.session
        self._user = session.username if session else None

    def of_another(self, asset: Hit) -> str | None:
        """Return who has an asset checked out, since when and where, None when nobody has or we have.

        :raises ElvisError: when the server can't be asked who we are
        """
        holder = asset.checked_out_by
        if not holder or holder.strip().lower() == self.own_name():
            return None
        since, client = asset.number("checkedOut"), asset.text("checkedOutOnClient")
        when = f" since {format_time(since)}" if since is not None else ""
        where = f" on the client {escaped(client)}" if client else ""
        return f"{escaped(holder)} has it checked out{when}{where}"

    def refusal(self, asset: Hit) -> ElvisError | None:
        """Return why an asset must not be changed, None where it may be.

        :raises ElvisError: when the server can't be asked who we are
        """
        holder = None if self._force else self.of_another(asset)
        return self.error_for(asset, f"{holder}. {_ask_first(asset)}") if holder else None

    def error_for(self, asset: Hit, why: str) -> ElvisError:
        """Return the error for an asset that is left as it is."""
        return ElvisError(f"{asset.path} at {self._client.server_url} was left unchanged: {why}.", "conflict")

    def free_noting(self, asset: Hit, done: dict[str, Any], check: Callable[[], object] | None = None) -> None:
        """End the check-out of somebody else where that is forced.

        :param done: gets what that changed, for a failure that comes after it
        :param check: makes sure, right before that, that it is still to be done
        :raises ElvisError: when that is not allowed
        """
        if self._force and self.of_another(asset):
            self._undo(asset, check)
            done["checkedOutBy"] = {"before": asset.checked_out_by, "after": None}

    def ends_own(self, asset: Hit) -> bool:
        """Tell whether a check-out of ours is to end.

        :raises ElvisError: when the server can't be asked who we are
        """
        return self._check_in and asset.checked_out_by is not None and not self.of_another(asset)

    def end(self, asset: Hit, check: Callable[[], object] | None = None) -> None:
        """End a check-out without a new file to check in.

        :param check: makes sure, right before that, that it is still to be done
        :raises ElvisError: when that is not allowed
        """
        self._undo(asset, check)
        index_lag.note_given_back(self._client, asset)

    def _undo(self, asset: Hit, check: Callable[[], object] | None) -> None:
        purpose = f"end the check-out of {asset.path} by {asset.checked_out_by}"
        path = services.UNDO_CHECK_OUT.address.replace("{id}", quote(asset.id, safe=""))
        self._client.call(Request(purpose, "POST", path, repeatable=True, check=check), parse)

    def own_name(self) -> str:
        """Return the name of our user in lower case, empty where nobody says.

        :raises ElvisError: when the server can't be asked
        """
        with self._lock:
            if not self._user:
                answer = self._client.call(PROFILE, parse)
                name = answer.get("username") if isinstance(answer, dict) else None
                self._user = name if isinstance(name, str) else ""
            return self._user.strip().lower()


def _ask_first(asset: Hit) -> str:
    return (
        f"Ask {escaped(asset.checked_out_by or '')} to check it in. force: true ends that check-out, and a changed file"
        " that is not checked in yet is lost"
    )


def refuse_held(client: Client, folder: str, failed: str) -> None:
    """Make sure that nobody else has an asset in a folder checked out.

    :param failed: what can't be done then, such as ``remove /Zone/a``
    :raises ElvisError: when somebody has
    """
    check_outs = CheckOuts(client)
    for hit in collected(AssetFinder(client).tree(folder, CHECKED_OUT)):
        holder = check_outs.of_another(hit)
        if holder:
            raise ElvisError(
                f"Cannot {failed} at {client.server_url}: {hit.path} is in it, and {holder}. Have it checked in first.",
                "conflict",
            )
