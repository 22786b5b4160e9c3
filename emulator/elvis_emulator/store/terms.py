# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a single clause of a query looks up in an index: a word, a phrase, a pattern, a range."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from elvis_emulator import unknowns
from elvis_emulator.web.errors import ElvisError

from .dates import UTC, Period, parse_period
from .document import Document
from .fields import Kind, kind_of, plain

if TYPE_CHECKING:
    from .index import Index

ALL_FIELDS = ""
"""The name of the index in which free words are looked up."""

Term = str | float
Find = Callable[["Index"], set[str]]
Ids = str | set[str]
"""One id as it is, several as a set: most terms of a path or an id have one, and a set takes more than all else."""

MAX_WHOLE_VALUE = 300
MAX_NUMBER = 20
# Lucene's own limit.
MAX_EDITS = 2
# They say nothing that another field does not say as well.
NOT_SEARCHED = frozenset({"folderPath", "ancestorPaths", "filename", "baseName", "extension"})
NOTHING: set[str] = set()

_WORD = re.compile(r"[^\W_]+")


class Terms(dict[Term, Ids]):
    """The terms of a field, each with the ids of its documents."""

    def ids(self, term: Term) -> set[str]:
        """Return who has a term; not to be changed."""
        return as_set(self.get(term, NOTHING))

    def add(self, term: Term, document_id: str) -> None:
        ids = self.get(term)
        if ids is None:
            self[term] = document_id
        elif isinstance(ids, set):
            ids.add(document_id)
        elif ids != document_id:
            self[term] = {ids, document_id}

    def discard(self, term: Term, document_id: str) -> None:
        ids = self.get(term)
        if isinstance(ids, set):
            ids.discard(document_id)
        if not ids or ids == document_id:
            self.pop(term, None)


def as_set(ids: Ids) -> set[str]:
    return ids if isinstance(ids, set) else {ids}


def _union(ids: Iterable[Ids]) -> set[str]:
    return set().union(*map(as_set, ids))


# What is found by which terms


def terms_of(field: str, document: Document) -> set[Term]:
    """Every term that leads to a document."""
    if field != ALL_FIELDS:
        return set(_terms_of_value(kind_of(field), document.value(field)))
    # Free words find an id too, and the words of a path.
    texts = [text for name, value in document.metadata.items() if name not in NOT_SEARCHED for text in _texts(value)]
    found: set[Term] = {text for text in texts if len(text) <= MAX_WHOLE_VALUE}
    # All at once, as names and paths say much the same.
    found.update(_WORD.findall("\n".join(texts)))
    return found


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value.lower()
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, (int, float)):
        yield str(value)


def _terms_of_value(kind: Kind, value: object) -> Iterable[Term]:
    if isinstance(value, list):
        for item in value:
            yield from _terms_of_value(kind, item)
        return
    value = plain(value)
    if isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, (int, float)):
        yield min(max(value, -1e300), 1e300) + 0.0
        yield str(value)
    elif value is not None and kind is Kind.WHOLE:
        yield str(value)
    elif value is not None:
        text = str(value).lower()
        if len(text) <= MAX_WHOLE_VALUE or kind is Kind.PATH:
            yield text
        if kind is not Kind.PATH:
            yield from _WORD.findall(text)
            number = _as_number(text) if len(text) < MAX_NUMBER else None
            if number is not None:
                # A field that nobody declared may hold numbers; a range is to find them.
                yield number


# What a clause finds


def having(field: str, text: str) -> Find:
    """Find the documents with a value, or with its words one after the other in a text."""
    kind = _kind(field)
    if kind is Kind.DATE:
        _period(field, text)
        return lambda index: _in_period(field, _period(field, text), index)
    if kind in (Kind.NUMBER, Kind.SIZE):
        return partial(_with_term, field, _number(field, text))
    if kind is Kind.WHOLE:
        return partial(_with_term, field, text)
    text = text.lower()
    if kind is Kind.PATH:
        return partial(_with_term, field, text.rstrip("/") or "/")
    words = _WORD.findall(text)
    if words in ([], [text]):
        return partial(_with_term, field, text)
    return partial(_with_phrase, field, text, words)


def matching(field: str, pattern: str) -> Find:
    """Find the documents with a term like a pattern, whose * and ? stand for other letters."""
    if pattern == "*":
        return (lambda index: index.every_id()) if field == ALL_FIELDS else partial(_with_any, field)
    kind = _kind(field)
    if kind in (Kind.DATE, Kind.NUMBER, Kind.SIZE):
        raise _refused(f"the field {field} has no text, so that * and ? find nothing in it")
    expression = re.compile(_as_expression(pattern if kind is Kind.WHOLE else pattern.lower()), re.DOTALL)
    return partial(_with_term_like, field, expression)


