# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task wants that brings local files into the DAM. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._dam.asset_requests import Writing
from .._dam.contents import Existing
from .._files.name_filter import NameFilter
from .._files.put_away import PutAway
from .captions import Captions
from .file_matching import NameMatch
from .removal_limit import RemovalLimit


@dataclass(frozen=True)
class UploadRules:
    """How files are compared and stored; the options of elvis_upload say what each means.

    :param is_state: whether metadata are compared and set each time, and not only for a new asset
    :param check_in: whether our own check-out ends, that of an unchanged file as well
    """

    metadata: Mapping[str, Any] = field(default_factory=dict)
    is_state: bool = False
    existing: Existing = "update"
    checksum: bool = True
    force: bool = False
    check_in: bool = False


@dataclass(frozen=True)
class UploadOrder:
    """What a task wants; the options of elvis_upload say what each means.

    :param match: how a file says which asset it is for; None where its place does
    """

    path: str
    rules: UploadRules
    names: NameFilter
    writing: Writing
    match: NameMatch | None = None
    captions: Captions | None = None
    recursive: bool = True
    removals: RemovalLimit | None = None
    put_away: PutAway | None = None
    makes_empty_folders: bool = True
    concurrency: int = 4
    stops_at_failure: bool = False
    check_mode: bool = False

    @property
    def fields(self) -> list[str]:
        """The names of the metadata that the task may write."""
        return sorted({*self.rules.metadata, *(self.captions.fields if self.captions else ())})
