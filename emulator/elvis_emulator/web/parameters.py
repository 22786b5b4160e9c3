# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters of a call, merged from the query string, a form and a multipart body."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl

from elvis_emulator import unknowns

from .errors import bad_request

FORM_LIMIT = 16 * 1024 * 1024
CHUNK = 256 * 1024
MAX_FIELDS = 10_000

Pairs = list[tuple[str, str]]


@dataclass
class Upload:
    """A file that came with a call: a small one in memory, a large one in a temporary file of its own."""

    field: str
    name: str
    size: int = 0
    # Its MD5, as hex; the vendor's sample finds a file by it.
    checksum: str = ""
    # All of a small one; the start of a large one.
    data: bytes = b""
    path: Path | None = None


@dataclass
class Parameters:
    """What came with a call. Names may repeat; the query string comes first."""

    query: Pairs = field(default_factory=list)
    form: Pairs = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)
    body: bytes = b""
    # The keys that a JSON object in the body may have.
    known: frozenset[str] = frozenset()

    @property
    def is_json(self) -> bool:
        """Whether the body looks like a JSON object."""
        return self.body.lstrip()[:1] == b"{"

    def all(self, name: str) -> list[str]:
        """Every value of a name."""
        return [value for key, value in self.query + self.form if key == name]

    def text(self, name: str, default: str = "") -> str:
        """The first value of a name."""
        return next(iter(self.all(name)), default)

    def required(self, name: str) -> str:
        """The first value of a name; an error when there is none, or an empty one."""
        value = self.text(name)
        if not value:
            raise bad_request(f"Required parameter '{name}' is not present")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean: `true` and `1` are, an empty one is not."""
        values = self.all(name)
        return values[0].strip().lower() in unknowns.TRUE_WORDS if values else default

    def number(self, name: str, default: int) -> int:
        """A number of zero or more; the default when it is absent or empty."""
        value = self.text(name).strip()
        if not value:
            return default
        if not (value.isascii() and value.isdigit() and len(value) <= 18):
            raise bad_request(f"Parameter '{name}' is not a number")
        return int(value)

    def names(self) -> tuple[list[str], list[str]]:
        """The names of the query parameters, and those of the form fields and files; no values."""
        return [pair[0] for pair in self.query], [pair[0] for pair in self.form] + [u.field for u in self.uploads]

    def upload(self, field_name: str) -> Upload | None:
        """The file of a field."""
        return next((upload for upload in self.uploads if upload.field == field_name), None)

    def json_body(self) -> dict[str, object]:
        """The body as a JSON object; empty when there is no body. A key that the call does not take is refused."""
        if not self.body.strip():
            return {}
        body = json_object(self.body.decode(errors="replace"))
        refuse_unknown(body, self.known, "the body")
        return body

    def json_array(self) -> list[object]:
        """The body as a JSON array."""
        value = _json_value(self.body.decode(errors="replace"))
        if not isinstance(value, list):
            raise bad_request("Expected a JSON array")
        return value

    def discard_uploads(self) -> None:
        """Delete the files that nobody took."""
        for upload in self.uploads:
            if upload.path:
                upload.path.unlink(missing_ok=True)


def refuse_unknown(given: Iterable[str], known: Collection[str], where: str) -> None:
    """Refuse keys that nobody knows: what ignores them would let a wrong call pass."""
    unknown = next((name for name in given if name not in known), None)
    if unknown is not None:
        raise bad_request(f"Unknown key '{unknown[:100]}' in {where}")


def json_object(text: str) -> dict[str, object]:
    """Parse a JSON object; anything else is an error of the caller."""
    value = _json_value(text)
    if not isinstance(value, dict):
        raise bad_request("Expected a JSON object")
    return value


def _json_value(text: str) -> object:
    try:
        value: object = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError) as problem:
        raise bad_request("Not valid JSON") from problem
    return value


def query_pairs(query_string: str) -> Pairs:
    """Parse a query string or an urlencoded form; bad encodings become replacement characters."""
    try:
        return parse_qsl(query_string, keep_blank_values=True, errors="replace", max_num_fields=MAX_FIELDS)
    except ValueError as problem:
        raise bad_request("Too many parameters") from problem


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    # 1e999 is JSON, but would come back as `Infinity`, which is not.
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("The number is too large")
    return number
