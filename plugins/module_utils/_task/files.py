# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads which files a task wants to send. Private to damops.elvis."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._errors import ElvisError
from .._http.multipart import FilePart, find_file, form_upload
from .._http.request import Fields, Upload

_FILENAME = re.compile(r"[^/\\\x00-\x1f\x7f]+")


def multipart_upload(files: Mapping[str, Any], fields: Fields) -> Upload:
    """Return the form with the option ``files``, whose values are paths or contents, after ``fields``.

    :raises ElvisError: when a file can't be sent
    """
    return form_upload(fields, [(name, *_read_part(name, value)) for name, value in files.items()])


def missing_files(files: Mapping[str, Any]) -> list[Path]:
    """Return the files that are not there.

    :raises ElvisError: when one of ``files`` is neither the path of a file nor content
    """
    paths = [_read_path(name, value) for name, value in files.items() if not isinstance(value, Mapping)]
    for name, value in files.items():
        if isinstance(value, Mapping):
            _read_content(name, value)
    return [path for path in paths if not path.exists()]


def expanded(path: str) -> str:
    """Return a path as Ansible reads one, with ``~`` and variables filled in, unless it is there as it is written.

    So a name that was found on a disk, and happens to have a ``$`` in it, stays what it is.
    """
    is_there = "\0" not in path and os.path.lexists(path)
    # An unknown user is not an error of ours.
    return path if is_there else os.path.expanduser(os.path.expandvars(path))  # noqa: PTH111


def _read_part(name: str, value: Any) -> tuple[str, bytes | FilePart]:
    if isinstance(value, Mapping):
        return _read_content(name, value)
    path = _read_path(name, value)
    return path.name, find_file(path)


def _read_content(name: str, value: Mapping[str, Any]) -> tuple[str, bytes]:
    content, filename = value.get("content"), value.get("filename")
    is_complete = value.keys() == {"content", "filename"} and isinstance(content, str)
    if not is_complete or not isinstance(filename, str) or not _FILENAME.fullmatch(filename):
        raise ElvisError(
            f"files must have under {name} the path of one file, or a dictionary with content (text) and filename (a"
            " name without a folder).",
            "bad_request",
        )
    try:
        return filename, str(content).encode()
    except UnicodeEncodeError:
        raise ElvisError(f"files has a content under {name} that is not text in UTF-8.", "bad_request") from None


def _read_path(name: str, value: Any) -> Path:
    if not isinstance(value, str) or "\0" in value:
        raise ElvisError(f"files has no path under {name}. Give the path of one file.", "bad_request")
    path = Path(expanded(value))
    if not path.is_absolute():
        raise ElvisError(
            f"files has the relative path {path} under {name}, which depends on where the task runs. Give an"
            " absolute path.",
            "bad_request",
        )
    return path
