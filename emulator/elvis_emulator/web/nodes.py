# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster: nodes behind a load balancer, which keeps a client on its node by a cookie of its own."""

from __future__ import annotations

import itertools
import re
import secrets

from elvis_emulator import unknowns

_COOKIE = re.compile(rf"(?:^|;)\s*{unknowns.BALANCER_COOKIE}\s*=\s*([0-9A-F]+)")


class Balancer:
    """Sends each request to a node: to the one that its cookie names, else to the next."""

    def __init__(self, count: int) -> None:
        self._cookies = [secrets.token_hex(32).upper() for _number in range(count)]
        self._turns = itertools.cycle(range(count))

    def choose(self, cookies: str) -> tuple[int, str | None]:
        """Return the node for a request, and the cookie that its reply is to set."""
        if len(self._cookies) == 1:
            return 0, None
        sticky = _COOKIE.search(cookies)
        if sticky and sticky[1] in self._cookies:
            return self._cookies.index(sticky[1]), None
        node = next(self._turns)
        return node, f"{unknowns.BALANCER_COOKIE}={self._cookies[node]};PATH=/"
