# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A multipart form with files, which are read while they are sent. Private to damops.elvis."""

from __future__ import annotations

import mimetypes
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Union

from .._errors import CallFailure, ElvisError, system_words
from .request import Fields, Upload
from .transport import CHUNK

SMALLEST_SENT = 64 * 1024
# What browsers do with characters that would end a name early.
_ESCAPES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


@dataclass(frozen=True)
class _File:
    """A file as it is found before anything is sent."""

    path: Path
    size: int
    modified: int

    def chunks(self) -> Iterator[bytes]:
        """Yield the file's content.

        :raises CallFailure: when it is not the same any more
        """
        left = self.size
        try:
            with self.path.open("rb") as file:
                while chunk := file.read(min(CHUNK, left)):
                    left -= len(chunk)
                    yield chunk
                found = os.fstat(file.fileno())
        except FileNotFoundError:
            raise self._changed("is gone") from None
        except OSError as error:
            raise CallFailure("storage", f"{self.path} can't be read: {system_words(error)}", "unsent") from None
        if (found.st_size, found.st_mtime_ns) != (self.size, self.modified):
            raise self._changed("changed")

    def _changed(self, how: str) -> CallFailure:
        return CallFailure(
            "file_changed", f"{self.path} {how} while it was sent, so the request was broken off", "unsent"
        )


class FilePart(Protocol):
    """A file in a form: as long as it says, and read while it is sent."""

    @property
    def size(self) -> int:
        """Return its length in bytes."""

    def chunks(self) -> Iterator[bytes]:
        """Yield its content.

        :raises CallFailure: when it is not the same any more, or can't be read
        """


_Piece = Union[bytes, FilePart]


def form_upload(fields: Fields, parts: Iterable[tuple[str, str, bytes | FilePart]]) -> Upload:
    """Return the form with ``parts``, each with its name and that of its file, after ``fields``."""
    boundary = secrets.token_hex(16)
    pieces: list[_Piece] = []
    for name, text in fields:
        pieces.append(_head(boundary, name) + text.encode() + b"\r\n")
    for name, filename, part in parts:
        kind = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        pieces += [_head(boundary, name, filename, kind), part, b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    return Upload(
        f"multipart/form-data; boundary={boundary}",
        sum(len(piece) if isinstance(piece, bytes) else piece.size for piece in pieces),
        lambda: _chunks(pieces),
    )


def _chunks(pieces: list[_Piece]) -> Iterator[bytes]:
    """Yield the form in chunks that are worth a call of the system each."""
    waiting = b""
    for piece in pieces:
        for chunk in [piece] if isinstance(piece, bytes) else piece.chunks():
            waiting += chunk
            if len(waiting) >= SMALLEST_SENT:
                yield waiting
                waiting = b""
    yield waiting


def _head(boundary: str, name: str, filename: str | None = None, kind: str | None = None) -> bytes:
    disposition = f'form-data; name="{name.translate(_ESCAPES)}"'
    if filename is not None:
        disposition += f'; filename="{filename.translate(_ESCAPES)}"'
    lines = [f"--{boundary}", f"Content-Disposition: {disposition}"]
    if kind is not None:
        lines.append(f"Content-Type: {kind}")
    return "\r\n".join([*lines, "", ""]).encode(errors="replace")


def find_file(path: Path) -> FilePart:
    """Return a file of this machine as a part of a form; it is noticed when it changes before the form ends.

    :raises ElvisError: when it can't be sent
    """
    try:
        found = path.stat()
        # Opening anything else could block, or have an effect.
        if not stat.S_ISREG(found.st_mode):
            raise ElvisError(f"{path} is not a regular file.", "bad_request")
        path.open("rb").close()
    except (OSError, ValueError) as error:
        raise ElvisError(f"The file {path} can't be read: {system_words(error)}.", "bad_request") from None
    return _File(path, found.st_size, found.st_mtime_ns)
