# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads which files a task wants to send. Private to damops.elvis."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._errors import ElvisError
from .._http.multipart import find_file, form_upload
from .._http.request import Fields, Upload


def multipart_upload(files: Mapping[str, Any], fields: Fields) -> Upload:
    """Return the form with the option ``files``, whose values are paths, after ``fields``.

    :raises ElvisError: when a file can't be sent
    """
    paths = {name: _read_path(name, value) for name, value in files.items()}
    return form_upload(fields, [(name, path.name, find_file(path)) for name, path in paths.items()])


def missing_files(files: Mapping[str, Any]) -> list[Path]:
    """Return the files that are not there.

    :raises ElvisError: when one of ``files`` is no path of a file
    """
    paths = (_read_path(name, value) for name, value in files.items())
    return [path for path in paths if not path.exists()]


def _read_path(name: str, value: Any) -> Path:
    if not isinstance(value, str) or "\0" in value:
        raise ElvisError(f"files has no path under {name}. Give the path of one file.", "bad_request")
    path = Path(os.path.expanduser(os.path.expandvars(value)))  # noqa: PTH111 - an unknown user is no error of ours
    if not path.is_absolute():
        raise ElvisError(
            f"files has the relative path {path} under {name}, and what it is relative to depends on where the task"
            " runs. Give an absolute path.",
            "bad_request",
        )
    return path
