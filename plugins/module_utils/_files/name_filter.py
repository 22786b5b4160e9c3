# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decides by name or path what takes part in a transfer, on both sides alike. Private to damops.elvis."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence

from .._elvis.paths import pairing_key
from .._errors import ElvisError
from .._text import escaped
from .atomic_file import is_part

DEFAULT_EXCLUDES = (
    # Hidden files, and what the systems of desktops keep in folders.
    ".*",
    "Thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "Icon\r",
    # What programs keep beside a file while they work on it.
    "~$*",
    ".~lock.*#",
    "*.part",
    "*.filepart",
    "*.crdownload",
    "*.tmp",
    "*.swp",
    "*.idlk",
    "*.lrtmp",
    # Folders of shares and of file systems: previews, deleted files, snapshots.
    "@eaDir",
    "@Recycle",
    "@Recently-Snapshot",
    "#recycle",
    "#snapshot",
    "~snapshot",
    "$RECYCLE.BIN",
    "System Volume Information",
    "lost+found",
)
"""Names that no person means who brings a folder into the DAM."""

BACKSLASH = "\\"
"""No name in the DAM has one, so that a pattern with one fits nothing and protects nothing."""

_SEVERAL = re.compile(r"\.\w+(?:\s*[;,|]\s*|\s+)\*\.")
"""Several patterns in one text, such as ``*.psd; *.docx``: no name is like that."""
_TOKEN = re.compile(r"(?:(?<=/)|^)\*\*/|\*\*|\*|\?|\[!?\]?[^\]/]*\]|.", re.DOTALL)
_TRANSLATED = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


class NameFilter:
    """What ``patterns`` and ``excludes`` say of the path of a file below the folder that is transferred.

    A pattern without a slash fits a name, in whatever folder. With one it fits the end of a path, and with a leading
    slash the whole path. ``*`` and ``?`` stop at a slash, ``**`` does not. A final slash means folders.

    Excludes ignore letter case, because they protect from removal. Patterns widen what may be removed, and are exact.

    :param patterns: a file takes part when one of them fits; none fits all
    :param excludes: what one of them fits takes no part; a folder is not entered
    :param default_excludes: whether DEFAULT_EXCLUDES count as well
    :raises ElvisError: when a pattern can't be one
    """

    def __init__(
        self, patterns: Iterable[str] = (), excludes: Iterable[str] = (), *, default_excludes: bool = True
    ) -> None:
        own = [one for one in excludes if one]
        excludes = [*(DEFAULT_EXCLUDES if default_excludes else ()), *own]
        self._patterns = _compiled("patterns", [_only_of_files(pattern) for pattern in patterns], _composed)
        self._excludes = _compiled("excludes", [one for one in excludes if not one.endswith("/")], pairing_key)
        self._folders = _compiled("excludes", [one for one in excludes if one.endswith("/")], pairing_key)
        self._idle = {one: re.compile(_expression("excludes", pairing_key(one)), re.DOTALL) for one in own}
        self._has_taken = self._has_left_out = False

    @property
    def idle_excludes(self) -> list[str]:
        """The excludes of the task that have fitted nothing so far."""
        return list(self._idle)

    @property
    def is_idle(self) -> bool:
        """Whether patterns have left out all files so far, and there were some."""
        return self._has_left_out and not self._has_taken

    @property
    def takes_all(self) -> bool:
        """Whether every file takes part that is not excluded."""
        return self._patterns is None

    def includes(self, relative: str) -> bool:
        """Tell whether a file with this path is one of those that are wanted."""
        if self._patterns is None:
            return True
        if not _fits(self._patterns, _composed(relative)):
            self._has_left_out = True
            return False
        self._has_taken = True
        return True

    def excludes(self, relative: str, *, is_folder: bool = False) -> bool:
        """Tell whether a file or a folder with this path is left out by itself; a draft of ours always is."""
        if is_part(relative.rpartition("/")[2]):
            return True
        key = pairing_key(relative)
        if not (_fits(self._excludes, key) or (is_folder and _fits(self._folders, key))):
            return False
        for pattern in [one for one, expression in self._idle.items() if _fits(expression, key)]:
            del self._idle[pattern]
        return True

    def takes(self, relative: str, recursive: bool = True) -> bool:
        """Tell whether the file with this path takes part, whichever side it lies on."""
        above = [relative[:end] for end, character in enumerate(relative) if character == "/"]
        if above and not recursive:
            return False
        is_hidden_above = any(self.excludes(folder, is_folder=True) for folder in above)
        return not (is_hidden_above or self.excludes(relative)) and self.includes(relative)


def _only_of_files(pattern: str) -> str:
    if pattern.endswith("/"):
        raise ElvisError(
            f"patterns has {escaped(pattern)}, and a final slash means a folder. Patterns are of files: for all that is"
            f" in that folder give {escaped(pattern)}**",
            "bad_request",
        )
    return pattern


def _compiled(option: str, patterns: Sequence[str], spelled: Callable[[str], str]) -> re.Pattern[str] | None:
    expressions = [_expression(option, spelled(pattern)) for pattern in patterns if pattern]
    return re.compile("|".join(expressions), re.DOTALL) if expressions else None


def _expression(option: str, pattern: str) -> str:
    """Return the regular expression of a pattern, for the whole of a path without a slash at its ends."""
    if BACKSLASH in pattern:
        raise ElvisError(
            f"{option} has {escaped(pattern)}, and a backslash separates no folders here. Write /, as in"
            f" {escaped(pattern.replace(BACKSLASH, '/'))}",
            "bad_request",
        )
    if _SEVERAL.search(pattern):
        raise ElvisError(
            f"{option} has {escaped(pattern)}, which are several patterns in one text. Give a list, with"
            " one pattern in each element or line",
            "bad_request",
        )
    anywhere = "" if pattern.startswith("/") else "(?:.*/)?"
    tokens = _TOKEN.findall(pattern.strip("/"))
    expression = f"(?:{anywhere}{''.join(map(_translated, tokens))})\\Z"
    try:
        re.compile(expression)
    except re.error:
        tokens = []
    if not tokens:
        raise ElvisError(f"{option} has {escaped(pattern)}, which is no pattern.", "bad_request")
    return expression


def _translated(token: str) -> str:
    if token in _TRANSLATED:
        return _TRANSLATED[token]
    if len(token) == 1:
        return re.escape(token)
    negated, characters = token[1] == "!", token[1:-1].replace("\\", r"\\").replace("^", r"\^")
    return f"[^/{characters[1:]}]" if negated else f"[{characters}]"


def _fits(expression: re.Pattern[str] | None, path: str) -> bool:
    return expression is not None and expression.match(path) is not None


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


_HIDDEN = _compiled("excludes", DEFAULT_EXCLUDES, pairing_key)


def is_hidden(name: str) -> bool:
    """Tell whether the default excludes hide a name, whatever a task excludes."""
    return is_part(name) or _fits(_HIDDEN, pairing_key(name))
