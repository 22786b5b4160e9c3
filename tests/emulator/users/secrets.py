# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The `requestSecret` that lets an address be called without a session."""

from __future__ import annotations

import hashlib
import hmac
import secrets


class RequestSecrets:
    """Makes a secret for each asset, and knows its own again. How a real server makes them is not known."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def of(self, asset_id: str) -> str:
        return hmac.new(self._key, asset_id.encode(errors="replace"), hashlib.sha256).hexdigest()[:32]

    def fits(self, asset_id: str, secret: str) -> bool:
        return bool(secret) and hmac.compare_digest(self.of(asset_id).encode(), secret.encode(errors="replace"))
