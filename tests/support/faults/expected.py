# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes of a fault: the one rule, by which some calls are sent once and others again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.support.faults.calls import CALLS

RETRIES = 2
TRIES = RETRIES + 1


class Outcome(NamedTuple):
    """What a call says, None when it succeeds; how many requests reach the server; whether it may have done it.

    `asks` tells whether the last request asks whether a session is over.
    """

    reason: str | None
    requests: int
    lost: bool
    asks: bool = False


@dataclass(frozen=True)
class Expected:
    """What comes of one fault.

    :param reason: what a call says that is sent once, a login or a write
    :param requests: how many requests reach the server of a call that may be repeated: a logout or a read
    :param recovers: whether the last of these succeeds
    :param at_last: what the last of these says, where that is something else
    :param lost: whether a login says that a session may be left open, and a write that it may have been done
    :param asks: whether a logout asks whether its session is over, which is one more request
    :param differs: the reason of the calls to which the rule does not apply
    """

    reason: str | None
    requests: int = 1
    recovers: bool = False
    at_last: str | None = None
    lost: bool = False
    asks: bool = False
    differs: Mapping[str, str | None] = field(default_factory=dict)

    def of(self, call: str) -> Outcome:
        """Return what comes of a call."""
        if CALLS[call].is_repeatable:
            reason = None if self.recovers else self.at_last or self.reason
            asked = call == "logout" and self.asks
            return Outcome(self.differs.get(call, reason), self.requests + asked, lost=False, asks=asked)
        reason = self.differs.get(call, self.reason)
        return Outcome(reason, min(1, self.requests), self.lost and reason is not None)


FINE = Expected(None)
NO_CONNECTION = Expected("unreachable", 0)
NO_ANSWER = Expected("timeout", lost=True)
CLOSED = Expected("unreachable", TRIES, lost=True, asks=True)
BREAKS_OFF = Expected("bad_response", TRIES, lost=True, asks=True)
UNREADABLE = Expected("bad_response", lost=True, asks=True)
NOTHING = Expected("bad_response", lost=True, asks=True, differs={"write": None, "read": None})
NOT_ELVIS = Expected("bad_response")
OTHER_JSON = Expected("bad_response", asks=True, differs={"write": None, "read": None})
BUSY = Expected("server", TRIES)
BUSY_ONCE = Expected("server", 2, recovers=True)
BUSY_FOR_LONG = Expected("server")
LOST_ON_THE_WAY = Expected("server", TRIES, lost=True)
LOST_ONCE = Expected("server", 2, recovers=True, lost=True)
