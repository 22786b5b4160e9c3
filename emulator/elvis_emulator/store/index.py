# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a search looks into: for each field, the terms that its values are found by, and who has them.

A field is indexed when a query names it for the first time; from then on each change is carried over at the next
search. That keeps writing fast, and lets the index lag behind, as that of a real server does.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque

from elvis_emulator.unkind.fates import Fates

from .asset import Asset, Folder
from .document import Document
from .query import Query
from .sorting import in_order
from .terms import Terms, terms_of

Source = Asset | Folder

CACHED_RESULTS = 32


class Index:
    """The documents by id, and the terms of the fields that were searched so far."""

    def __init__(self, delay: float = 0) -> None:
        self._delay = delay
        self._documents: dict[str, Document] = {}
        self._terms: dict[str, Terms] = {}
        self._waiting: deque[tuple[float, str, Source | Document | None]] = deque()
        self._results: OrderedDict[tuple[str, str], list[Document]] = OrderedDict()

    def put(self, source: Source) -> None:
        """Take an asset or a folder in, or what has become of it."""
        # The document is made when it is needed; one that has to wait must be made now.
        self._wait(source.id, source.document if self._delay else source)

    def put_document(self, document: Document) -> None:
        """Take a document in at once."""
        self._apply(document.id, document)

    def drop(self, source: Source) -> None:
        self._wait(source.id, None)

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
            terms = self._terms[field] = Terms()
            for document in self._documents.values():
                _insert(terms, field, document)
        return terms

    # Keeping up

    def _wait(self, document_id: str, what: Source | Document | None) -> None:
        due = time.monotonic() + self._delay if self._delay else 0.0
        self._waiting.append((due, document_id, what))

    def _catch_up(self) -> None:
        now = time.monotonic()
        while self._waiting and self._waiting[0][0] <= now:
            _due, document_id, what = self._waiting.popleft()
            self._apply(document_id, what.document if isinstance(what, (Asset, Folder)) else what)

    def _apply(self, document_id: str, new: Document | None) -> None:
        old = self._documents.get(document_id)
        if old is new:
            return
        self._results.clear()
        for field, terms in self._terms.items():
            if old and new and field and old.value(field) == new.value(field):
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
    """The index of each node.

    :param delay: the least and the most seconds by which one lags; which of them is left to the fates
    """

    def __init__(self, nodes: int, delay: tuple[float, float], fates: Fates) -> None:
        least, most = delay
        chances = (fates.chance("index delay", f"node {node}") for node in range(nodes))
        self.delays = [least + (most - least) * chance for chance in chances]
        self._indexes = [Index(delay) for delay in self.delays]

    def of(self, node: int) -> Index:
        return self._indexes[node]

    def put(self, source: Source) -> None:
        for index in self._indexes:
            index.put(source)

    def drop(self, source: Source) -> None:
        for index in self._indexes:
            index.drop(source)


def _insert(terms: Terms, field: str, document: Document) -> None:
    for term in terms_of(field, document):
        terms.add(term, document.id)


def _take_out(terms: Terms, field: str, document: Document) -> None:
    for term in terms_of(field, document):
        terms.discard(term, document.id)
