# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The requests that write one asset. Private to damops.elvis."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from .._elvis import services
from .._elvis.client import Request
from .._elvis.paths import name_of, parent_of
from .._http.multipart import FilePart, form_upload
from .._http.request import Fields
from .hits import Hit
from .metadata_values import as_sent, begins_with_sign

FIELDS = ("assetPath", "versionNumber", "firstExtractedChecksum", "fileSize", "assetFileModified", "assetModified")
"""What is read of each asset that was written."""


class FileContent(NamedTuple):
    """A file to be stored; ``checksum`` reads its MD5 when it is needed."""

    part: FilePart
    checksum: Callable[[], str]


@dataclass(frozen=True)
class Writing:
    """How assets are written.

    :param fields: names of the metadata that replies are to show
    :param process_timeout: the seconds that the server may work after the last byte of a file
    :param keep_metadata: whether an edited text wins over what is embedded in a new file; None where the server has no
        such parameter
    :param settles_later: whether whoever writes looks up what no answer shows, many assets at once
    """

    fields: tuple[str, ...] = ()
    process_timeout: float = 300
    keep_metadata: bool | None = None
    settles_later: bool = False

    @property
    def to_return(self) -> str:
        return ",".join(dict.fromkeys((*FIELDS, *self.fields)))


def creating(path: str, content: FileContent | None, metadata: Mapping[str, Any], writing: Writing) -> Request:
    """Return the request that stores a new asset, at this path and no other."""
    fields = [("folderPath", parent_of(path)), ("autoRename", "false")]
    request = Request(f"create {path}", "POST", services.CREATE.address, process_timeout=writing.process_timeout)
    return _with_body(request, fields, content, {"name": name_of(path), **metadata}, name_of(path), writing)


def updating(
    asset: Hit, content: FileContent | None, metadata: Mapping[str, Any], writing: Writing, *, ends_check_out: bool
) -> Request:
    """Return the request that gives an asset another file, or other metadata, or both."""
    fields = [("id", asset.id), ("clearCheckoutState", _flag(ends_check_out))]
    if content:
        fields += [("createVersion", "true"), ("autoRename", "false")]
        if writing.keep_metadata is not None:
            fields.append(("keepMetadata", _flag(writing.keep_metadata)))
    request = Request(f"update {asset.path}", "POST", services.UPDATE.address, process_timeout=writing.process_timeout)
    return _with_body(request, fields, content, metadata, name_of(asset.path), writing)


def moving(path: str, new_path: str, process_timeout: float | None = None) -> Request:
    """Return the request that gives an asset or a folder another path, which nothing has.

    :param process_timeout: the seconds that the server may work on it
    """
    fields = [("source", path), ("target", new_path)]
    fields += [("fileReplacePolicy", "THROW_EXCEPTION"), ("folderReplacePolicy", "THROW_EXCEPTION")]
    return Request(
        f"move {path} to {new_path}", "POST", services.MOVE.address, form=fields, process_timeout=process_timeout
    )


def removing(asset: Hit) -> Request:
    """Return the request that removes an asset."""
    return Request(f"remove {asset.path}", "POST", services.REMOVE.address, form={"ids": asset.id})


def _with_body(
    request: Request,
    fields: Fields,
    content: FileContent | None,
    metadata: Mapping[str, Any],
    filename: str,
    writing: Writing,
) -> Request:
    if any(map(begins_with_sign, metadata.values())):
        fields = [*fields, ("parseMetadataModifications", "false")]
    form = [
        *fields,
        ("metadata", json.dumps(as_sent(metadata), ensure_ascii=False)),
        ("metadataToReturn", writing.to_return),
    ]
    if content is None:
        return replace(request, form=form)
    return replace(request, upload=form_upload(form, [("Filedata", filename, content.part)]))


def _flag(value: bool) -> str:
    return "true" if value else "false"
