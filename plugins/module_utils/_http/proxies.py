# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the proxy between here and a server. Private to damops.elvis.

The address of a proxy may hold a password, so no message repeats it.
"""

from __future__ import annotations

import contextlib
import os
import re
from urllib.parse import unquote

from .._errors import CallFailure

with contextlib.suppress(ImportError):  # transport tells
    import requests

_WELL_FORMED = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://)?"
    r"(?:(?:[^\s\x00-\x1f\x7f/?#@%\\\[\]]|%[0-9a-f]{2})*@)?"
    r"(?:\[[0-9a-f:.%]+\]|[^\s\x00-\x1f\x7f/?#@:%\\\[\]]+)(?::\d{0,5})?"
    r"(?:/(?!/)[^\s@]*)?",
    re.IGNORECASE,
)
"""Host and port, with what may stand around them. A ``#``, say, in the password would end the name of the host."""


def proxies_to(url: str, proxy: str | None) -> dict[str, str]:
    """Return the proxies that may be used for a server, as requests takes them.

    :param proxy: the one that a task names; without it, the environment says which there are
    :raises CallFailure: when the environment's address of the one that would be used is malformed
    """
    if proxy:
        return {"http": proxy, "https": proxy}
    of_environment: dict[str, str] = requests.utils.get_environ_proxies(url)
    used = requests.utils.select_proxy(url, of_environment)
    if used and not is_well_formed(used):
        raise CallFailure("proxy_malformed", f"{_source_of(used, of_environment)} is malformed", "unsent")
    return of_environment


def proxy_between(url: str, proxy: str | None) -> str | None:
    """Return the address of the proxy between here and ``url``, None where there is none; parts may be secret.

    :param proxy: see ``proxies_to``
    """
    address: str | None = proxy or requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url))
    return address


def password_in(address: str) -> str:
    """Return the password in the address of a proxy, decoded; an empty text where there is none."""
    user_info = address.partition("://")[2] or address
    return unquote(user_info.rpartition("@")[0].partition(":")[2])


def is_well_formed(address: str) -> bool:
    """Tell whether an address can be read in one way only: its user and its password are percent-encoded."""
    return _WELL_FORMED.fullmatch(address) is not None


def _source_of(used: str, proxies: dict[str, str]) -> str:
    """Say where the environment has the address of a proxy."""
    names = {f"{scheme}_proxy" for scheme, address in proxies.items() if address == used}
    variables = [name for name, value in os.environ.items() if name.lower() in names and value == used]
    # A name in small letters wins, where there are both.
    return f"the variable {max(variables)}" if variables else "the proxy setting of the system"