def like(field: str, text: str, degree: float) -> Find:
    """Find the documents with a word that differs by a few letters: by so many, or by a part of the word's."""
    if _kind(field) not in (Kind.TEXT, Kind.LIST):
        raise _refused(f"the field {field} has no words, so that none of them is like another")
    edits = degree if degree >= 1 else (1 - degree) * len(text)
    return partial(_with_term_near, field, text.lower(), min(int(edits), MAX_EDITS))


def between(field: str, low: str | None, high: str | None, with_low: bool, with_high: bool) -> Find:
    """Find the documents with a value in a range; None leaves it open."""
    kind = _kind(field)
    if kind is Kind.DATE:
        for bound in (low, high):
            _period(field, bound or "2000")
        return lambda index: _in_period(field, _date_range(field, low, high, with_low, with_high), index)
    numbers = _as_number(low), _as_number(high)
    if kind in (Kind.NUMBER, Kind.SIZE):
        numbers = (_number(field, low) if low else None), (_number(field, high) if high else None)
    if all(number is not None for number, bound in zip(numbers, (low, high), strict=True) if bound is not None):
        return partial(_in_range, field, float, *numbers, with_low, with_high)
    return partial(_in_range, field, str, low and low.lower(), high and high.lower(), with_low, with_high)


def is_date(field: str) -> bool:
    return _kind(field) is Kind.DATE


def _kind(field: str) -> Kind:
    return Kind.TEXT if field == ALL_FIELDS else kind_of(field)


def _with_term(field: str, term: Term, index: Index) -> set[str]:
    return index.terms(field).ids(term)


def _with_any(field: str, index: Index) -> set[str]:
    return _union(index.terms(field).values())


def _with_term_like(field: str, expression: re.Pattern[str], index: Index) -> set[str]:
    terms = index.terms(field)
    return _union(terms[term] for term in terms if isinstance(term, str) and expression.fullmatch(term))


def _with_term_near(field: str, text: str, edits: int, index: Index) -> set[str]:
    terms = index.terms(field)
    near = (term for term in terms if isinstance(term, str) and abs(len(term) - len(text)) <= edits)
    return _union(terms[term] for term in near if _distance(term, text) <= edits)


def _distance(one: str, other: str) -> int:
    """How many letters must be put in, taken out or changed to make one word of another."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        before, row[0] = row[0], number
        for at, there in enumerate(other, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (letter != there))
    return row[-1]


def _with_phrase(field: str, text: str, words: list[str], index: Index) -> set[str]:
    terms = index.terms(field)
    found = set(terms.ids(text))
    candidates = set.intersection(*(terms.ids(word) for word in words)) - found
    return found | {document_id for document_id in candidates if _holds(index.document(document_id), field, words)}


def _in_range(
    field: str, type_: type, low: Term | None, high: Term | None, with_low: bool, with_high: bool, index: Index
) -> set[str]:
    found = []
    for term, ids in index.terms(field).items():
        if not isinstance(term, type_):
            continue
        above = low is None or term > low or (with_low and term == low)  # type: ignore[operator]
        if above and (high is None or term < high or (with_high and term == high)):  # type: ignore[operator]
            found.append(ids)
    return _union(found)


def _in_period(field: str, period: Period, index: Index) -> set[str]:
    return _in_range(field, float, float(period.start), float(period.end), True, False, index)


def _date_range(field: str, low: str | None, high: str | None, with_low: bool, with_high: bool) -> Period:
    start, end = -(10**15), 10**15
    if low is not None:
        period = _period(field, low)
        start = period.start if with_low else period.end
    if high is not None:
        period = _period(field, high)
        end = period.end if with_high else period.start
    return Period(start, end)


def _period(field: str, text: str) -> Period:
    period = parse_period(text, datetime.now(UTC))
    if period is None:
        raise _refused(f"'{text[:50]}' is not a date for the field {field}")
    return period


def _number(field: str, text: str) -> float:
    number = _as_number(text)
    if number is None:
        raise _refused(f"'{text[:50]}' is not a number for the field {field}")
    return number


def _as_number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if abs(number) <= 1e300 else None


def _holds(document: Document, field: str, words: list[str]) -> bool:
    """Tell whether one value has these words one after the other."""
    values = document.metadata.values() if field == ALL_FIELDS else [document.value(field)]
    return any(_value_holds(value, words) for value in values)


def _value_holds(value: object, words: list[str]) -> bool:
    if isinstance(value, list):
        return any(_value_holds(item, words) for item in value)
    there = _WORD.findall(str(plain(value)).lower())
    return any(there[at : at + len(words)] == words for at in range(len(there) - len(words) + 1))


def _as_expression(pattern: str) -> str:
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    return "".join({"*": ".*", "?": "."}.get(part) or re.escape(part[-1]) for part in parts)


def _refused(reason: str) -> ElvisError:
    return ElvisError(unknowns.BAD_QUERY_CODE, "QueryParseException", f"Can't evaluate the query: {reason}")
