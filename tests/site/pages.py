# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in the files of the site."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / ".cache/docs/site"
PAGES = {str(path.relative_to(SITE)): path for path in sorted(SITE.rglob("*.html"))}
# A page that has moved leads to where it is now, before anybody can read it.
FOR_READERS = [name for name, path in PAGES.items() if 'http-equiv="refresh"' not in path.read_text(encoding="utf-8")]


class Parts(HTMLParser):
    """The links of a page, and the anchors that links can lead to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.anchors.add(value)
            elif value and (name == "src" or (name == "href" and tag in {"a", "link"})):
                self.links.append(value)


def parts() -> dict[str, Parts]:
    return {name: Parts(path.read_text(encoding="utf-8")) for name, path in PAGES.items()}
