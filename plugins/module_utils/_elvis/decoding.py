# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes JSON and text of the bytes of a reply. Private to damops.elvis."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from functools import partial
from typing import Any, NoReturn

from .._http.transport import HttpResponse
from .._text import whole_text

MOST_VALUES = 1_000_000
"""How many lists, objects and values JSON may have: one of three bytes takes sixty and more once it is read. A search
whose hits have 60 fields would return more than 10,000 of them."""

LONGEST_CHECKED = 64 * 1024
"""Characters of JSON in which doubled keys are looked for. To look takes a fifth of the time of reading: too long for
the pages of a search, all of which one program writes."""

_BOOLEANS = {True: True, "true": True, False: False, "false": False}
_CHARSET = re.compile(r"charset=\"?([\w.:-]+)", re.IGNORECASE)
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def load(reply: HttpResponse) -> Any:
    """Return the JSON of a reply, or None when it has none (``null`` is none either: no service answers that)."""
    if has_too_many_values(reply.body):
        return None
    try:
        text = _decode_json(reply.body, content_type(reply)[1])
        # Not strict: a tab or a line break in a text is read as it stands there.
        parsed = json.loads(
            text,
            strict=False,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            object_pairs_hook=partial(_as_object, reply.doubled_keys) if len(text) < LONGEST_CHECKED else None,
        )
        return _whole(parsed) if _ESCAPED_SURROGATE.search(text) else parsed
    except (ValueError, LookupError, RecursionError):
        return None


def as_boolean(value: Any) -> bool | None:
    """Return the boolean that a server means, also where it writes one as text; None when it is none."""
    return _BOOLEANS.get(value) if isinstance(value, (bool, str)) else None


def content_type(reply: HttpResponse) -> tuple[str, str]:
    """Return what kind of content a reply announces, empty when it does not tell, and the character set."""
    header = reply.headers.get("Content-Type", "")
    charset = _CHARSET.search(header)
    return header.partition(";")[0].strip().lower(), charset[1] if charset else "utf-8"


def decode_text(reply: HttpResponse) -> str:
    """Return the text of a reply, with a mark for what can't be read."""
    try:
        text = reply.body.decode(content_type(reply)[1], errors="replace")
    except (LookupError, UnicodeError):
        # Python also knows some codings that can't read just any bytes.
        text = reply.body.decode(errors="replace")
    return whole_text(text)


def has_too_many_values(body: bytes) -> bool:
    """Tell whether JSON has more values than are read."""
    # Each value but the first of a list or an object comes after a comma. Those in texts count as well, and don't hurt.
    return len(body) > MOST_VALUES and sum(map(body.count, (b"[", b"{", b","))) > MOST_VALUES


def _decode_json(body: bytes, charset: str) -> str:
    encoding = json.detect_encoding(body)
    try:
        return body.decode(encoding)
    except UnicodeDecodeError:
        pass
    try:
        # Java may write each half of a character beyond U+FFFF by itself.
        return whole_text(body.decode(encoding, errors="surrogatepass"))
    except UnicodeDecodeError:
        # What the header says comes last: many servers name ISO-8859-1 and send UTF-8.
        return body.decode(charset)


def _as_object(doubled_keys: set[str], pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON, in which the last of two values with one key counts."""
    made = dict(pairs)
    if len(made) < len(pairs):
        times = Counter(key for key, _value in pairs)
        doubled_keys.update(key for key in made if times[key] > 1)
    return made


def _whole(data: Any) -> Any:
    """Return data whose texts can be written anywhere."""
    if isinstance(data, dict):
        return {whole_text(name): _whole(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_whole(value) for value in data]
    return whole_text(data) if isinstance(data, str) else data


def _finite(text: str) -> float:
    number = float(text)
    # As text it is right, but Ansible would pass it on as Infinity, which is not valid JSON.
    return number if math.isfinite(number) else _refuse_constant(text)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
