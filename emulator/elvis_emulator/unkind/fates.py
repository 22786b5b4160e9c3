# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chances that a seed decides, so that a run can be repeated."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

from elvis_emulator.users.tokens import new_id

_T = TypeVar("_T")


class Fates:
    """Draws by the seed, what is drawn for, its subject, and how often that was drawn for before.

    Calls of several threads come in any order. Each of them gets the same fate in every order, as long as those with
    the same subject keep theirs.
    """

    def __init__(self, seed: str | None) -> None:
        """
        :param seed: None makes the ids random, and only them
        """
        self._seed = seed
        self._drawn: Counter[tuple[str, str]] = Counter()

    def chance(self, what: str, subject: str) -> float:
        """Return a number from 0 up to, but not including, 1."""
        return int.from_bytes(self._digest(what, subject)[:8], "big") / 2**64

    def choose(self, what: str, subject: str, choices: Sequence[_T]) -> _T:
        """Return one of the choices."""
        return choices[int(self.chance(what, subject) * len(choices))]

    def new_id(self, path: str) -> str:
        """Return an id for what is made at a path: 22 characters, like the random ones."""
        if self._seed is None:
            return new_id()
        return urlsafe_b64encode(self._digest("id", path)).decode("ascii").rstrip("=")

    def _digest(self, what: str, subject: str) -> bytes:
        self._drawn[what, subject] += 1
        text = "\0".join((self._seed or "", what, subject, str(self._drawn[what, subject])))
        return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()
