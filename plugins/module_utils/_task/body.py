# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads what a task wants to send in the body as it is: text, or JSON of any kind. Private to damops.elvis."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from .._errors import ElvisError
from .._http.request import Content
from .refused_options import NULL_SENDS_NOTHING

PLAIN_TEXT = "text/plain; charset=utf-8"
_CONTENT_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(\s*;\s*[\w.-]+=(\"[\x20-\x7e]*\"|[\w.+-]+))*", re.ASCII)
_CHARSET = re.compile(r"charset=\"?([\w.:-]+)", re.IGNORECASE)


def read_body(options: Mapping[str, Any]) -> Content | None:
    """Return what the options ``body`` and ``json`` say, None when there is neither.

    :raises ElvisError: when it can't be sent
    """
    text, content_type = options["body"], options["content_type"]
    if content_type is not None and text is None:
        raise ElvisError("content_type is for body. With json, form and files it follows from these.", "bad_request")
    if text is not None:
        return _read_text(text, content_type or PLAIN_TEXT)
    data = options["json"]
    return None if data is None else Content("application/json", _read_json(data))


def _read_text(text: Any, content_type: str) -> Content:
    if isinstance(text, bool) or not isinstance(text, (str, int, float)):
        raise ElvisError("body must be text. For a dictionary or a list use json.", "bad_request")
    if not _CONTENT_TYPE.fullmatch(content_type):
        raise ElvisError("content_type must be written like text/plain; charset=utf-8.", "bad_request")
    charset = _CHARSET.search(content_type)
    try:
        return Content(content_type, str(text).encode(charset[1] if charset else "utf-8"))
    except LookupError:
        raise ElvisError("content_type names a charset that Python does not know.", "bad_request") from None
    except UnicodeError:
        raise ElvisError(
            "body has a character that the charset of content_type does not have, or is not text in UTF-8.",
            "bad_request",
        ) from None


def _read_json(data: Any) -> bytes:
    if isinstance(data, str) and not data.strip():
        # Before ansible-core 2.19, a template whose value is null becomes an empty text.
        raise ElvisError(f"json is empty. {NULL_SENDS_NOTHING}", "bad_request")
    if isinstance(data, str) and data.lstrip()[:1] in ("{", "["):
        return _check_json(data)
    try:
        return json.dumps(data, allow_nan=False).encode()
    except ValueError:
        raise ElvisError("json has a number that JSON does not have: NaN or an infinite one.", "bad_request") from None


def _check_json(text: str) -> bytes:
    """Return JSON that a task gives as text; it is sent as it stands."""
    try:
        json.loads(text)
        return text.encode()
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ElvisError(
            f"json is text that begins like JSON but is not valid: {error.msg} ({where}). Send other text with body.",
            "bad_request",
        ) from None
    except (UnicodeError, RecursionError):
        raise ElvisError("json is not text in UTF-8, or nested too deeply.", "bad_request") from None
