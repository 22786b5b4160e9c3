# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Defines the sentence that session_guard shows about a session. Private to damops.elvis."""

from __future__ import annotations

from typing import NamedTuple


class Notice(NamedTuple):
    """A sentence for the person who watches the run."""

    text: str
    is_warning: bool
