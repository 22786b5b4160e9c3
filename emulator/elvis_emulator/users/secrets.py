# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The `requestSecret` that lets an address be called without a session."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time


class RequestSecrets:
    """Makes a secret for each asset, and knows its own again. How a real server makes them is not known."""

    def __init__(self) -> None:
        self.key = secrets.token_bytes(32)

    def restore(self, key: bytes) -> None:
        """Know the secrets of another process again."""
        self.key = key

    def of(self, asset_id: str) -> str:
        return hmac.new(self.key, asset_id.encode(errors="replace"), hashlib.sha256).hexdigest()[:32]

    def until(self, asset_id: str, expires: int, kind: str) -> str:
        """A secret for one kind of file of an asset, good until a time (seconds since 1970); 0 means for ever."""
        return f"{expires}-{self.of(f'{asset_id} {kind} {expires}')}"

    def fits(self, asset_id: str, secret: str, kind: str = "original") -> bool:
        """Tell whether a secret opens a kind of file of an asset now."""
        until, dash, _rest = secret.partition("-")
        right = self.of(asset_id)
        if dash:
            if not (until.isascii() and until.isdigit() and len(until) < 12):
                return False
            if int(until) and int(until) < time.time():
                return False
            right = self.until(asset_id, int(until), kind)
        return hmac.compare_digest(right.encode(), secret.encode(errors="replace"))
