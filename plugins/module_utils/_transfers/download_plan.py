# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds out which file each asset is to be, and whether it has to be fetched. Private to damops.elvis."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from .._dam.asset_index import no_file
from .._dam.contents import TOLERANCE
from .._dam.hits import Hit
from .._elvis.paths import name_of, pairing_key
from .._errors import ElvisError
from .._files.local_paths import shown_path
from .._files.name_filter import NameFilter
from .._files.places import LocalPlaces, Place
from .._files.tree import LocalFile
from .removal_limit import RemovalLimit

EARLIEST, LATEST = -(2**31), 2**32 - 1
"""Dates that file systems keep, from 1901 to 2106; what is beyond would be another date when it is read again."""
MILLISECOND_NS, ROUNDING_NS = 1_000_000, 1_000
"""The dates of a DAM are whole milliseconds, but for the rounding of a disk. A system dates what is written finer."""

Rendition = Literal["original", "preview", "thumbnail"]


@dataclass(frozen=True)
class DownloadOrder:
    """What a task wants; the options of elvis_download say what each means.

    :param base: the folder in the DAM whose tree it is, None for single assets
    """

    dest: str
    base: str | None
    names: NameFilter
    rendition: Rendition = "original"
    is_flat: bool = False
    recursive: bool = True
    keeps_existing: bool = False
    force: bool = False
    removals: RemovalLimit | None = None
    own: tuple[str, ...] = ()
    concurrency: int = 4
    stops_at_failure: bool = False
    check_mode: bool = False


class Fetched(NamedTuple):
    """A file that lies in its place.

    :param size: how many bytes were written
    :param shown: how many the asset has, None where the DAM does not show that
    :param has_date: whether it has the asset's date, as far as that has one
    """

    size: int
    shown: int | None
    has_date: bool


class DownloadStep(NamedTuple):
    """What is to be done with one asset; with an error, nothing can be.

    :param by: what told that the file here is another one
    :param fetched: what came of it
    """

    asset: Hit
    relative: str
    place: Place | None = None
    is_due: bool = False
    by: Literal["date", "size"] | None = None
    fetched: Fetched | None = None
    error: ElvisError | None = None


