# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be done with one asset: decided in one place, and done in one. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from .._dam.asset_requests import FileContent
from .._dam.assets import Assets
from .._dam.check_outs import CheckOuts
from .._dam.contents import By, LocalContent
from .._dam.hits import Hit
from .._dam.write_once import Written
from .._errors import ElvisError
from .._files.source import LocalSource
from .._files.tree import LocalFile
from .._work.diffs import Changes

Action = Literal["create", "update", "describe", "unchanged", "failed"]


class AssetStep(NamedTuple):
    """What is to be done with one asset.

    :param path: where it is, or is to be
    :param asset: what is there
    :param wanted: the metadata that are to be set: for each field the value before and the one after
    :param by: how it was found out that the content is another one
    :param ends_check_out: whether a check-out of ours is to end
    :param move_to: the path that the asset is to get, None where it stays
    :param error: why nothing can be done
    """

    path: str
    action: Action
    asset: Hit | None = None
    wanted: Mapping[str, tuple[Any, Any]] = {}
    by: By | None = None
    ends_check_out: bool = False
    move_to: str | None = None
    error: ElvisError | None = None

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        """What changes about the asset but its path and its content: for each field the value before and after."""
        ends = {"checkedOutBy": (self.asset.checked_out_by, None)} if self.asset and self.ends_check_out else {}
        return {**self.wanted, **ends}

    @property
    def metadata(self) -> dict[str, Any]:
        """The values that are to be set."""
        return {name: value for name, (_before, value) in self.wanted.items()}

    @property
    def sends_file(self) -> bool:
        return self.action in ("create", "update")


def step_for(
    asset: Hit, wanted: Changes, by: By | None, check_outs: CheckOuts, *, move_to: str | None = None
) -> AssetStep:
    """Return what is to be done with an asset that is there; it fails where somebody else has it checked out.

    :raises ElvisError: when the server can't be asked who has it
    """
    ends = check_outs.ends_own(asset)
    if not (by or wanted or ends or move_to):
        return AssetStep(asset.path, "unchanged", asset)
    refusal = check_outs.refusal(asset)
    if refusal:
        return AssetStep(asset.path, "failed", asset, error=refusal)
    return AssetStep(asset.path, "update" if by else "describe", asset, wanted, by, ends, move_to)


def do_step(assets: Assets, step: AssetStep, source: LocalSource | None) -> Written | None:
    """Do it; return what shows that it is done, None where nothing was written.

    :param source: the file, where one is to be sent
    :raises ElvisError: when it is not done, with what was done before
    """
    content = FileContent(source, source.checksum) if source and step.sends_file else None
    if step.action == "unchanged":
        return None
    if step.asset is None:
        return assets.create(step.path, content, step.metadata)
    return assets.change(step.asset, content, step.metadata, ends_check_out=step.ends_check_out, move_to=step.move_to)


def content_of(file: LocalFile, source: LocalSource, now: float) -> LocalContent:
    """Return a file as it is compared with assets."""
    return LocalContent(file.size, file.dated(now), source.checksum)
