# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps secrets out of what a person reads. Private to damops.elvis."""

from __future__ import annotations

import base64
import html
import itertools
import json
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any
from urllib.parse import quote, quote_plus

from .._text import one_line

MASK = "********"
LONGEST_QUOTE = 500
"""Characters of the server's own words that a message repeats."""
LONGEST_READ = 64 * 1024
"""Characters of them that are looked at: a reply may be as long as 32 MiB."""
SHORTEST_MASKED = 4
"""A shorter secret occurs in ordinary words by chance: masking it would say where it stands."""
SHORTEST_PIECE = 16
"""Characters of a secret that are masked where the rest of it is cut off or stands on another line."""
MOST_LEVELS = 100
"""How deeply data may be nested: no answer of Elvis comes near, and Ansible fails on a few hundred."""
WITHHELD = f"(withheld: the server's words might repeat a submitted secret of fewer than {SHORTEST_MASKED} characters)"


_NEVER_ESCAPED = re.compile(r"[A-Za-z0-9_.-]+")
_BRACKETS = re.compile(rb"[\[\]{}]")


class Redactor:
    """Makes the server's own words fit to be shown.

    :param secrets: every secret that was, or may have been, submitted to the server
    """

    def __init__(self, secrets: Iterable[str | None]) -> None:
        self._secrets = frozenset(secret for secret in secrets if secret)
        self._withhold = any(len(secret) < SHORTEST_MASKED for secret in self._secrets)

    # What follows is made when it is needed: most calls succeed, and the pattern of a token takes milliseconds.

    @cached_property
    def _longest_first(self) -> list[str]:
        return sorted({form for secret in self._secrets for form in _forms(secret)}, key=len, reverse=True)

    @cached_property
    def _lowered(self) -> list[str]:
        return [form.lower() for form in self._longest_first]

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        forms = self._longest_first
        return re.compile("|".join(map(re.escape, forms)), re.IGNORECASE) if forms else None

    def mask(self, text: str) -> str:
        """Return `text` with each submitted secret replaced, in whatever form it stands there."""
        return self._pattern.sub(MASK, text) if self._pattern else text

    def finds_nothing(self, raw: bytes) -> bool:
        """Tell whether JSON surely has no submitted secret in it, and is not nested too deeply.

        To look at the whole at once takes a fraction of the time that it takes to look at each value.
        """
        if b"\\u" in raw:
            # An escape may hide any character.
            return False
        lowered = raw.decode(errors="replace").lower()
        if any(form in lowered for form in self._lowered):
            return False
        # Brackets in texts make it look deeper than it is, which does no harm.
        levels = itertools.accumulate(1 if bracket in b"[{" else -1 for bracket in _BRACKETS.findall(raw))
        return max(levels, default=0) < MOST_LEVELS

    @cached_property
    def _pieces(self) -> frozenset[str]:
        last = {form: len(form) - SHORTEST_PIECE for form in self._longest_first}
        return frozenset(form[at : at + SHORTEST_PIECE] for form in last for at in range(last[form] + 1))

    def mask_pieces(self, text: str) -> str:
        """Do as `mask`, and replace long pieces of the secrets as well: programs wrap lines, and cut them off."""
        masked, pieces = self.mask(text), self._pieces
        shown: list[str] = []
        ends_at = 0
        for at in range(len(masked) - SHORTEST_PIECE + 1):
            if masked[at : at + SHORTEST_PIECE] in pieces:
                if at > ends_at or not shown:
                    shown += [masked[ends_at:at], MASK]
                ends_at = at + SHORTEST_PIECE
        return "".join([*shown, masked[ends_at:]])

    def mask_data(self, value: Any, levels: int = MOST_LEVELS) -> Any:
        """Return data, as JSON has it, with each submitted secret replaced in its texts and names.

        :raises RecursionError: when it is nested more deeply than Ansible could bear
        """
        if isinstance(value, str):
            # Data hardly ever holds a secret, and looking for plain text is faster than the pattern.
            lowered = value.lower()
            return self.mask(value) if any(form in lowered for form in self._lowered) else value
        if not isinstance(value, (list, dict)):
            return value
        if not levels:
            raise RecursionError
        if isinstance(value, list):
            return [self.mask_data(item, levels - 1) for item in value]
        return {self.mask_data(name): self.mask_data(item, levels - 1) for name, item in value.items()}

    def quote(self, words: str) -> str:
        """Return the server's words for a message: one line, bounded, without control characters and secrets."""
        if self._withhold:
            return WITHHELD
        masked = self.mask(one_line(words[:LONGEST_READ]))
        if len(words) > LONGEST_READ:
            # Where reading ended, a secret may have begun.
            longest = max(map(len, self._longest_first), default=0)
            masked = masked[: max(0, len(masked) - longest)]
        return masked if len(masked) <= LONGEST_QUOTE else masked[:LONGEST_QUOTE] + "…"


def encode_cred(username: str, password: str) -> str:
    """Return Elvis' ``cred``: base64 of ``user:password``."""
    return base64.b64encode(f"{username}:{password}".encode()).decode("ascii")


def _forms(secret: str) -> Iterator[str]:
    # Capitals may be longer: ß becomes SS.
    for form in (secret, secret.upper(), *_escaped(secret), *_in_base64(secret)):
        yield form
        # A word that loses its invisible characters on the way to a message is found in that form as well.
        yield from filter(None, [one_line(form)])


def _escaped(secret: str) -> Iterator[str]:
    """Yield a secret as programs write it into addresses, HTML and JSON, where that is otherwise than it is."""
    if _NEVER_ESCAPED.fullmatch(secret):
        return
    data = secret.encode(errors="surrogatepass")
    # JavaScript's encodeURIComponent and Java's URLEncoder leave other characters as they are than Python.
    yield from (quote(data, safe=safe) for safe in ("", "/", "!'()*"))
    yield from (quote_plus(data, safe=safe).replace("~", tilde) for safe, tilde in (("", "~"), ("*", "%7E")))
    of_html = html.escape(secret)
    yield from (of_html, of_html.replace("&#x27;", "&#39;"), html.escape(secret, quote=False))
    yield of_html.replace("&quot;", "&#034;").replace("&#x27;", "&#039;")
    yield from (json.dumps(secret, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False))


def _in_base64(secret: str) -> Iterator[str]:
    data = secret.encode(errors="surrogatepass")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        padded = encode(data).decode("ascii")
        yield from (padded, padded.rstrip("="))