class DownloadPlan:
    """The assets that a task wants, and the files that they are to be.

    :param leave_out: is told of an asset that takes no part, and why
    :param is_stored: tells whether it is proven that an asset holds a file that is here
    """

    def __init__(
        self,
        order: DownloadOrder,
        places: LocalPlaces,
        leave_out: Callable[[Hit, str], None],
        is_stored: Callable[[Hit, LocalFile], bool],
    ) -> None:
        self._order = order
        self._places = places
        self._leave_out = leave_out
        self._is_stored = is_stored
        self.undated: list[str] = []
        """Assets without a date whose files are here already."""
        self._own = {os.path.realpath(path.encode("utf-8", "surrogateescape")) for path in order.own}

    def plan(self, assets: Iterable[Hit]) -> list[DownloadStep]:
        """Return what is to be done with each asset, in the order of the files."""
        listed = sorted(self._select(assets), key=lambda step: (step.relative, step.asset.path))
        by_key: dict[str, list[DownloadStep]] = {}
        for step in listed:
            by_key.setdefault(pairing_key(step.relative), []).append(step)
        # Those that would be one file here are refused before anything is fetched.
        return [
            self._placed(step) if len(twins) == 1 else _twin(step, twins)
            for step in listed
            for twins in [by_key[pairing_key(step.relative)]]
        ]

    def _select(self, assets: Iterable[Hit]) -> Iterator[DownloadStep]:
        for asset in assets:
            relative = self.relative(asset)
            if not self._takes(asset):
                continue
            obstacle = no_file(asset)
            if obstacle or not self.url(asset):
                self._leave_out(asset, f"it is {obstacle}" if obstacle else f"it has no {self._order.rendition}")
            else:
                yield DownloadStep(asset, self._named(asset, relative))

    def _takes(self, asset: Hit) -> bool:
        # Single assets have no folder whose sub-folders could be left out.
        return self._order.names.takes(self._below_base(asset), self._order.recursive or self._order.base is None)

    def _below_base(self, asset: Hit) -> str:
        return asset.path[len((self._order.base or "").rstrip("/")) + 1 :]

    def relative(self, asset: Hit) -> str:
        """Return the path of an asset below the local folder, whatever its rendition is called."""
        return name_of(asset.path) if self._order.is_flat else self._below_base(asset)

    def url(self, asset: Hit) -> str | None:
        """Return the address of the wanted rendition, None where there is none."""
        urls = {"original": asset.original_url, "preview": asset.preview_url, "thumbnail": asset.thumbnail_url}
        return urls[self._order.rendition]

    def size(self, asset: Hit) -> int | None:
        """Return how many bytes the wanted rendition has, None where the DAM does not show that."""
        return asset.number("fileSize") if self._order.rendition == "original" else None

    def _named(self, asset: Hit, relative: str) -> str:
        """Return the path of the file: the preview of a layout is a picture, and is called like one."""
        if self._order.rendition == "original":
            return relative
        of_url = _extension((self.url(asset) or "").partition("?")[0]) or "jpg"
        return relative if _extension(relative) == of_url else f"{relative}.{of_url}"

    def _placed(self, step: DownloadStep) -> DownloadStep:
        try:
            place = self._places.find(step.relative)
        except ElvisError as error:
            return step._replace(error=error)
        if place.path in self._own:
            return step._replace(place=place, error=_own_file(step.asset, place))
        if place.found is None:
            return step._replace(place=place, is_due=True)
        return step._replace(place=place) if self._order.keeps_existing else self._compared(step, place, place.found)

    def _compared(self, step: DownloadStep, place: Place, found: os.stat_result) -> DownloadStep:
        """Return what is to be done with an asset whose file is here already."""
        asset, stored = step.asset, date_of(step.asset)
        if stored is None:
            self.undated.append(asset.path)
            return step._replace(place=place, is_due=found.st_size != self.size(asset), by="size")
        younger = found.st_mtime - stored
        if younger > TOLERANCE and not self._order.force:
            return step._replace(place=place, error=_edited_here(asset, place))
        # An empty one with the right date is what a machine that lost its power has of it.
        is_lost = found.st_size == 0 and asset.number("fileSize") != 0
        step = step._replace(place=place, is_due=is_lost or abs(younger) > TOLERANCE, by="date")
        return step if self._may_go(step, place, found) else step._replace(error=_unproven(asset, place))

    def _may_go(self, step: DownloadStep, place: Place, found: os.stat_result) -> bool:
        """Tell whether the file that is here is not replaced, or may be: a DAM's, or one that the DAM holds."""
        if self._order.force or not step.is_due or not (found.st_size and was_written_here(found)):
            return True
        return self._is_stored(step.asset, LocalFile.of(place.path, step.relative, found))


def date_of(asset: Hit) -> float | None:
    """Return the date that the file of an asset gets, in seconds since 1970."""
    stored = asset.number("assetFileModified")
    return None if stored is None else min(max(stored / 1000, EARLIEST), LATEST)


def was_written_here(found: os.stat_result) -> bool:
    """Tell whether the date of a file is no DAM's, so that somebody has made or edited it on this machine."""
    beyond = found.st_mtime_ns % MILLISECOND_NS
    return ROUNDING_NS < beyond < MILLISECOND_NS - ROUNDING_NS


def _extension(name: str) -> str:
    extension = os.path.splitext(name)[1].lower().lstrip(".")  # noqa: PTH122 - no path of this machine
    return "jpg" if extension == "jpeg" else extension


def _own_file(asset: Hit, place: Place) -> ElvisError:
    return ElvisError(
        f"{asset.path} was not fetched: {shown_path(place.path)} is a file that this task itself writes. Give"
        " metadata_dest or report another name.",
        "conflict",
    )


def _edited_here(asset: Hit, place: Place) -> ElvisError:
    return ElvisError(
        f"{shown_path(place.path)} is younger than {asset.path}: somebody has edited it here, so it was left unchanged."
        " force: true fetches it all the same.",
        "conflict",
    )


def _unproven(asset: Hit, place: Place) -> ElvisError:
    return ElvisError(
        f"{shown_path(place.path)} was left unchanged: {asset.path} has another file, but somebody has written the one"
        " here, and nothing proves that the DAM holds it. Upload it, rename it or remove it, or give force: true.",
        "conflict",
    )


def _twin(step: DownloadStep, twins: Sequence[DownloadStep]) -> DownloadStep:
    others = ", ".join(twin.asset.path for twin in twins if twin is not step)
    return step._replace(
        error=ElvisError(
            f"{step.asset.path} was not fetched: here it has the same name as {others}. Rename one of them.", "conflict"
        )
    )
