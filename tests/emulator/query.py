# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A subset of the search language: words, `field:value`, quotes, `*` and `?`, AND, OR, NOT, `+`, `-`, parentheses.

Words side by side must all match, AND binds closer than OR, and letter case counts for the three operators only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from . import unknowns
from .errors import ElvisError

Fields = Mapping[str, object]
Matcher = Callable[[Fields], bool]

# These hold one value that is compared whole; every other field is also searched word by word.
WHOLE_FIELDS = frozenset({"id", "assetPath", "folderPath", "ancestorPaths"})
# Free words look in what people write, not in ids and numbers of the server.
NOT_SEARCHED = frozenset({"id", "folderPath", "ancestorPaths", "assetCreated", "assetModified", "fileSize"})

MAX_LENGTH = 20_000
MAX_DEPTH = 50

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<paren>[()])
      | (?P<sign>[+-])(?=\S)
      | (?:(?P<field>[A-Za-z_][\w.-]*)\s*:\s*)?
        (?: "(?P<quoted>(?:[^"\\]|\\.)*)" | (?P<word>(?:[^\s()"\\]|\\.)+) )
    )""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    field: str = ""


def parse_query(text: str) -> Matcher:
    """Turn a query into a test of an asset's fields; an empty query matches everything."""
    if len(text) > MAX_LENGTH:
        raise _bad("too long")
    tokens = _tokens(text)
    if not tokens:
        return lambda _fields: True
    parser = _Parser(tokens)
    matcher = parser.any_of()
    if parser.peek():
        raise _bad("unexpected )")
    return matcher


class _Parser:
    """Reads tokens by recursive descent: OR, then AND, then NOT and parentheses."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def any_of(self) -> Matcher:
        matchers = [self._all_of()]
        while self._skip("OR"):
            matchers.append(self._all_of())
        return matchers[0] if len(matchers) == 1 else lambda fields: any(match(fields) for match in matchers)

    def _all_of(self) -> Matcher:
        matchers = [self._one()]
        while self._skip("AND") or self._starts_one():
            matchers.append(self._one())
        return matchers[0] if len(matchers) == 1 else lambda fields: all(match(fields) for match in matchers)

    def _starts_one(self) -> bool:
        token = self.peek()
        return token is not None and token.kind not in {")", "OR"}

    def _one(self) -> Matcher:
        token = self.peek()
        if token is None:
            raise _bad("unexpected end")
        self._at += 1
        if token.kind in ("NOT", "-"):
            negated = self._nested(self._one)
            return lambda fields: not negated(fields)
        if token.kind == "+":
            return self._nested(self._one)
        if token.kind == "(":
            inner = self._nested(self.any_of)
            if not self._skip(")"):
                raise _bad("missing )")
            return inner
        if token.kind not in ("word", "quoted"):
            raise _bad(f"unexpected {token.kind}")
        return _term(token)

    def _nested(self, parse: Callable[[], Matcher]) -> Matcher:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _bad("nested too deeply")
        matcher = parse()
        self._depth -= 1
        return matcher

    def _skip(self, kind: str) -> bool:
        token = self.peek()
        found = token is not None and token.kind == kind
        self._at += found
        return found


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    text = text.strip()
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise _bad(f"can't read it from character {at + 1} on")
        at = match.end()
        tokens.append(_token(match))
    return tokens


def _token(match: re.Match[str]) -> _Token:
    field, quoted, word = match["field"] or "", match["quoted"], match["word"]
    if quoted is not None:
        return _Token("quoted", _unescape(quoted), field)
    if word is None:
        sign = match["paren"] or match["sign"]
        return _Token(sign, sign)
    if word in ("AND", "OR", "NOT", "&&", "||") and not field:
        return _Token({"&&": "AND", "||": "OR"}.get(word, word), word)
    return _Token("word", _unescape(word), field)


def _term(token: _Token) -> Matcher:
    wanted = token.text.lower()
    if token.kind == "word" and (wanted.endswith(":") or (token.field and wanted[0] in "[{")):
        raise _bad("ranges and field:( ) are not modelled")
    # `*` and `?` stand for themselves inside quotes, `[` always.
    pattern = wanted if token.kind == "word" else re.sub(r"[*?]", r"[\g<0>]", wanted)
    if token.kind == "word":
        pattern = pattern.replace("[", "[[]")
    if not token.field or token.field == "*":
        if wanted in ("*", "*:*"):
            return lambda _fields: True
        return lambda fields: any(
            _value_matches(value, pattern, words=True) for name, value in fields.items() if name not in NOT_SEARCHED
        )
    if token.field in WHOLE_FIELDS and len(pattern) > 1:
        pattern = pattern.rstrip("/")
    words = token.field not in WHOLE_FIELDS
    return lambda fields: _value_matches(fields.get(token.field), pattern, words)


def _value_matches(value: object, pattern: str, words: bool) -> bool:
    if value is None:
        return False
    if isinstance(value, list):
        return any(_value_matches(item, pattern, words) for item in value)
    text = _as_text(value).lower()
    if fnmatchcase(text, pattern):
        return True
    return words and any(fnmatchcase(piece, pattern) for piece in _pieces(text, len(pattern.split())))


def _pieces(text: str, words: int) -> Iterable[str]:
    """Every run of so many words, so that a quoted phrase is found inside a longer text."""
    found = re.findall(r"[^\W_]+", text)
    yield from found
    if words > 1:
        spaced = text.split()
        yield from (" ".join(spaced[at : at + words]) for at in range(len(spaced) - words + 1))


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def _bad(reason: str) -> ElvisError:
    return ElvisError(unknowns.BAD_QUERY_CODE, "QueryParseException", f"Can't parse the query: {reason}")
