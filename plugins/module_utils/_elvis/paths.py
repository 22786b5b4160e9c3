# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paths in the DAM: which are valid, and which two are one for the server. Private to damops.elvis."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from .._errors import ElvisError
from .._text import escaped

_INVALID = re.compile(r'[\\/:*?"<>|#;\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]')
"""What no name of a folder or an asset may have: the first ten are documented as invalid, a server removes or refuses
them. The others are control characters, the ends of a line and of a paragraph, and halves of characters."""


class _SimpleFolding(dict[int, str]):
    """Unicode's simple case folding, which Python lacks; each character is looked up once."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = next((text for text in (character.casefold(), character.lower()) if len(text) == 1), character)
        self[code] = folded
        return folded


_SIMPLE_FOLDING = _SimpleFolding()


def name_mistake(name: str) -> str | None:
    """Return what keeps ``name`` from being one of a folder or an asset, None when it can be one."""
    if not name.strip():
        return "is blank" if name else "is empty"
    if name in (".", ".."):
        return f"is {name}"
    found = sorted(set(_INVALID.findall(name)))
    return f"has {' '.join(map(escaped, found))}, which a DAM doesn't take" if found else None


def path_mistake(path: str) -> str | None:
    """Return what keeps ``path`` from being one in the DAM, None when it is ``/`` or names something below it."""
    if not path.startswith("/"):
        return "does not begin with a slash"
    if path == "/":
        return None
    for name in path[1:].split("/"):
        mistake = name_mistake(name)
        if mistake:
            return f"has a segment that {mistake}" if not name.strip() else f"has {escaped(name)}, which {mistake}"
    return None


def parse_path(path: str, option: str = "path") -> str:
    """Return a path as the DAM has it: without a slash at its end.

    :raises ElvisError: when it can't be one
    """
    bare = path.rstrip("/") or path[:1]
    mistake = path_mistake(bare)
    if mistake:
        raise ElvisError(
            f"{option} {escaped(path)!s} {mistake}. Give an absolute path in the DAM, such as /Demo Zone/Inbox.",
            "bad_request",
        )
    return bare


def join(folder: str, name: str) -> str:
    """Return the path of what has this name, or this path without a slash before it, in a folder."""
    return f"{folder.rstrip('/')}/{name}"


def parent_of(path: str) -> str:
    """Return the folder that something lies in."""
    return path.rpartition("/")[0] or "/"


def parents(relative: str) -> Iterator[str]:
    """Yield the folders that something lies in, by its path below another folder, the nearest last."""
    end = relative.find("/")
    while end > 0:
        yield relative[:end]
        end = relative.find("/", end + 1)


def name_of(path: str) -> str:
    """Return the last segment of a path."""
    return path.rpartition("/")[2]


def is_below(path: str, folder: str) -> bool:
    """Tell whether something lies in a folder or in one of its sub-folders."""
    return path.startswith(f"{folder.rstrip('/')}/") and path != folder


def is_protected(path: str) -> bool:
    """Tell whether this is the root or a zone, the first level of the DAM: neither is ever removed."""
    return path.count("/") < 2


def pairing_key(text: str) -> str:
    """Return what two paths, or two names, have in common when they are one for the server.

    Whether Elvis tells letter case and the forms of Unicode apart is not documented. What may be one is taken for one,
    so that nothing is stored twice or removed for its spelling. Case is folded one character for one, as Unicode's
    simple case folding does: a letter that folds to two, such as a sharp s or a ligature, is a letter of its own.
    """
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).translate(_SIMPLE_FOLDING))


def trimmed_key(path: str) -> str:
    """Return the pairing key without blanks at the ends of segments, which a server may take off (guess)."""
    return "/".join(segment.strip() for segment in pairing_key(path).split("/"))


def spellings(path: str) -> list[str]:
    """Return the forms in which a server may know a path: a search for text may tell NFC from NFD."""
    if path.isascii():
        return [path]
    return list(dict.fromkeys((path, *(unicodedata.normalize(form, path) for form in ("NFC", "NFD")))))
