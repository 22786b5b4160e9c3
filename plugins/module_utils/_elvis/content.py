# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads what any call may answer, and looks at what was saved as a file. Private to damops.elvis."""

from __future__ import annotations

import re
from typing import Any

from .._http.transport import HttpResponse
from .decoding import content_type, decode_text, load
from .response import ElvisFailure, as_text, not_elvis, parse

_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|<!--(?:(?!-->).)*-->|<\?xml[^>]*>)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_NAMES_OF_PAGES = (".html", ".htm", ".xhtml")
_NEEDS_FILE = ("image", "video", "audio", "font")


def read_content(reply: HttpResponse) -> Any:
    """Return what a call answered: JSON, a text, or None when there is nothing.

    :raises ElvisFailure: when Elvis reports an error, and when it is nothing of these or not what it says it is
    """
    if reply.status >= 300:
        return parse(reply)
    if reply.body.strip() in (b"", b"null"):
        return None
    kind = content_type(reply)[0]
    if kind.partition("/")[0] in _NEEDS_FILE and load(reply) is None:
        summary = f"HTTP {reply.status} with a file, which must be given a name with dest"
        raise ElvisFailure("not_elvis", summary, reply, as_text(reply.headers["Content-Type"]))
    is_text = kind.startswith("text/") and kind != "text/html" and not _is_page(reply)
    return decode_text(reply) if is_text and not isinstance(load(reply), (dict, list)) else parse(reply)


def check_file(reply: HttpResponse, name: str) -> Any:
    """Look at the beginning of what was saved: it may be an error, or a page of a proxy, instead of the file.

    It returns the JSON that was saved, None where it is none, or too long to be an outcome.

    :param name: the file that was asked for; only where it says so, a page is what was wanted
    :raises ElvisFailure: when it must not be kept
    """
    if not reply.saved:
        parse(reply)
        raise not_elvis(reply, "a file was expected")
    answer = load(reply)
    if isinstance(answer, dict) and "errorcode" in answer:
        parse(reply)
    is_page = _is_page(reply) or content_type(reply)[0] == "text/html"
    if is_page and not name.lower().endswith(_NAMES_OF_PAGES):
        raise ElvisFailure("not_elvis", f"HTTP {reply.status} with an HTML page instead of the file", reply)
    return answer


def _is_page(reply: HttpResponse) -> bool:
    return _PAGE.match(reply.body[:4096]) is not None
