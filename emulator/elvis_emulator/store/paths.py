# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths of assets and folders: always absolute, never with a slash at the end."""

from __future__ import annotations

from collections.abc import Callable

from elvis_emulator import unknowns
from elvis_emulator.web.errors import bad_request

MAX_LENGTH = 2000
MAX_DEPTH = 100


def clean_path(text: str) -> str:
    """Return the one way to write a path; "" is the root."""
    parts = [part.strip() for part in text.split("/")]
    parts = [part for part in parts if part]
    if len(text) > MAX_LENGTH or len(parts) > MAX_DEPTH or any(part in (".", "..") for part in parts):
        raise bad_request("Not a valid path")
    return "".join(f"/{part}" for part in parts)


def parent_of(path: str) -> str:
    return path.rpartition("/")[0]


def name_of(path: str) -> str:
    return path.rpartition("/")[2]


def ancestors_and_self(path: str) -> list[str]:
    """From the top down: /a, /a/b, /a/b/c."""
    parts = path.split("/")[1:]
    return ["/" + "/".join(parts[: depth + 1]) for depth in range(len(parts))] if path else []


def is_below(path: str, folder: str) -> bool:
    """Tell whether a path is a folder or lies in it; everything lies in the root."""
    return path == folder or path.startswith(f"{folder}/")


def moved(path: str, source: str, target: str) -> str:
    """Where a path that is below a source comes to lie below a target."""
    return target + path[len(source) :]


def free_path(path: str, taken: Callable[[str], bool]) -> str:
    """Return a path that is not taken: this one, or with a number before its extension."""
    stem, dot, extension = name_of(path).rpartition(".")
    if not stem:
        stem, dot, extension = name_of(path), "", ""
    candidate, number = path, 0
    while taken(candidate):
        number += 1
        suffix = unknowns.AUTO_RENAME_SUFFIX.format(number)
        candidate = f"{parent_of(path)}/{stem}{suffix}{dot}{extension}"
    return candidate
