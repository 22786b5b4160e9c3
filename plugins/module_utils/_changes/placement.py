# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says where assets that go into a folder are to be, and whether they may be there. Private to damops.elvis."""

from __future__ import annotations

from dataclasses import dataclass

from .._dam.check_outs import CheckOuts
from .._dam.hits import Hit
from .._elvis.paths import is_below, join, name_of, trimmed_key
from .._errors import ElvisError


@dataclass(frozen=True)
class Placement:
    """The folder into which assets go.

    :param base: the path of an asset below it is kept below the folder; None when all lie side by side
    """

    folder: str
    base: str | None = None

    def new_path_of(self, path: str) -> str | None:
        """Return the path that an asset is to have, None when it is in its place already.

        :raises ElvisError: when it has none, because it lies outside of the base
        """
        new_path = join(self.folder, name_of(path)) if self.base is None else self._in_tree(path, self.base)
        return new_path if new_path and trimmed_key(new_path) != trimmed_key(path) else None

    def _in_tree(self, path: str, base: str) -> str | None:
        is_moved = _lies_in(path, self.folder)
        # What was moved into a folder that lies in the base must not go deeper with each run.
        if is_moved and (_lies_in(self.folder, base) or not _lies_in(path, base)):
            return None
        if not _lies_in(path, base):
            raise ElvisError(
                f"{path} was left unchanged: it does not lie in base, {base}. Narrow the query, or give a base that"
                " all assets lie in.",
                "bad_request",
            )
        return join(self.folder, "/".join(path.split("/")[len(base.rstrip("/").split("/")) :]))


def path_obstacle(
    check_outs: CheckOuts, asset: Hit, new_path: str, there: Hit | None, *, is_folder: bool
) -> ElvisError | None:
    """Return why an asset can't get a path, None where it can.

    :param there: the asset at that path
    :param is_folder: whether that is the path of a folder, into which the server would move the asset
    """
    if there and there.id != asset.id:
        where = f"where another asset is ({there.id})"
    elif is_folder:
        where = "which is a folder; the path of an asset ends in its name"
    else:
        return None
    return check_outs.error_for(asset, f"it can't be moved to {new_path}, {where}")


def _lies_in(path: str, folder: str) -> bool:
    return is_below(trimmed_key(path), trimmed_key(folder))
