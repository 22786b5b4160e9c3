# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an extension tells about a file."""

from __future__ import annotations

import mimetypes
from functools import cache

_DOMAINS = {
    "container": "collection dossier task",
    "document": "pdf doc docx odt rtf epub pages",
    "layout": "indd idml qxp inx wwcx",
    "presentation": "ppt pptx key odp",
    "spreadsheet": "xls xlsx ods numbers",
    "text": "txt md csv tsv json jsonl xml html htm log yml yaml",
    "archive": "zip tar gz tgz 7z rar",
    "image": "ai eps psd heic raw cr2 nef dng",
}
# How the files of JPEG, PNG, GIF, BMP and TIFF begin.
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_BY_EXTENSION = {extension: domain for domain, extensions in _DOMAINS.items() for extension in extensions.split()}


@cache
def domain_of(extension: str) -> str:
    """Return `image`, `video`, `document` …; the words are the vendor's, which fits a file is a guess."""
    if extension in _BY_EXTENSION:
        return _BY_EXTENSION[extension]
    major = (mimetypes.guess_type(f"x.{extension}")[0] or "").partition("/")[0]
    return major if major in ("image", "video", "audio", "text") else "other"


def is_text(extension: str) -> bool:
    """Tell whether the server reads the text of such a file."""
    return domain_of(extension) == "text"


def is_picture(start: bytes) -> bool:
    """Tell by its first bytes whether a file is a picture that previews can be made of."""
    return start.startswith(_PICTURES) or (start.startswith(b"RIFF") and start[8:12] == b"WEBP")


def content_type_of(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
