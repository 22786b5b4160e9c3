# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the lines of a text file, whatever its encoding, in constant memory. Private to damops.elvis."""

from __future__ import annotations

import codecs
import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from .._errors import ElvisError, system_words

CHUNK = 64 * 1024
LONGEST_LINE = 16 * 1024 * 1024
"""Characters. What has a longer line is not the kind of file that is asked for."""

# The longest first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MARKED = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
"""Encodings that speak of a byte order mark, and what they are once it was looked for."""


class BadText(Exception):
    """A file is not what it is said to be.

    :param mistake: what is wrong, as the end of a sentence
    :param line: where, once that is known
    """

    def __init__(self, mistake: str, line: int | None = None) -> None:
        super().__init__(mistake)
        self.mistake = mistake
        self.line = line

    def at(self, line: int) -> BadText:
        """Return the same with the line, unless it has one."""
        return BadText(self.mistake, self.line or line)

    def __str__(self) -> str:
        return f"line {self.line} {self.mistake}"


class Version(NamedTuple):
    """What tells one state of a file from another."""

    inode: int
    size: int
    modified: int


def check_encoding(name: str) -> str:
    """Return the name by which Python knows an encoding of text.

    :raises ElvisError: when there is none of that name
    """
    try:
        # Not open(), which a codec that makes bytes of bytes would pass.
        "".encode(name)
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        raise ElvisError(
            f"encoding {name} is not one that Python knows. Give a name such as utf-8, windows-1252 or utf-16.",
            "bad_request",
        ) from None


def open_regular(path: str, option: str) -> IO[bytes]:
    """Open a file to be read; anything that is not a regular file is not even opened, since that might wait for ever.

    :raises ElvisError: when it can't be read
    """
    try:
        # A link is followed: the task names it.
        if not stat.S_ISREG(Path(path).stat().st_mode):
            raise ElvisError(f"{option} {path} can't be read: it is not a regular file.", "bad_request")
        return Path(path).open("rb")
    except (OSError, ValueError) as error:
        raise ElvisError(
            f"{option} {path} can't be read: {system_words(error)}. It is looked for on the machine that runs this"
            " task.",
            "storage",
        ) from None


def version_of(file: IO[bytes]) -> Version:
    """Return what tells this state of a file from another."""
    status = os.fstat(file.fileno())
    return Version(status.st_ino, status.st_size, status.st_mtime_ns)


def read_lines(file: IO[bytes], encoding: str, only_line_feeds: bool = False) -> Iterator[str]:
    """Yield the lines of a file with their ends. A byte order mark tells the encoding, whatever the task says.

    :param encoding: what it is in without such a mark
    :param only_line_feeds: whether a carriage return alone ends no line
    :raises BadText: after the lines before it, at what is not text in that encoding
    """
    newline = "\n" if only_line_feeds else ""
    rest = _Rest()
    for text in read_text(file, encoding):
        if not rest.ends_in_return and "\n" not in text and (only_line_feeds or "\r" not in text):
            rest.add(text)
            continue
        # Not splitlines(), which takes a form feed or U+2028 for the end of a line as well.
        lines = list(io.StringIO(rest.take() + text, newline=newline))
        if lines and not lines[-1].endswith("\n"):
            # Behind a carriage return a line feed may follow.
            rest.add(lines.pop())
        yield from lines
    last = rest.take()
    if last:
        yield last


def read_text(file: IO[bytes], encoding: str) -> Iterator[str]:
    """Yield the text of a file piece by piece. A byte order mark tells the encoding, whatever the task says.

    :param encoding: what it is in without such a mark
    :raises BadText: after the text before it, at what is not text in that encoding
    """
    begin = file.read(4)
    mark, encoding = next(
        ((mark, of_mark) for mark, of_mark in _MARKS if begin.startswith(mark)),
        (b"", _MARKED.get(encoding, encoding)),
    )
    file.seek(len(mark))
    is_begin = True
    for text in _decode(file, encoding):
        if is_begin and text:
            # Files that were put together from others have such a mark more than once.
            text, is_begin = text.lstrip("\ufeff"), False
        yield text


class _Rest:
    """The beginning of a line whose end did not come yet; put together once, however many pieces it comes in."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0

    @property
    def ends_in_return(self) -> bool:
        return bool(self._pieces) and self._pieces[-1].endswith("\r")

    def add(self, text: str) -> None:
        self._length += len(text)
        if self._length > LONGEST_LINE:
            raise BadText(f"has a line of more than {LONGEST_LINE:,} characters")
        if text:
            self._pieces.append(text)

    def take(self) -> str:
        line = "".join(self._pieces)
        self._pieces, self._length = [], 0
        return line


def _decode(file: IO[bytes], encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    chunk = b"more"
    while chunk:
        chunk = file.read(CHUNK)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            # pylint: disable=invalid-slice-index # it doesn't know that start and end are numbers
            yield error.object[: error.start].decode(encoding)
            found = error.object[error.start : error.end].hex(" ")
            raise BadText(
                f"has the bytes {found}, which are not text in {encoding}: name the encoding that the file has, often"
                " windows-1252 where a spreadsheet saved it"
            ) from None
        yield text
