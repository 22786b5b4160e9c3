# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What nobody may see, and how it could be written somewhere."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

PLACEHOLDER = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
"""What stands for a secret in arguments, which ansible-core 2.21 registers with the result of an async task."""


def returned_secrets(results: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is secret in what logins, webhooks, searches and share links returned, each with its name."""
    waiting: list[Any] = list(results.values())
    while waiting:
        value = waiting.pop()
        waiting += value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
        for name in ("secretToken", "secret_token"):
            # Among changes it is a sentence for before and after.
            if isinstance(value, dict) and isinstance(value.get(name), str):
                yield name, value[name]
        if isinstance(value, dict) and "requestSecret=" in str(value.get("originalUrl")):
            yield "signed address", value["originalUrl"].partition("requestSecret=")[2]
        if isinstance(value, dict) and "/share/" in str(value.get("url")):
            yield "share link", value["url"].partition("/share/")[2]
        if isinstance(value, dict) and "auth_token" in value and not value.get("simulated"):
            for name in ("auth_token", "csrf_token", "cookie"):
                if value[name] and value[name] != PLACEHOLDER:
                    yield name, value[name]


def forms(secret: str) -> dict[str, str]:
    """Return a secret as it could be written somewhere."""
    encoded = {}
    for shift in range(3):
        inside = base64.b64encode(b"\0" * shift + secret.encode()).decode()
        # Whatever stands before and after has a part in the characters at both ends.
        encoded[f"in base64, shifted by {shift}"] = inside[4 if shift else 0 : len(inside) // 4 * 4 - 4]
    moved = "".join(chr(0xE000 + ord(char)) for char in secret)
    return {
        "as it is": secret,
        "in a URL": quote(secret, safe=""),
        "in a query": quote_plus(secret),
        # As a module hands its result to its action: in UTF-8, or escaped by JSON or by Python.
        "moved": moved,
        "moved, in JSON": "".join(f"u{ord(char):04x}" for char in moved),
        "moved, in bytes": "".join(f"x{byte:02x}" for byte in moved.encode()),
        **encoded,
    }


def leaks(secrets: Iterable[tuple[str, str]], seen: Mapping[str, str]) -> list[str]:
    """Name where which secret is, and in which form. `seen` is all that could be seen, by where."""
    # However often something was escaped on its way.
    plain = {where: text.replace("\\", "") for where, text in seen.items()}
    return [
        f"{name} {form} in {where}"
        for name, secret in secrets
        for form, text in forms(secret).items()
        for where, shown in plain.items()
        if text in shown
    ]
