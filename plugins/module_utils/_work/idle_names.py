# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Warns of patterns and excludes that fit nothing. Private to damops.elvis."""

from __future__ import annotations

from .._files.name_filter import NameFilter
from .._text import escaped, named
from .journal import Journal


def warn_of_idle(names: NameFilter, journal: Journal, *, removes: bool) -> None:
    """Warn of patterns of which none fits anything, and of excludes that protect nothing.

    An exclude that fits nothing is no mistake where nothing is removed: many tasks exclude what seldom comes.

    :param names: what has looked at all names of both sides
    :param removes: whether the task removes what has no counterpart
    """
    if names.is_idle:
        journal.warn("No pattern of patterns fits any file, so no file takes part. Letter case counts.")
    idle = [escaped(pattern) for pattern in names.idle_excludes]
    if removes and idle:
        journal.warn(
            f"excludes has patterns that fit nothing on either side, and protect nothing from delete: {named(idle)}."
        )
