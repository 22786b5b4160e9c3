# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds out which form a field has: no call says which fields hold times or lists. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .._elvis.client import Client
from .._elvis.field_values import is_empty
from .._errors import ElvisError
from .asset_finder import AssetFinder, collected
from .asset_keys import field_mistake
from .hits import Hit


class FieldSamples:
    """A value of each field that shows its form.

    :param assets: assets that may have some
    """

    def __init__(self, client: Client, assets: Iterable[Hit]) -> None:
        self._client = client
        self._found: dict[str, Any] = {}
        for asset in assets:
            for name, value in asset.fields.items():
                # A server might show a list of one value as that value.
                if not is_empty(value) and (name not in self._found or isinstance(value, list)):
                    self._found[name] = value

    def of(self, field: str) -> Any:
        """Return a value of a field that is not empty, None where no asset has one.

        :raises ElvisError: when the server can't be asked
        """
        if field not in self._found:
            self._found[field] = None if field_mistake(field) else self._search(field)
        return self._found[field]

    def _search(self, field: str) -> Any:
        finder = AssetFinder(self._client, [field])
        try:
            hits = collected(finder.pages(f"{field}:*", limit=1))
        except ElvisError as error:
            # A server may refuse such a query for this field.
            if error.reason == "bad_request":
                return None
            raise
        return next((hit.fields.get(field) for hit in hits), None)
