# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a search looks into: for each field, the terms that its values are found by, and who has them.

A field is indexed when a query names it for the first time; from then on each change is carried over at the next
search. That keeps writing fast, and lets the index lag behind, as that of a real server does.
"""

from __future__ import annotations

import itertools
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from heapq import heappop, heappush

from elvis_emulator.unkind.fates import Fates

from .asset import Asset, Document, Folder
from .query import Query
from .sorting import in_order
from .terms import Term, terms_of

Terms = dict[Term, set[str]]
Source = Asset | Folder
Delay = Callable[[str], float]
"""Returns, for a path, the seconds until a search finds what was written there."""

CACHED_RESULTS = 32


class Index:
    """The documents by id, and the terms of the fields that were searched so far."""

    def __init__(self, delay: Delay | None = None) -> None:
        self._delay = delay
        # When each document is as it was put last.
        self._due: dict[str, float] = {}
        self._count = itertools.count()
        self._documents: dict[str, Document] = {}
        self._terms: dict[str, Terms] = {}
        self._waiting: list[tuple[float, int, str, Source | Document | None]] = []
        self._results: OrderedDict[tuple[str, str], list[Document]] = OrderedDict()

    def put(self, source: Source) -> None:
        """Take an asset or a folder in, or what has become of it."""
        # The document is made when it is needed; one that has to wait must be made now.
        self._wait(source, source.document if self._delay else source)

    def put_document(self, document: Document) -> None:
        """Take a document in at once."""
        self._apply(document.id, document)

    def drop(self, source: Source) -> None:
        self._wait(source, None)

    def search(self, query: Query, sort: str) -> list[Document]:
        """Return what a query finds, in order. The caller must not change the list."""
        self._catch_up()
        key = query.text, sort
        found = None if query.depends_on_time else self._results.get(key)
        if found is None:
            documents = self._documents
            found = in_order([documents[found_id] for found_id in query.find(self)], sort)
            self._results[key] = found
            if len(self._results) > CACHED_RESULTS:
                self._results.popitem(last=False)
        return found

    # What a query asks

    def every_id(self) -> set[str]:
        return set(self._documents)

    def document(self, document_id: str) -> Document:
        return self._documents[document_id]

    def terms(self, field: str) -> Terms:
        """Return the terms of a field, each with the ids of its documents; not to be changed."""
        terms = self._terms.get(field)
        if terms is None:
            terms = self._terms[field] = {}
            for document in self._documents.values():
                _insert(terms, field, document)
        return terms

    # Keeping up

    def _wait(self, source: Source, what: Source | Document | None) -> None:
        due = 0.0
        if self._delay:
            # Of one document, what came first is seen first.
            due = max(time.monotonic() + self._delay(source.path), self._due.get(source.id, due))
            self._due[source.id] = due
        heappush(self._waiting, (due, next(self._count), source.id, what))

    def _catch_up(self) -> None:
        now = time.monotonic()
        while self._waiting and self._waiting[0][0] <= now:
            _due, _number, document_id, what = heappop(self._waiting)
            self._apply(document_id, what if what is None or isinstance(what, Document) else what.document)

    def _apply(self, document_id: str, new: Document | None) -> None:
        old = self._documents.get(document_id)
        if old is new:
            return
        self._results.clear()
        for field, terms in self._terms.items():
            if old and new and field and old.metadata.get(field) == new.metadata.get(field):
                continue
            if old:
                _take_out(terms, field, old)
            if new:
                _insert(terms, field, new)
        if new:
            self._documents[document_id] = new
        else:
            self._documents.pop(document_id, None)


class Indexes:
    """The index of each node. A change is seen by one after the other."""

    def __init__(self, nodes: int, delay: tuple[float, float], fates: Fates) -> None:
        self._delay = delay
        self._fates = fates
        self._indexes = [Index(partial(self._delay_of, node) if delay[1] else None) for node in range(nodes)]

    def of(self, node: int) -> Index:
        return self._indexes[node]

    def put(self, source: Source) -> None:
        for index in self._indexes:
            index.put(source)

    def drop(self, source: Source) -> None:
        for index in self._indexes:
            index.drop(source)

    def _delay_of(self, node: int, path: str) -> float:
        least, most = self._delay
        if least == most:
            return least
        return least + (most - least) * self._fates.chance(f"delay of node {node}", path)


def _insert(terms: Terms, field: str, document: Document) -> None:
    for term in terms_of(field, document):
        ids = terms.get(term)
        if ids is None:
            terms[term] = {document.id}
        else:
            ids.add(document.id)


def _take_out(terms: Terms, field: str, document: Document) -> None:
    for term in terms_of(field, document):
        ids = terms.get(term)
        if ids:
            ids.discard(document.id)
            if not ids:
                del terms[term]
