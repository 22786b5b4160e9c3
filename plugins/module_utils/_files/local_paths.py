# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Local paths: how a message shows one, and whether one lies in another. Private to damops.elvis."""

from __future__ import annotations

import os
from pathlib import Path

from .._text import escaped


def shown_path(path: bytes) -> str:
    """Return a path for a message."""
    return escaped(path.decode(errors="backslashreplace"))


def is_inside(path: str, folder: str) -> bool:
    """Tell whether a path, links followed, is a folder itself or lies in it."""
    place, top = (Path(os.path.realpath(name)) for name in (path, folder))
    return place == top or top in place.parents
