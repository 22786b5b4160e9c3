# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One thing that happened, and who did it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from elvis_emulator.store.paths import name_of


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and from where."""

    user: str
    client_type: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `changed` maps a field to its old and its new value."""

    action: str
    actor: Actor
    time: int
    id: str
    path: str
    changed: Mapping[str, tuple[object, object]]
    details: Mapping[str, object]
    version: int
    # The order in which things happened.
    number: int

    @property
    def asset_type(self) -> str:
        """The extension."""
        _stem, dot, extension = name_of(self.path).rpartition(".")
        return extension.lower() if dot else ""

    def as_json(self) -> dict[str, Any]:
        """All of it but the number."""
        return {
            "action": self.action,
            "actor": [self.actor.user, self.actor.client_type, self.actor.address],
            "time": self.time,
            "id": self.id,
            "path": self.path,
            "changed": {name: list(pair) for name, pair in self.changed.items()},
            "details": dict(self.details),
            "version": self.version,
        }

    @classmethod
    def from_json(cls, number: int, value: dict[str, Any]) -> Entry:
        changed = {name: (before, after) for name, (before, after) in value.pop("changed").items()}
        return cls(**value | {"actor": Actor(*value["actor"]), "changed": changed, "number": number})
