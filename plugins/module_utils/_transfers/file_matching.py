# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the asset that a local file is for, by a value in the file's name. Private to damops.elvis."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .._dam.asset_index import no_file
from .._dam.asset_keys import field_mistake, several_words, value_mistake
from .._dam.hits import Hit
from .._elvis.paths import name_of
from .._errors import ElvisError
from .._files.tree import LeftOut, LocalFile
from .._text import escaped, named

Find = Callable[[Sequence[str]], Mapping[str, Sequence[Hit]]]
"""Returns the assets that hold each value."""


@dataclass(frozen=True)
class NameMatch:
    """How the name of a file says which asset the file is for.

    :param field: the field of the asset
    :param pattern: finds the value of the field; it is the first group
    :param skips: whether a file without an asset is left out, instead of being a failure
    :param folder: the folder in the DAM that has the assets, in it or below it
    """

    field: str
    pattern: re.Pattern[str]
    skips: bool
    folder: str

    def value_of(self, relative: str) -> str | LeftOut:
        """Return the value in the name of a file, or why it has none."""
        name = unicodedata.normalize("NFC", name_of(relative))
        values = list(dict.fromkeys(found[1] for found in self.pattern.finditer(name) if found[1]))
        if not values:
            return self.unmatched(relative, f"match.pattern finds no {self.field} in its name")
        if len(values) > 1:
            shown = ", ".join(map(escaped, values))
            return LeftOut(escaped(relative), f"its name has several values of {self.field}: {shown}", "conflict")
        mistake = value_mistake(values[0])
        if mistake:
            return LeftOut(escaped(relative), f"the {self.field} in its name {mistake}", "bad_request")
        return values[0]

    def asset_of(self, relative: str, value: str, assets: Sequence[Hit]) -> Hit | LeftOut:
        """Return the asset that a file is for, or why there is none.

        :param assets: those that hold the value
        """
        if not assets:
            return self.unmatched(relative, f"no asset below {self.folder} has {self.field} {escaped(value)}")
        if len(assets) > 1:
            words = several_words(self.field, value, assets)
            return LeftOut(escaped(relative), words, "conflict", sorted(asset.path for asset in assets))
        obstacle = no_file(assets[0])
        if obstacle:
            return LeftOut(escaped(relative), f"{assets[0].path} is {obstacle}", "conflict")
        return assets[0]

    def unmatched(self, relative: str, why: str) -> LeftOut:
        """Return a file without an asset."""
        return LeftOut(escaped(relative), why, None if self.skips else "not_found")


class Matched(NamedTuple):
    """What files are for.

    :param assets: their assets, by the paths of the files below the local folder
    :param left_out: the files that have none, or more than one, or share one
    """

    assets: dict[str, Hit]
    left_out: list[LeftOut]


def read_name_match(field: str, pattern: str, *, skips: bool, folder: str) -> NameMatch:
    """Return how files are matched.

    :raises ElvisError: when field is none, or pattern is no regular expression with a group
    """
    mistake = field_mistake(field)
    if mistake:
        raise ElvisError(f"match.field: {mistake}.", "bad_request")
    try:
        compiled = re.compile(unicodedata.normalize("NFC", pattern))
    except (re.error, OverflowError, RecursionError) as error:
        raise ElvisError(f"match.pattern is not a regular expression of Python: {error}.", "bad_request") from None
    if not compiled.groups:
        raise ElvisError(
            rf"match.pattern has no group. Put brackets around the value of {field}, such as (?<!\d)(\d{{8}})(?!\d).",
            "bad_request",
        )
    return NameMatch(field, compiled, skips, folder)


def match_files(match: NameMatch, files: Iterable[LocalFile], find: Find) -> Matched:
    """Return the assets of files. Several files for one asset are left out: nobody knows which of them it shall get."""
    left_out: list[LeftOut] = []
    values: dict[str, str] = {}
    for file in files:
        value = match.value_of(file.relative)
        if isinstance(value, LeftOut):
            left_out.append(value)
        else:
            values[file.relative] = value
    found = find(list(dict.fromkeys(values.values())))
    by_asset: dict[str, list[tuple[str, Hit]]] = {}
    for relative, value in values.items():
        asset = match.asset_of(relative, value, found.get(value, ()))
        if isinstance(asset, LeftOut):
            left_out.append(asset)
        else:
            by_asset.setdefault(asset.id, []).append((relative, asset))
    assets: dict[str, Hit] = {}
    for pairs in by_asset.values():
        if len(pairs) == 1:
            assets.update(pairs)
            continue
        files_of_one = named([escaped(relative) for relative, _asset in pairs])
        why = f"{len(pairs)} files are for {pairs[0][1].path}: {files_of_one}"
        left_out += [LeftOut(escaped(relative), why, "conflict") for relative, _asset in pairs]
    return Matched(assets, left_out)
