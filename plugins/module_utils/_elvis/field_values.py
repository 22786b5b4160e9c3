# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the values of an asset's metadata, and compares them with those that are wanted. Private to damops.elvis.

The vendor documents that dates, sizes and numbers with a unit come as ``{"value": 1521956554000, "formatted":
"2018-03-25 07:42:34 +0200"}``. No call tells which fields are lists, dates or numbers: a hit's own values have to.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import tzinfo
from typing import Any

from .._text import escaped
from .times import as_number, format_time, parse_time

SYSTEM_FIELDS = frozenset(
    {
        "id",
        "assetPath",
        "folderPath",
        "ancestorPaths",
        "name",
        "filename",
        "baseName",
        "extension",
        "fileSize",
        "fileType",
        "assetType",
        "assetDomain",
        "assetCreated",
        "assetCreator",
        "assetModified",
        "assetModifier",
        "assetFileModified",
        "assetFileModifier",
        "checkedOut",
        "checkedOutBy",
        "checkedOutOnClient",
        "firstExtractedChecksum",
        "versionNumber",
        "indexRevision",
    }
)
"""What the server itself keeps of an asset: read for the key of a row, never written."""

_DATE = re.compile(r"-?\d{1,9}-\d\d-\d\d[ T]\d\d:\d\d")
"""How the text beside a value begins when that is a moment (documented by an example)."""


def plain(value: Any) -> Any:
    """Return a value without the text that the server formats it as."""
    return value["value"] if isinstance(value, dict) and "value" in value else value


def is_time(value: Any) -> bool:
    """Tell whether the hit shows that a value is a moment."""
    if not isinstance(value, dict) or isinstance(value.get("value"), bool):
        return False
    formatted = value.get("formatted")
    return isinstance(value.get("value"), int) and isinstance(formatted, str) and bool(_DATE.match(formatted))


def as_moment(milliseconds: int) -> dict[str, Any]:
    """Return a moment in the form that a hit has it in, so that a report writes both alike."""
    return {"value": milliseconds, "formatted": format_time(milliseconds)}


def flat(value: Any, zone: tzinfo | None = None) -> Any:
    """Return a value as a report has it: a moment in ISO 8601, in UTC or another zone; anything else as it is."""
    if isinstance(value, list):
        return [flat(item, zone) for item in value]
    return format_time(value["value"], zone) if is_time(value) else plain(value)


def is_empty(value: Any) -> bool:
    """Tell whether a value is as good as an absent field."""
    if isinstance(value, str):
        return not value.strip()
    value = plain(value)
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def is_same(present: Any, wanted: Any, zone: tzinfo | None = None) -> bool:
    """Tell whether a field has a value already.

    :param present: the value in a hit, None where the field is absent
    :param wanted: text, a number, a boolean, None to empty the field, or a list of these
    :param zone: where a time without a zone is meant
    """
    if is_empty(present) or is_empty(wanted):
        return is_empty(present) and is_empty(wanted)
    if isinstance(present, list) or isinstance(wanted, list):
        ours, theirs = _items(wanted), _items(present)
        if len(ours) == len(theirs) == 1:
            return is_same(theirs[0], ours[0], zone)
        return {_comparable(flat(item)) for item in theirs} == {_comparable(item) for item in ours}
    wanted = plain(wanted)
    if is_time(present):
        return bool(parse_time(str(wanted), zone) == present["value"])
    return _is_same_scalar(plain(present), wanted)


def _items(value: Any) -> list[Any]:
    return [item for item in (value if isinstance(value, list) else [value]) if not is_empty(item)]


def _is_same_scalar(present: Any, wanted: Any) -> bool:
    if isinstance(present, bool) or isinstance(wanted, bool):
        # A spreadsheet writes TRUE.
        return _comparable(present).lower() == _comparable(wanted).lower()
    if isinstance(present, (int, float)):
        return as_number(present) == as_number(wanted)
    return _comparable(present) == _comparable(wanted)


def _comparable(value: Any) -> str:
    """Return a value as text, without what a server may change of it: line ends, Unicode form, white space at ends."""
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def exact_text(value: Any) -> str | None:
    """Return the one text that a field holds, in Unicode's composed form; None where it holds none, or several."""
    if isinstance(value, list):
        items = _items(value)
        return exact_text(items[0]) if len(items) == 1 else None
    value = plain(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return unicodedata.normalize("NFC", str(value)) if isinstance(value, (str, int, float)) else None


def differing(
    present: Mapping[str, Any], wanted: Mapping[str, Any], zone: tzinfo | None = None
) -> dict[str, tuple[Any, Any]]:
    """Return each field whose value is not the wanted one, with the present value and the wanted one."""
    pairs = ((name, present.get(name), value) for name, value in wanted.items())
    return {name: (flat(there), value) for name, there, value in pairs if not is_same(there, value, zone)}


def stored_otherwise(reply: Mapping[str, Any], sent: Mapping[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    """Return what the reply of a write shows in fields where it is not what was sent: shortened, in other case."""
    return {name: flat(reply.get(name)) for name in fields if not is_same(reply.get(name), sent[name])}


def is_shortened(present: Any, wanted: Any) -> bool:
    """Tell whether a text may be what a server made of another: cut off, in other letter case, with other blanks."""
    ours, theirs = exact_text(wanted), exact_text(present)
    if not isinstance(wanted, (str, list)) or not ours or not theirs or _comparable(ours) == _comparable(theirs):
        return False
    return _squeezed(ours).startswith(_squeezed(theirs))


def _squeezed(text: str) -> str:
    return "".join(text.casefold().split())


def stored_as(name: str, value: Any) -> str:
    """Return the words for what a server made of a value."""
    text = _comparable(value)
    return f"{name} stored as {escaped(text[:100])}{'…' if len(text) > 100 else ''}"
