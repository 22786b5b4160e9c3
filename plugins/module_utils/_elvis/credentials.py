# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who logs in: user name and password, as they are or as Elvis' ``cred``. Private to damops.elvis."""

from __future__ import annotations

import base64
import binascii
import unicodedata
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._errors import LINE_BREAK, ElvisError

WHERE_FROM = (
    "Give username and password, or cred (base64 of user:password),"
    " or set ELVIS_USERNAME and ELVIS_PASSWORD, or ELVIS_CRED."
)


class Credentials(NamedTuple):
    """What a login submits."""

    username: str
    password: str


def read_credentials(params: Mapping[str, Any]) -> Credentials:
    """Return whom the options ``username``, ``password`` and ``cred`` name.

    :raises ElvisError: when they name nobody, half of somebody, or two different users; no value is repeated
    """
    username, password, cred = params["username"], params["password"], params["cred"]
    from_cred = None if cred is None else _decode_cred(cred)
    for part, value in from_cred._asdict().items() if from_cred else ():
        _check_text(f"{part} in cred", value)
    if username is None and password is None:
        if from_cred is None:
            raise ElvisError(f"No credentials are given. {WHERE_FROM}", "bad_request")
        return from_cred
    if not username or not password:
        half = "username" if not username else "password"
        raise ElvisError(f"The {half} is missing or empty. {WHERE_FROM}", "bad_request")
    pair = Credentials(username, password)
    for option, value in pair._asdict().items():
        _check_text(option, value)
    if from_cred is not None and from_cred != pair:
        raise ElvisError(
            "cred does not agree with username and password. Give one of them, or make them agree.", "bad_request"
        )
    return pair


def _check_text(option: str, value: str) -> None:
    # Python hands on bytes of an environment variable that are no UTF-8, and fails only when it is to send them.
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ElvisError(
            f"The {option} is not text in UTF-8. Check the encoding of where it comes from.", "bad_request"
        ) from None
    if value.endswith(("\n", "\r")):
        raise ElvisError(f"The {option} ends in a line break. {LINE_BREAK}", "bad_request")
    if any(unicodedata.category(character) == "Cc" for character in value):
        raise ElvisError(
            f"The {option} has a control character in it, such as a line break or a tab, which nobody can type into a"
            " login. Check where it comes from.",
            "bad_request",
        )


def _decode_cred(cred: str) -> Credentials:
    # The base64 command wraps its output at 76 characters, so white space inside is not a mistake.
    try:
        text = base64.b64decode("".join(cred.split()), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise ElvisError(f"cred is not base64 of a text in UTF-8. {WHERE_FROM}", "bad_request") from None
    username, _colon, password = text.partition(":")
    if not username or not password:
        raise ElvisError(
            f"cred is base64, but not of user:password with both parts present. {WHERE_FROM}", "bad_request"
        )
    return Credentials(username, password)
