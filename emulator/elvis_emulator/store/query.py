# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search language, which is Lucene's: luqum parses it, an index has the answers.

Every part of a query becomes a function from the index to the ids of what it finds. What can't be parsed or is not
modelled (distances between words) is refused, never ignored.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial, reduce
from typing import TYPE_CHECKING

from luqum import tree
from luqum.exceptions import ParseError
from luqum.parser import lexer, parser

from elvis_emulator import unknowns
from elvis_emulator.web.errors import ElvisError

from .terms import ALL_FIELDS, between, having, is_date, like, matching

if TYPE_CHECKING:
    from .index import Index

Find = Callable[["Index"], set[str]]

MAX_DEPTH = 50

# What Lucene reads otherwise than luqum, outside quotes and when not escaped.
_LUCENE_ONLY = re.compile(r'"(?:[^"\\]|\\.)*"|\\.|/|&&|\|\||!(?=[^\s=])', re.DOTALL)
_AS_LUQUM = {"/": "\\/", "&&": " AND ", "||": " OR ", "!": " NOT "}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_WILDCARD = re.compile(r"(?:[^\\*?]|\\.)*[*?]", re.DOTALL)


@dataclass(frozen=True)
class Query:
    """A query that is understood; `find` returns the ids of what it finds in an index, not to be changed."""

    text: str
    find: Find
    depends_on_time: bool


@lru_cache(maxsize=512)
def parse_query(text: str) -> Query:
    """Understand a query, or refuse it."""
    if len(text) > unknowns.MAX_QUERY_LENGTH:
        raise refused(f"longer than {unknowns.MAX_QUERY_LENGTH} characters")
    if not text.strip():
        raise refused("it is empty")
    try:
        root = parser.parse(_LUCENE_ONLY.sub(lambda match: _AS_LUQUM.get(match[0], match[0]), text), lexer=lexer)
    except ParseError as problem:
        raise refused(str(problem)[:200]) from problem
    compiler = _Compiler()
    return Query(text, compiler.compile(root, ALL_FIELDS), compiler.depends_on_time)


def refused(reason: str) -> ElvisError:
    return ElvisError(unknowns.BAD_QUERY_CODE, "QueryParseException", f"Can't parse the query: {reason}")


class _Compiler:
    """Turns luqum's tree into a function."""

    def __init__(self) -> None:
        self.depends_on_time = False
        self._depth = 0
        self._clauses = 0

    def compile(self, node: tree.Item, field: str) -> Find:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise refused("nested too deeply")
        find = self._compile(node, field)
        self._depth -= 1
        return find

    def _compile(self, node: tree.Item, field: str) -> Find:
        match node:
            case tree.SearchField():
                return self._field(node)
            case tree.OrOperation():
                return _any_of([self.compile(child, field) for child in node.children])
            case tree.AndOperation() | tree.UnknownOperation():
                return self._all_of(node.children, field)
            case tree.Not() | tree.Prohibit():
                return self._all_of([node], field)
            case tree.Group() | tree.FieldGroup() | tree.Plus() | tree.Boost():
                # A boost says what comes first; hits are sorted by fields here.
                return self.compile(node.children[0], field)
        return self._clause(node, field)

    def _field(self, node: tree.SearchField) -> Find:
        field = ALL_FIELDS if node.name == "*" else node.name
        inner, dashes = node.expr, ""
        while isinstance(inner, tree.Prohibit):
            inner, dashes = inner.a, dashes + "-"
        if dashes:
            # An id may begin with dashes, a number be below zero; nothing else can be told apart from a mistake.
            if not isinstance(inner, tree.Word):
                raise refused("a minus after a colon")
            inner = tree.Word(dashes + inner.value)
        return self.compile(inner, field)

    def _all_of(self, nodes: list[tree.Item], field: str) -> Find:
        wanted, unwanted = [], []
        for node in nodes:
            if isinstance(node, (tree.Not, tree.Prohibit)):
                unwanted.append(self.compile(node.children[0], field))
            else:
                wanted.append(self.compile(node, field))
        if len(wanted) == 1 and not unwanted:
            return wanted[0]
        return partial(all_but, wanted, unwanted)

    def _clause(self, node: tree.Item, field: str) -> Find:
        self._clauses += 1
        if self._clauses > unknowns.MAX_QUERY_CLAUSES:
            raise refused(f"more than {unknowns.MAX_QUERY_CLAUSES} clauses")
        match node:
            case tree.Word() if _has_wildcard(node.value):
                return matching(field, node.value)
            case tree.Word() | tree.Phrase():
                self._note_time(field, node)
                return having(field, _text(node))
            case tree.Range():
                self._note_time(field, node.low, node.high)
                low, high = _bound(node.low), _bound(node.high)
                return between(field, low, high, node.include_low, node.include_high)
            case tree.Fuzzy():
                return like(field, _unescaped(node.term.value), float(node.degree))
            case tree.From():
                self._note_time(field, node.a)
                return between(field, _bound(node.a), None, node.include, True)
            case tree.To():
                self._note_time(field, node.a)
                return between(field, None, _bound(node.a), True, node.include)
        raise refused(f"{type(node).__name__.lower()} queries are not modelled")

    def _note_time(self, field: str, *nodes: tree.Item) -> None:
        if is_date(field) and any("NOW" in str(node) for node in nodes):
            self.depends_on_time = True


def _any_of(finds: list[Find]) -> Find:
    return lambda index: set().union(*(find(index) for find in finds))


def all_but(wanted: list[Find], unwanted: list[Find], index: Index) -> set[str]:
    """Return what all of the wanted find and none of the unwanted; without a wanted one, all but these."""
    found = sorted((find(index) for find in wanted), key=len) if wanted else [index.every_id()]
    kept = reduce(operator.and_, found)
    for find in unwanted:
        kept = kept - find(index)
    return kept


def _bound(node: tree.Item) -> str | None:
    """Return what limits a range; None where it is open."""
    if isinstance(node, tree.Prohibit):
        return f"-{_bound(node.a)}"
    return None if node.value == "*" else _text(node)


def _text(node: tree.Item) -> str:
    """Return what a word or a phrase says."""
    return _unescaped(node.value[1:-1] if isinstance(node, tree.Phrase) else node.value)


def _has_wildcard(text: str) -> bool:
    return bool(_WILDCARD.match(text))


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text
