# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hands a module's result to its action whole. Private to damops.elvis.

Ansible replaces the value of every ``no_log`` option wherever it occurs in a module's result: with the password
``elvis``, no server's name and no token that contains it would survive. So the result is handed over as one string
whose characters were moved out of ASCII, where no password matches. That hides nothing: who may read a module's output
can read the token in it.
"""

from __future__ import annotations

import json
from typing import Any

REQUEST = "_damops_elvis_hand_over"
"""What an action puts among a module's arguments to get its result in this form."""
UNREAD = "_damops_elvis_unread"
"""What an action puts among a module's arguments once it has read the environment: what of that it left unread."""
SHOWN = "_damops_elvis_shown"
"""What an action puts among the arguments of an async module: all of them, with nothing in them that is secret."""
RESULT = "damops_elvis_result"
"""The key of the result in this form."""
_DISTANCE = 0xE000


def wrap(result: dict[str, Any]) -> str:
    """Return ``result`` as a string without any character of ASCII."""
    return "".join(chr(_DISTANCE + ord(character)) for character in json.dumps(result))


def unwrap(wrapped: str) -> dict[str, Any]:
    """Return the result that was wrapped.

    :raises ValueError: when ``wrapped`` is nothing that :func:`wrap` returned
    """
    result: dict[str, Any] = json.loads("".join(chr(ord(character) - _DISTANCE) for character in wrapped))
    return result
